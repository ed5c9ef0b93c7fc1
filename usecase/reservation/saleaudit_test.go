package reservation_test

import (
	"context"
	"crypto/sha256"
	"encoding/json"
	"fmt"

	"github.com/onsale-tickets/onsale/domain"
	"github.com/onsale-tickets/onsale/domain/journal"
	"github.com/onsale-tickets/onsale/domain/message"
	"github.com/onsale-tickets/onsale/domain/seating"
	"github.com/onsale-tickets/onsale/port"
	"github.com/onsale-tickets/onsale/usecase/audit"
)

// audited is what onsale verify says of the end.
func (s *sale) audited() (audit.Report, error) {
	letters := 0
	for _, in := range s.inputs() {
		for _, d := range s.topics.read(in) {
			if d.Poison != nil {
				letters++
			}
		}
	}
	return audit.Audit(s.ctx, audit.Sources{Catalogue: s.catalogue, Logs: s, Seats: []port.StoredSeats{s.servers[0].store, s.servers[1].store},
		Bookings: s.bookings, Tickets: s.tickets, Charges: s.gateway, BookingInputs: s.bookings, TicketInputs: s.tickets,
		Maps:      []func(context.Context, domain.EventID) (map[domain.SeatID]string, error){s.live},
		Processes: []port.Process{{Name: "all of them"}}, DeadLetters: letters, Now: s.now}, func(int, int) {})
}

// inputs are all partitions of all topics.
func (s *sale) inputs() (all []port.Input) {
	for event := range domain.EventID(hallEvents) {
		for a := range message.Actions {
			for p := range domain.Partition(hallSections) {
				all = append(all, inputOf(1+event, a, p))
			}
		}
	}
	return all
}

// live is the map as an owner has it.
func (s *sale) live(ctx context.Context, event domain.EventID) (map[domain.SeatID]string, error) {
	var names []string
	for i := range hallSections {
		names = append(names, sectionName(i))
	}
	snapshot, err := s.servers[s.owner].MapSnapshot(ctx, event, names)
	if err != nil {
		return nil, err
	}
	shown := map[domain.SeatID]string{}
	for _, section := range snapshot.Sections {
		for i, status := range section.Statuses {
			if status != seating.Available {
				shown[section.Plan.Seat(seating.Index(i))] = status.String()
			}
		}
	}
	return shown, nil
}

// The logs, as the audit reads them.
var _ port.Logs = (*sale)(nil)

func (s *sale) Journal(ctx context.Context, event domain.EventID, fn func(domain.Partition, journal.Entry)) error {
	for p := range domain.Partition(hallSections) {
		if err := s.journal.Range(ctx, event, p, 0, s.journal.End(event, p), func(e journal.Entry) { fn(p, e) }); err != nil {
			return err
		}
	}
	return nil
}

func (s *sale) Ends(_ context.Context, event domain.EventID, a message.Action) (string, map[domain.Partition]int64, error) {
	ends := map[domain.Partition]int64{}
	for p := range domain.Partition(hallSections) {
		if end := s.topics.end(inputOf(event, a, p)); end > 0 {
			ends[p] = end
		}
	}
	return inputOf(event, a, 0).TopicID, ends, nil
}

func (s *sale) Messages(_ context.Context, event domain.EventID, a message.Action, fn func(port.Delivery)) error {
	for p := range domain.Partition(hallSections) {
		for _, d := range s.topics.read(inputOf(event, a, p)) {
			fn(d)
		}
	}
	return nil
}

// DeadLetters counts letters about one record once.
func (s *sale) DeadLetters(context.Context) (int, error) {
	once := map[string]bool{}
	for _, l := range s.letters.Buried() {
		once[fmt.Sprint(l.Input.TopicID, l.Input.Partition, " ", l.Offset)] = true
	}
	return len(once), nil
}

// trace is what happened, in a few bytes. The numbers of claims are left out: two
// events that are loaded at the same instant may get them in either order.
func (s *sale) trace() string {
	sum := sha256.New()
	for event := range domain.EventID(hallEvents) {
		_ = s.Journal(s.ctx, 1+event, func(p domain.Partition, e journal.Entry) {
			e.Record.Nonce = 0
			record, _ := json.Marshal(e.Record)
			fmt.Fprintf(sum, "%d %d %s\n", p, e.Offset, record)
		})
	}
	for _, in := range s.inputs() {
		for _, d := range s.topics.read(in) {
			fmt.Fprintln(sum, in.TopicID, in.Partition, d.Offset, d.Envelope.ID, d.Envelope.Body)
		}
	}
	return fmt.Sprintf("%x", sum.Sum(nil))
}

// found are the violations of a run: of the audit, of what buyers were told, and of
// the meters.
func (s *sale) found() (found []string) {
	report, err := s.audited()
	if err != nil {
		return []string{err.Error()}
	}
	for _, v := range report.Violations {
		found = append(found, v.Invariant+" "+v.Detail)
	}
	found = append(found, s.promises.broken(s.bookings)...)
	for _, n := range s.servers {
		if n.meter.OversoldSeats > 0 {
			found = append(found, fmt.Sprintf("%s saw %d seats given away twice", n.name, n.meter.OversoldSeats))
		}
	}
	return found
}
