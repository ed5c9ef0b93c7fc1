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

// audited returns the report of onsale verify at the end.
func (s *sale) audited() (audit.Report, error) {
	letters := 0
	for _, d := range s.topics.read(message.TicketReserving, 0) {
		if d.Poison != nil {
			letters++
		}
	}
	return audit.Audit(s.ctx, audit.Sources{Catalogue: s.catalogue, Logs: s, Seats: []port.StoredSeats{s.servers[0].store, s.servers[1].store},
		Bookings: s.bookings, Tickets: s.tickets, Charges: s.gateway, BookingInputs: s.bookings, TicketInputs: s.tickets,
		Maps:      []func(context.Context, domain.EventID) (map[domain.SeatID]string, error){s.live},
		Processes: []port.Process{{Name: "all of them"}}, DeadLetters: letters, Now: s.now}, func(int, int) {})
}

// live returns the map of the first seat owner.
func (s *sale) live(ctx context.Context, event domain.EventID) (map[domain.SeatID]string, error) {
	snapshot, err := s.servers[0].MapSnapshot(ctx, event, []string{"A", "B"})
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

// sale is the logs that the audit reads.
var _ port.Logs = (*sale)(nil)

func (s *sale) Journal(ctx context.Context, event domain.EventID, fn func(domain.Partition, journal.Entry)) error {
	for p := range domain.Partition(hallSections) {
		if err := s.journal.Range(ctx, event, p, 0, s.journal.End(event, p), func(e journal.Entry) { fn(p, e) }); err != nil {
			return err
		}
	}
	return nil
}

func (s *sale) Ends(_ context.Context, _ domain.EventID, a message.Action) (string, map[domain.Partition]int64, error) {
	ends := map[domain.Partition]int64{}
	for p := range domain.Partition(domain.Partitions) {
		if end := s.topics.end(a, p); end > 0 {
			ends[p] = end
		}
	}
	return a.String(), ends, nil
}

func (s *sale) Messages(_ context.Context, _ domain.EventID, a message.Action, fn func(port.Delivery)) error {
	for p := range domain.Partition(domain.Partitions) {
		for _, d := range s.topics.read(a, p) {
			fn(d)
		}
	}
	return nil
}

func (s *sale) DeadLetters(context.Context) (int, error) {
	once := map[string]bool{}
	for _, l := range s.letters.Buried() {
		once[fmt.Sprint(l.Input.Action, l.Input.Partition, l.Offset)] = true
	}
	return len(once), nil
}

// trace returns a hash of everything that was recorded.
func (s *sale) trace() string {
	sum := sha256.New()
	_ = s.Journal(s.ctx, show, func(p domain.Partition, e journal.Entry) {
		record, _ := json.Marshal(e.Record)
		fmt.Fprintf(sum, "%d %d %s\n", p, e.Offset, record)
	})
	for a := range message.Actions {
		_ = s.Messages(s.ctx, show, a, func(d port.Delivery) {
			fmt.Fprintln(sum, a, d.Input.Partition, d.Offset, d.Envelope.ID, d.Envelope.Body)
		})
	}
	return fmt.Sprintf("%x", sum.Sum(nil))
}

// found returns the violations that the audit and the meters have found.
func (s *sale) found() (found []string) {
	report, err := s.audited()
	if err != nil {
		return []string{err.Error()}
	}
	for _, v := range report.Violations {
		found = append(found, v.Invariant+" "+v.Detail)
	}
	for _, n := range s.servers {
		if n.meter.OversoldSeats > 0 {
			found = append(found, fmt.Sprintf("%s saw %d seats given away twice", n.name, n.meter.OversoldSeats))
		}
	}
	return found
}
