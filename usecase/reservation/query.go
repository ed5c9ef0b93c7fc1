package reservation

import (
	"context"
	"errors"
	"slices"

	"github.com/onsale-tickets/onsale/domain"
	"github.com/onsale-tickets/onsale/domain/seating"
	"github.com/onsale-tickets/onsale/domain/ticketing"
	"github.com/onsale-tickets/onsale/port"
)

// errUnread refuses every question about seats until all of them were read: an
// answer with sections missing would be wrong.
var errUnread = domain.Refuse(domain.Unavailable, "seats_unavailable", "the seats are not read yet")

// SeatStatus is the live state of one seat.
type SeatStatus struct {
	SeatID domain.SeatID
	Status seating.Status
}

// ask runs f on the loop and returns what it returns. After an error of ctx the loop
// may still be at it, so nothing that f writes is read then.
func ask[T any](ctx context.Context, s *Server, f func() (T, error)) (T, error) {
	var answer, none T
	var refused error
	if err := s.mail.do(ctx, func() { answer, refused = f() }); err != nil {
		return none, err
	}
	return answer, refused
}

// askSections runs f with the maps of all named sections, or returns errUnread if
// the event was not read yet.
func askSections[T any](ctx context.Context, s *Server, id domain.EventID, names []string, f func(*event, []*seating.Map) T) (T, error) {
	if err := s.look(ctx, id); err != nil {
		var none T
		if errors.Is(err, ticketing.NoLiveSeats) {
			return none, err
		}
		return none, errUnread
	}
	return ask(ctx, s, func() (none T, _ error) {
		c, known := s.deps.Catalogue.Known(id)
		e, ok := s.events[id]
		if !known || !ok || !e.read && c.HasTopics() {
			return none, errUnread
		}
		maps := make([]*seating.Map, len(names))
		for i, name := range names {
			if maps[i] = e.section(c, name); maps[i] == nil {
				return none, errUnread
			}
		}
		return f(e, maps), nil
	})
}

// section returns the map of a section, or nil if it is not in the journal. Of an event
// without a journal nothing was ever sold: the map is that of the layout.
func (e *event) section(c ticketing.CatalogueEvent, name string) *seating.Map {
	if !c.HasTopics() {
		return e.unsoldSection(c, name)
	}
	e.unsold = nil
	for _, p := range e.partitions {
		if section, ok := p.Committed().Section(name); ok {
			return section.Map
		}
	}
	return nil
}

func (e *event) unsoldSection(c ticketing.CatalogueEvent, name string) *seating.Map {
	if m, ok := e.unsold[name]; ok {
		return m
	}
	section, _, ok := c.Section(name)
	if !ok {
		return nil
	}
	plan, err := seating.Compile(section.Layout)
	if err != nil {
		return nil // the layout was checked when the event was created
	}
	if e.unsold == nil {
		e.unsold = map[string]*seating.Map{}
	}
	e.unsold[name] = seating.NewMap(plan)
	return e.unsold[name]
}

// Counts counts the seats of the named sections. It is refused as Unavailable until
// all of them were read.
func (s *Server) Counts(ctx context.Context, id domain.EventID, names []string) ([]port.SectionCounts, error) {
	return askSections(ctx, s, id, names, func(_ *event, maps []*seating.Map) (out []port.SectionCounts) {
		for i, m := range maps {
			out = append(out, port.SectionCounts{Section: names[i], Subsections: m.SubsectionCounts()})
		}
		return out
	})
}

// Seats returns the seats of a subsection in layout order. It is refused as
// Unavailable until all named sections were read; section is one of them.
func (s *Server) Seats(ctx context.Context, id domain.EventID, names []string, section string, subsection int) ([]SeatStatus, error) {
	return askSections(ctx, s, id, names, func(_ *event, maps []*seating.Map) (seats []SeatStatus) {
		m := maps[slices.Index(names, section)]
		from, to, _ := m.Plan().SubsectionRange(subsection)
		for i := from; i < to; i++ {
			seats = append(seats, SeatStatus{SeatID: m.Plan().Seat(i), Status: m.Seat(i).Status})
		}
		return seats
	})
}

var _ port.MapSnapshots = (*Server)(nil)

// MapSnapshot returns the status of all seats of the named sections. It is refused
// as Unavailable until all of them were read.
func (s *Server) MapSnapshot(ctx context.Context, id domain.EventID, names []string) (port.MapSnapshot, error) {
	return askSections(ctx, s, id, names, func(e *event, maps []*seating.Map) port.MapSnapshot {
		snapshot := port.MapSnapshot{Version: e.version}
		for _, m := range maps {
			statuses := make([]seating.Status, m.Plan().SeatCount())
			for i := range statuses {
				statuses[i] = m.Seat(seating.Index(i)).Status
			}
			snapshot.Sections = append(snapshot.Sections, port.SectionSnapshot{Plan: m.Plan(), Statuses: statuses})
		}
		return snapshot
	})
}

// Totals counts the seats of every event that is served here.
func (s *Server) Totals(ctx context.Context) (map[domain.EventID]ticketing.Counts, error) {
	return ask(ctx, s, func() (map[domain.EventID]ticketing.Counts, error) {
		totals := map[domain.EventID]ticketing.Counts{}
		for id, e := range s.events {
			if len(e.partitions) > 0 {
				totals[id] = e.counts()
			}
		}
		return totals, nil
	})
}

func (e *event) counts() (sum ticketing.Counts) {
	for _, p := range e.partitions {
		for _, section := range p.Committed().Sections() {
			available, reserved, sold := section.Map.Counts()
			sum = sum.Add(ticketing.Counts{Available: available, Reserved: reserved, Sold: sold})
		}
	}
	return sum
}

// Owned counts the partitions of every event that is awake whose claim was read back
// here.
func (s *Server) Owned(ctx context.Context) (map[domain.EventID]int, error) {
	return ask(ctx, s, func() (map[domain.EventID]int, error) {
		owned := map[domain.EventID]int{}
		for id, e := range s.events {
			if n := e.owned(); n > 0 || e.need.awake {
				owned[id] = n
			}
		}
		return owned, nil
	})
}

// NotServed returns the events that cannot be served at present, with the reason.
func (s *Server) NotServed(ctx context.Context) (map[domain.EventID]error, error) {
	return ask(ctx, s, func() (map[domain.EventID]error, error) {
		problems := map[domain.EventID]error{}
		for id, e := range s.events {
			if e.problem != nil {
				problems[id] = e.problem
			}
		}
		return problems, nil
	})
}
