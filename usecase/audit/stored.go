package audit

import (
	"context"
	"fmt"
	"maps"
	"reflect"
	"slices"

	"github.com/onsale-tickets/onsale/domain"
	"github.com/onsale-tickets/onsale/domain/journal"
	"github.com/onsale-tickets/onsale/domain/seating"
	"github.com/onsale-tickets/onsale/port"
)

// stored compares the RocksDB of a server with the journal (I2). The RocksDB of
// a stopped server may lag behind. It is compared with the journal up to the
// offset that it had read.
func (a *auditor) stored(ctx context.Context, h *history, server int, store port.StoredSeats) error {
	var read [domain.Partitions]int64 // up to where RocksDB must agree
	var next [domain.Partitions]int64 // up to where RocksDB has read
	var snapshots [domain.Partitions]*port.SeatSnapshot
	for p := range domain.Partition(domain.Partitions) {
		snapshot, found, err := store.Load(h.event.ID, p)
		if err != nil {
			return err
		}
		if found {
			snapshots[p], next[p] = &snapshot, snapshot.Fold.Next
		}
		if read[p] = next[p]; a.running() {
			read[p] = h.fold.folds[p].Next // it is waited for
		}
	}
	then, err := a.foldedTo(ctx, h, read)
	if err != nil {
		return err
	}
	for p, snapshot := range snapshots {
		of := storedPartition{a, h, domain.Partition(p), server}
		if snapshot == nil {
			snapshot = &port.SeatSnapshot{}
		} else {
			of.progress(snapshot, then)
		}
		of.seats(snapshot, then.states[p])
	}
	return a.outcomes(h, server, store, read, next)
}

// foldedTo is the journal folded as far as a store has read it.
func (a *auditor) foldedTo(ctx context.Context, h *history, read [domain.Partitions]int64) (folded, error) {
	lags := false
	for p := range read {
		lags = lags || read[p] < h.fold.folds[p].Next
	}
	if !lags {
		return h.fold, nil
	}
	then := newFolded()
	return then, a.logsOf(h.event).Journal(ctx, h.event.ID, func(p domain.Partition, e journal.Entry) {
		if e.Offset < read[p] && then.accept(p, e) {
			then.apply(p, e)
		}
	})
}

// storedPartition is a partition in the RocksDB of a server.
type storedPartition struct {
	*auditor
	h         *history
	partition domain.Partition
	server    int
}

func (s storedPartition) violate(format string, args ...any) {
	s.report.violate("I2", "event %d partition %d, RocksDB of server %d: "+format, append([]any{s.h.event.ID, s.partition, s.server}, args...)...)
}

// progress compares how far the store is and what it must know to go on.
func (s storedPartition) progress(is *port.SeatSnapshot, then folded) {
	if is.JournalTopicID != s.h.event.JournalTopicID {
		s.violate("it is of journal %s, the catalogue has %s", is.JournalTopicID, s.h.event.JournalTopicID)
	}
	p := s.partition
	if end := s.h.fold.folds[p].Next; is.Fold.Next > end {
		s.violate("it has read to %d, the journal ends at %d", is.Fold.Next, end)
		return
	}
	var diff differences
	same(&diff, "fold", is.Fold, then.folds[p])
	same(&diff, "last record", is.LastRecord, then.last[p])
	same(&diff, "emission mark", is.Emitted, then.states[p].Emitted)
	if !maps.Equal(is.Positions, then.states[p].Positions) {
		diff = append(diff, fmt.Sprintf("positions %v, not %v", is.Positions, then.states[p].Positions))
	}
	if len(diff) > 0 {
		s.violate("it differs from the journal: %s", diff)
	}
}

// seats compares layouts, and every seat with all that is known about it.
func (s storedPartition) seats(is *port.SeatSnapshot, then *journal.State) {
	kept := map[string][]seating.Seat{}
	for _, section := range then.Sections() {
		plan := section.Map.Plan()
		kept[plan.Section()] = make([]seating.Seat, plan.SeatCount())
		i := slices.IndexFunc(is.Sections, func(has port.StoredSection) bool { return has.Layout.Name == plan.Section() })
		switch {
		case i < 0:
			s.violate("it does not have section %s", plan.Section())
		case !reflect.DeepEqual(is.Sections[i].Layout, plan.Layout()):
			s.violate("section %s has another layout than in the journal", plan.Section())
		case is.Sections[i].HoldBase != section.HoldBase:
			s.violate("section %s has hold base %d, not %d", plan.Section(), is.Sections[i].HoldBase, section.HoldBase)
		}
	}
	for _, section := range is.Sections {
		if kept[section.Layout.Name] == nil {
			s.violate("it has section %s, the journal does not", section.Layout.Name)
		}
	}
	for _, row := range is.Seats {
		seats := kept[row.Section]
		switch {
		case seats == nil:
			s.violate("it has a seat of section %s, the journal does not", row.Section)
		case row.Index < 0 || int(row.Index) >= len(seats):
			s.violate("it has section %s seat %d, the section has %d seats", row.Section, row.Index, len(seats))
		default:
			seats[row.Index] = row.Seat
		}
	}
	for _, section := range then.Sections() {
		plan := section.Map.Plan()
		for i, seat := range kept[plan.Section()] {
			if folded := section.Map.Seat(seating.Index(i)); seat != folded {
				s.violate("seat %s is %s, the journal says %s", plan.Seat(seating.Index(i)), inFull(seat), inFull(folded))
			}
		}
	}
}

func inFull(s seating.Seat) string {
	return fmt.Sprintf("%s, booking %s, buyer %d, hold %d, since %d", s.Status, s.Booking, s.Buyer, s.Hold, s.At)
}

// outcomes compares what the store knows about bookings with the decisions in the
// journal: none is missing, none differs, none is beyond what the store has read.
func (a *auditor) outcomes(h *history, server int, store port.StoredSeats, read, next [domain.Partitions]int64) error {
	seen := make(map[domain.BookingID]bool, len(h.decisions))
	err := store.Outcomes(h.event.ID, func(p domain.Partition, o port.Outcome) {
		seen[o.BookingID] = true
		d, decided := h.decisions[o.BookingID]
		if int(p) >= len(next) || o.Offset >= next[p] {
			a.report.violate("I2", "booking %s has an outcome at %d:%d, beyond what RocksDB of server %d has read", o.BookingID, p, o.Offset, server)
			return
		}
		if !decided {
			a.report.violate("I2", "booking %s has an outcome at %d:%d in RocksDB of server %d and was never decided", o.BookingID, p, o.Offset, server)
			return
		}
		var diff differences
		same(&diff, "partition", p, d.partition)
		same(&diff, "offset", o.Offset, d.offset)
		same(&diff, "section", o.Section, d.section)
		same(&diff, "buyer", o.BuyerID, d.buyer)
		same(&diff, "hold", o.Hold, d.hold)
		same(&diff, "price", o.UnitPrice, d.price)
		same(&diff, "reason", o.Reason, d.reason)
		same(&diff, "time", o.At, d.at)
		if plan := h.plans[o.Section]; len(o.Seats) > 0 && (plan == nil || !sameSeats(plan, o.Seats, d.seats)) || len(o.Seats) != len(d.seats) {
			diff = append(diff, fmt.Sprintf("seats %v, not %v", o.Seats, d.seats))
		}
		if len(diff) > 0 {
			a.report.violate("I2", "the outcome of booking %s in RocksDB of server %d differs from the journal: %s", o.BookingID, server, diff)
		}
	})
	if err != nil {
		return err
	}
	for id, d := range h.decisions {
		if d.offset < read[d.partition] && !seen[id] {
			a.report.violate("I2", "booking %s was decided at %d:%d, RocksDB of server %d does not know it", id, d.partition, d.offset, server)
		}
	}
	return nil
}

func sameSeats(plan *seating.Plan, at []seating.Index, seats []domain.SeatID) bool {
	return slices.EqualFunc(at, seats, func(i seating.Index, s domain.SeatID) bool {
		return i >= 0 && int(i) < plan.SeatCount() && plan.Seat(i) == s
	})
}
