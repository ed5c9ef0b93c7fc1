package audit

import (
	"context"

	"github.com/onsale-tickets/onsale/domain"
	"github.com/onsale-tickets/onsale/domain/message"
	"github.com/onsale-tickets/onsale/port"
)

// reading is how far a topic has been read.
type reading struct {
	next, ends map[domain.Partition]int64
}

// waiting reports whether there is more to read.
func (r reading) waiting(p domain.Partition) bool { return r.next[p] < r.ends[p] }

// applied compares the ends of the topics with how far their readers have come
// (I17). The seat owner records once a second that it has read commands which
// need no record of their own. While it runs, RocksDB of each server must have
// that position. If it is stopped, the journal's position counts.
func (a *auditor) applied(ctx context.Context, h *history) (map[message.Action]reading, error) {
	id := h.event.ID
	readers := []reader{{message.BookingService, a.BookingInputs.NextOffsets}, {message.EventTicketing, a.TicketInputs.NextOffsets}}
	if a.running() {
		for _, store := range a.Seats {
			readers = append(readers, reader{message.SeatReservation, seatPositions(store, id)})
		}
	} else {
		readers = append(readers, reader{message.SeatReservation, func(context.Context) (map[port.InputPlace]int64, error) { return h.positions(), nil }})
	}
	read := map[message.Action]reading{}
	for _, r := range readers {
		next, err := r.next(ctx)
		if err != nil {
			return nil, err
		}
		for _, action := range message.Inbound(r.service) {
			topicID, ends, err := a.logsOf(h.event).Ends(ctx, id, action)
			if err != nil {
				return nil, err
			}
			read[action] = reading{map[domain.Partition]int64{}, ends}
			for p, end := range ends {
				at := next[port.InputPlace{TopicID: topicID, Partition: p}]
				read[action].next[p] = at
				if at == end || a.spareAll("I17", at < end, int(end-at)) {
					continue
				}
				a.report.violate("I17", "%s of event %d partition %d ends at %d, %s is at %d", action.Flow().Message, id, p, end, r.service, at)
			}
		}
	}
	return read, nil
}

// reader is a service, and next returns how far it has come.
type reader struct {
	service message.Service
	next    func(context.Context) (map[port.InputPlace]int64, error)
}

// positions are the next offsets of the seat owner's commands as the journal has
// them.
func (h *history) positions() map[port.InputPlace]int64 {
	next := map[port.InputPlace]int64{}
	for p, s := range h.fold.states {
		for _, position := range s.Positions {
			next[port.InputPlace{TopicID: position.TopicID, Partition: domain.Partition(p)}] = position.Next
		}
	}
	return next
}

// seatPositions are the next offsets as RocksDB has them.
func seatPositions(store port.StoredSeats, id domain.EventID) func(context.Context) (map[port.InputPlace]int64, error) {
	return func(context.Context) (map[port.InputPlace]int64, error) {
		next := map[port.InputPlace]int64{}
		for p := range domain.Partition(domain.Partitions) {
			snapshot, found, err := store.Load(id, p)
			if err != nil {
				return nil, err
			}
			if !found {
				continue
			}
			for _, position := range snapshot.Positions {
				next[port.InputPlace{TopicID: position.TopicID, Partition: p}] = position.Next
			}
		}
		return next, nil
	}
}
