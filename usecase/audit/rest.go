package audit

import (
	"context"
	"fmt"

	"github.com/onsale-tickets/onsale/domain"
	"github.com/onsale-tickets/onsale/domain/message"
	"github.com/onsale-tickets/onsale/port"
)

// keys counts what idempotency must prevent (I12).
func (a *auditor) keys(ctx context.Context) error {
	n, err := a.Bookings.KeysUsedTwice(ctx)
	if err != nil {
		return fmt.Errorf("idempotency keys: %w", err)
	}
	if n > 0 {
		a.report.violate("I12", "%d idempotency keys have more than one booking", n)
	}
	return nil
}

// What a process may hold at rest: for itself, for each event (followers and
// memberships) and for each open stream. A leak for each booking is far beyond
// it after some hundred bookings.
const (
	baseHeld   = 400
	eventHeld  = 40
	streamHeld = 6
)

// processes looks for what is held and not needed (I16).
func (a *auditor) processes(events int) {
	for _, p := range a.Processes {
		most := baseHeld + eventHeld*events + streamHeld*p.OpenStreams
		if p.Goroutines > most || p.Files > most {
			a.report.violate("I16", "%s holds %d goroutines and %d files, with %d events and %d open streams", p.Name, p.Goroutines, p.Files, events, p.OpenStreams)
		}
	}
}

// reading is how far a topic has been read.
type reading struct {
	next, ends map[domain.Partition]int64
}

// waiting tells whether there is more to read.
func (r reading) waiting(p domain.Partition) bool { return r.next[p] < r.ends[p] }

// applied compares the ends of the topics with how far their readers have come
// (I17). The seat owner notes commands without a record once a second: while it
// runs each server's RocksDB is asked, and the journal for one that is stopped.
func (a *auditor) applied(ctx context.Context, id domain.EventID, h *history) (map[message.Action]reading, error) {
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
			topicID, ends, err := a.Logs.Ends(ctx, id, action)
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

// reader is a service with how far it has come.
type reader struct {
	service message.Service
	next    func(context.Context) (map[port.InputPlace]int64, error)
}

// positions are those that the journal has.
func (h *history) positions() map[port.InputPlace]int64 {
	next := map[port.InputPlace]int64{}
	for p, s := range h.states {
		for _, position := range s.Positions {
			next[port.InputPlace{TopicID: position.TopicID, Partition: domain.Partition(p)}] = position.Next
		}
	}
	return next
}

// seatPositions are those of a RocksDB.
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
