package audit

import (
	"context"

	"github.com/onsale-tickets/onsale/domain"
	"github.com/onsale-tickets/onsale/domain/journal"
	"github.com/onsale-tickets/onsale/domain/seating"
	"github.com/onsale-tickets/onsale/domain/ticketing"
	"github.com/onsale-tickets/onsale/port"
)

// states are those of the partitions of an event.
type states [domain.Partitions]*journal.State

func (all states) seat(seat domain.SeatID) (held, bool) {
	for _, s := range all {
		if section, ok := s.Section(seat.Section); ok {
			i, ok := section.Map.Plan().Index(seat)
			if !ok {
				return held{}, false
			}
			return heldBy(section.Map.Seat(i)), true
		}
	}
	return held{}, false
}

// stored compares the RocksDB of a server with the journal (I2). One that is
// stopped may lag: it is compared with the journal as far as it had read it.
func (a *auditor) stored(ctx context.Context, event ticketing.CatalogueEvent, h *history, server int, store port.StoredSeats) error {
	kept, read := map[domain.SeatID]held{}, [domain.Partitions]int64{}
	for p := range domain.Partition(domain.Partitions) {
		snapshot, found, err := store.Load(event.ID, p)
		if err != nil {
			return err
		}
		if !found {
			continue
		}
		read[p] = snapshot.Fold.Next
		if end := h.folds[p].Next; read[p] > end {
			a.report.violate("I2", "event %d partition %d: the journal ends at %d, RocksDB of server %d is at %d", event.ID, p, end, server, read[p])
		}
		if snapshot.JournalTopicID != event.JournalTopicID {
			a.report.violate("I2", "event %d partition %d: RocksDB of server %d is of journal %s, the catalogue has %s", event.ID, p, server, snapshot.JournalTopicID, event.JournalTopicID)
		}
		for _, s := range snapshot.Sections {
			if plan := h.plans[s.Layout.Name]; plan == nil || plan.SeatCount() != s.Layout.SeatCount() {
				a.report.violate("I2", "event %d section %s: RocksDB of server %d has a layout that the journal has not", event.ID, s.Layout.Name, server)
			}
		}
		for _, s := range snapshot.Seats {
			if plan := h.plans[s.Section]; plan != nil {
				kept[plan.Seat(s.Index)] = heldBy(s.Seat)
			}
		}
	}
	then, err := a.foldedTo(ctx, event.ID, h, &read)
	if err != nil {
		return err
	}
	for _, plan := range h.plans {
		for i := range plan.SeatCount() {
			seat := plan.Seat(seating.Index(i))
			folded, ok := then.seat(seat)
			if !ok {
				break // it was not initialised by then
			}
			is, ok := kept[seat]
			if !ok {
				is = held{status: "available"}
			}
			if folded != is {
				a.report.violate("I2", "event %d seat %s: journal %+v, RocksDB of server %d %+v", event.ID, seat, folded, server, is)
			}
		}
	}
	for id, d := range h.decisions {
		if d.offset >= read[d.partition] {
			continue
		}
		o, found, err := store.Outcome(event.ID, id)
		if err != nil {
			return err
		}
		if !found || o.Offset != d.offset {
			a.report.violate("I2", "booking %s was decided at %d:%d, RocksDB of server %d has %d (found %v)", id, d.partition, d.offset, server, o.Offset, found)
		}
	}
	return nil
}

// foldedTo is the journal folded as far as a store has read it. What runs is
// waited for, and has read all of it.
func (a *auditor) foldedTo(ctx context.Context, id domain.EventID, h *history, read *[domain.Partitions]int64) (states, error) {
	lags := false
	for p := range read {
		if a.running() {
			read[p] = h.folds[p].Next
		}
		lags = lags || read[p] < h.folds[p].Next
	}
	if !lags {
		return h.states, nil
	}
	var then states
	var folds [domain.Partitions]journal.Fold
	for p := range then {
		then[p] = journal.NewState()
	}
	return then, a.Logs.Journal(ctx, id, func(p domain.Partition, e journal.Entry) {
		if e.Offset < read[p] && folds[p].Accept(e) {
			then[p].Apply(&e.Record, e.Offset)
		}
	})
}
