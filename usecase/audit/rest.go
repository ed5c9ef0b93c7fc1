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

// applied compares the ends of the topics with how far their readers have come
// (I17). The seat owner notes commands without a record once a second: how far
// it has come is asked of it only while it runs.
func (a *auditor) applied(ctx context.Context, id domain.EventID) error {
	readers := []reader{{message.BookingService, a.BookingInputs.NextOffsets}, {message.EventTicketing, a.TicketInputs.NextOffsets}}
	if len(a.Maps) > 0 {
		for _, store := range a.Seats {
			readers = append(readers, reader{message.SeatReservation, seatPositions(store, id)})
		}
	}
	for _, r := range readers {
		next, err := r.next(ctx)
		if err != nil {
			return err
		}
		for _, action := range message.Inbound(r.service) {
			topicID, ends, err := a.Logs.Ends(ctx, id, action)
			if err != nil {
				return err
			}
			for p, end := range ends {
				if at := next[port.InputPlace{TopicID: topicID, Partition: p}]; at != end {
					a.report.violate("I17", "%s of event %d partition %d ends at %d, %s is at %d", action.Flow().Message, id, p, end, r.service, at)
				}
			}
		}
	}
	return nil
}

// reader is a service with how far it has come.
type reader struct {
	service message.Service
	next    func(context.Context) (map[port.InputPlace]int64, error)
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
