package memory

import (
	"cmp"
	"context"
	"fmt"
	"reflect"
	"slices"
	"sync"
	"time"

	"github.com/onsale-tickets/onsale/domain"
	"github.com/onsale-tickets/onsale/domain/message"
	"github.com/onsale-tickets/onsale/domain/ticketing"
	"github.com/onsale-tickets/onsale/port"
)

// Ticketing keeps events and the tickets of record.
type Ticketing struct {
	// Fault is called before each Create and Apply, which return its error.
	Fault func() error

	mu      sync.Mutex
	events  []*recorded // by id - 1
	offsets map[port.Input]int64
	outbox  []message.Envelope
	claimed map[string]bool // ids of envelopes in outbox that are being published
	sent    int
}

type recorded struct {
	locked    sync.Mutex
	event     ticketing.Event
	published int64              // revision
	tickets   []ticketing.Ticket // in layout order
	deltas    []ticketing.Delta
}

var (
	_ port.NewEvents    = (*Ticketing)(nil)
	_ port.EventChanges = (*Ticketing)(nil)
	_ port.Events       = (*Ticketing)(nil)
	_ port.Sales        = (*Ticketing)(nil)
	_ port.TicketInputs = (*Ticketing)(nil)
	_ port.Outbox       = (*Ticketing)(nil)
	_ port.DeltaFolding = (*Ticketing)(nil)
	_ port.Tickets      = TicketList{}
)

// NewTicketing returns an empty store.
func NewTicketing() *Ticketing {
	return &Ticketing{offsets: map[port.Input]int64{}, claimed: map[string]bool{}}
}

func (s *Ticketing) fault() error {
	if s.Fault == nil {
		return nil
	}
	return s.Fault()
}

func (s *Ticketing) find(id domain.EventID) (*recorded, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if id < 1 || int(id) > len(s.events) {
		return nil, false
	}
	return s.events[id-1], true
}

// Create stores an event with its tickets.
func (s *Ticketing) Create(_ context.Context, e ticketing.CatalogueEvent) (domain.EventID, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := s.fault(); err != nil {
		return 0, err
	}
	e.ID = domain.EventID(len(s.events) + 1)
	r := &recorded{event: ticketing.Event{CatalogueEvent: e, Status: ticketing.Creating}}
	for _, section := range e.Sections {
		for _, sub := range section.Layout.Subsections {
			for _, row := range sub.Rows {
				for _, seat := range row.Seats {
					r.tickets = append(r.tickets, ticketing.Ticket{Seat: domain.SeatID{Section: section.Layout.Name, Subsection: sub.Number, Row: row.Number, Seat: seat}})
				}
			}
		}
		r.deltas = append(r.deltas, ticketing.Delta{Section: section.Layout.Name, Counts: ticketing.Counts{Available: section.Layout.SeatCount()}, At: e.CreatedAt})
	}
	s.events = append(s.events, r)
	return e.ID, nil
}

// Unpublished returns the events whose last revision was not published.
func (s *Ticketing) Unpublished(context.Context) ([]domain.EventID, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	var ids []domain.EventID
	for _, r := range s.events {
		if r.published < r.event.Revision {
			ids = append(ids, r.event.ID)
		}
	}
	return ids, nil
}

// Change stores the event that change returns.
func (s *Ticketing) Change(_ context.Context, id domain.EventID, change func(ticketing.Event) (ticketing.Event, error)) error {
	r, ok := s.find(id)
	if !ok || r.event.Status == ticketing.Creating {
		return ticketing.UnknownEvent
	}
	r.locked.Lock()
	defer r.locked.Unlock()
	after, err := change(r.event)
	if err != nil || reflect.DeepEqual(after, r.event) {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	after.Revision++
	r.event = after
	return nil
}

// archiving returns the events that are to be archived.
func (s *Ticketing) archiving() (ids []domain.EventID) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for id, r := range s.events {
		if r.event.Status == ticketing.Archiving {
			ids = append(ids, domain.EventID(id+1))
		}
	}
	return ids
}

// archive makes an event archived, under its next revision.
func (s *Ticketing) archive(id domain.EventID) error {
	return s.Change(context.Background(), id, func(e ticketing.Event) (ticketing.Event, error) { return e.Archive() })
}

// Stored returns an event as it is stored.
func (s *Ticketing) Stored(_ context.Context, id domain.EventID) (ticketing.Event, error) {
	r, ok := s.find(id)
	if !ok {
		return ticketing.Event{}, ticketing.UnknownEvent
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	return r.event, nil
}

// PublishLocked locks an event while publish publishes it.
func (s *Ticketing) PublishLocked(ctx context.Context, id domain.EventID, publish func(context.Context, *ticketing.Event) error) error {
	r, ok := s.find(id)
	if !ok {
		return ticketing.UnknownEvent
	}
	r.locked.Lock()
	defer r.locked.Unlock()
	e := r.event
	if err := publish(ctx, &e); err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	r.event.Status, r.published = e.Status, e.Revision
	return nil
}

// FoldDeltas merges deltas of one section and minute. It folds all events at once,
// whatever the limit is.
func (s *Ticketing) FoldDeltas(context.Context, int) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	n := 0
	for _, r := range s.events {
		before := len(r.deltas)
		r.deltas = folded(r.deltas)
		n += before - len(r.deltas)
	}
	return n, nil
}

func folded(deltas []ticketing.Delta) []ticketing.Delta {
	var out []ticketing.Delta
	for _, d := range deltas {
		d.At = d.At.Truncate(time.Minute)
		i := slices.IndexFunc(out, func(o ticketing.Delta) bool { return o.Section == d.Section && o.At.Equal(d.At) })
		if i < 0 {
			out = append(out, d)
			continue
		}
		out[i].Counts, out[i].Revenue, out[i].Bookings = out[i].Counts.Add(d.Counts), out[i].Revenue+d.Revenue, out[i].Bookings+d.Bookings
	}
	return out
}

// Sales sums the deltas.
func (s *Ticketing) Sales(_ context.Context, id domain.EventID) (ticketing.Sales, error) {
	r, ok := s.find(id)
	if !ok {
		return ticketing.Sales{}, nil
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	var names []string
	for _, section := range r.event.Sections {
		names = append(names, section.Layout.Name)
	}
	return ticketing.SalesOf(names, r.deltas), nil
}

// Event returns an event with the counts of its sections.
func (s *Ticketing) Event(_ context.Context, id domain.EventID) (ticketing.Event, error) {
	r, ok := s.find(id)
	if !ok || r.event.Status == ticketing.Creating {
		return ticketing.Event{}, ticketing.UnknownEvent
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	e := r.event
	for _, section := range e.Sections {
		var sum ticketing.Counts
		for _, d := range r.deltas {
			if d.Section == section.Layout.Name {
				sum = sum.Add(d.Counts)
			}
		}
		e.Counts = append(e.Counts, sum)
	}
	return e, nil
}

// List returns a page of events, newest first.
func (s *Ticketing) List(ctx context.Context, f port.EventFilter) ([]ticketing.Event, error) {
	s.mu.Lock()
	last := len(s.events)
	s.mu.Unlock()
	if f.Before != 0 {
		last = min(last, int(f.Before)-1)
	}
	var page []ticketing.Event
	for id := last; id >= 1 && len(page) < f.Limit; id-- {
		e, err := s.Event(ctx, domain.EventID(id))
		if err != nil || f.Seller != 0 && e.SellerID != f.Seller || f.Seller == 0 && e.Status != ticketing.OnSale {
			continue
		}
		e.Counts, e.Sections = []ticketing.Counts{e.Total()}, nil
		page = append(page, e)
	}
	return page, nil
}

// TicketList lists the tickets of record with their holders.
type TicketList struct {
	*Ticketing
	Users port.Users
}

// List returns a page of tickets in layout order.
func (s TicketList) List(ctx context.Context, event domain.EventID, f port.TicketFilter) ([]ticketing.Listed, error) {
	r, ok := s.find(event)
	if !ok {
		return nil, nil
	}
	s.mu.Lock()
	tickets := slices.Clone(r.tickets)
	s.mu.Unlock()
	if i := slices.IndexFunc(tickets, func(t ticketing.Ticket) bool { return t.Seat == f.After }); i >= 0 {
		tickets = tickets[i+1:]
	}
	var page []ticketing.Listed
	for _, t := range tickets {
		if f.Section != "" && t.Seat.Section != f.Section || f.Subsection != 0 && t.Seat.Subsection != f.Subsection ||
			f.Status != nil && t.Status != *f.Status || len(page) == f.Limit {
			continue
		}
		listed := ticketing.Listed{Ticket: t}
		if t.Status == ticketing.Available {
			section, _, _ := r.event.Section(t.Seat.Section)
			listed.Price = section.Price
		} else if u, err := s.Users.ByID(ctx, t.HolderID); err == nil {
			listed.HolderName, listed.HolderEmail = u.Name, u.Email
		}
		page = append(page, listed)
	}
	return page, nil
}

// Positions returns the next offsets.
func (s *Ticketing) Positions(_ context.Context, inputs []port.Input) (map[port.Input]int64, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	positions := map[port.Input]int64{}
	for _, in := range inputs {
		positions[in] = s.offsets[in]
	}
	return positions, nil
}

// Apply applies one step.
func (s *Ticketing) Apply(_ context.Context, event domain.EventID, progress []port.Progress, seats []domain.SeatID,
	decide func([]ticketing.Ticket) port.TicketChanges) error {
	r, ok := s.find(event)
	if !ok {
		return ticketing.UnknownEvent
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := s.fault(); err != nil {
		return err
	}
	for _, p := range progress {
		if s.offsets[p.Input] != p.From {
			return port.ErrFenced
		}
	}
	var found []ticketing.Ticket
	for _, t := range r.tickets {
		if slices.Contains(seats, t.Seat) {
			found = append(found, t)
		}
	}
	changes := decide(found)
	for _, p := range progress {
		s.offsets[p.Input] = p.To
	}
	for _, t := range changes.Tickets {
		i := slices.IndexFunc(r.tickets, func(have ticketing.Ticket) bool { return have.Seat == t.Seat })
		r.tickets[i] = t
	}
	r.deltas = append(r.deltas, changes.Deltas...)
	for _, out := range changes.Outgoing {
		s.outbox = append(s.outbox, s.envelope(out))
	}
	return nil
}

func (s *Ticketing) envelope(out port.OutgoingSeats) message.Envelope {
	s.sent++
	var body message.Message = message.ReleaseSeat{SeatChange: out.Change}
	if out.Action == message.FinalizeTicket {
		body = message.FinalizeSeats{SeatChange: out.Change}
	}
	return message.Envelope{ID: fmt.Sprint(out.Action.Flow().Message, "-", s.sent), Time: out.At, Partition: out.Section, Body: body}
}

// Claim publishes waiting messages that are not claimed by another call.
func (s *Ticketing) Claim(ctx context.Context, limit int, publish func(context.Context, []message.Envelope) error) (int, error) {
	envelopes := s.claim(limit)
	if len(envelopes) == 0 {
		return 0, nil
	}
	err := publish(ctx, slices.Clone(envelopes))
	s.mu.Lock()
	defer s.mu.Unlock()
	mine := map[string]bool{}
	for _, e := range envelopes {
		delete(s.claimed, e.ID)
		mine[e.ID] = true
	}
	if err != nil {
		return 0, err
	}
	s.outbox = slices.DeleteFunc(s.outbox, func(e message.Envelope) bool { return mine[e.ID] })
	return len(envelopes), nil
}

func (s *Ticketing) claim(limit int) (envelopes []message.Envelope) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, e := range s.outbox {
		if !s.claimed[e.ID] && len(envelopes) < limit {
			s.claimed[e.ID] = true
			envelopes = append(envelopes, e)
		}
	}
	return envelopes
}

// EventTopics records which events have topics.
type EventTopics struct {
	// Fault is returned by each Create while it is set.
	Fault error

	mu   sync.Mutex
	made []domain.EventID
}

var _ port.EventTopics = (*EventTopics)(nil)

// Create returns the same id each time.
func (t *EventTopics) Create(_ context.Context, id domain.EventID) (string, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.Fault != nil {
		return "", t.Fault
	}
	if i, ok := slices.BinarySearchFunc(t.made, id, cmp.Compare[domain.EventID]); !ok {
		t.made = slices.Insert(t.made, i, id)
	}
	return "journal-" + id.String(), nil
}
