package reservation

import (
	"context"

	"github.com/onsale-tickets/onsale/domain"
	"github.com/onsale-tickets/onsale/domain/seating"
	"github.com/onsale-tickets/onsale/domain/ticketing"
	"github.com/onsale-tickets/onsale/port"
)

// SectionCounts are the seats of a section, counted by subsection.
type SectionCounts struct {
	Section     string
	Subsections []seating.SubsectionCount
}

// SeatStatus is the live state of one seat.
type SeatStatus struct {
	SeatID domain.SeatID
	Status seating.Status
}

// Counts counts the seats of the named sections, as far as the journal was
// read here. A section that is not initialised here is left out.
func (s *Server) Counts(ctx context.Context, id domain.EventID, sections []string) ([]SectionCounts, error) {
	var out []SectionCounts
	err := s.mail.do(ctx, func() {
		for _, name := range sections {
			if section, ok := s.section(id, name); ok {
				out = append(out, SectionCounts{Section: name, Subsections: section.SubsectionCounts()})
			}
		}
	})
	return out, err
}

// Totals counts the seats of every event that is known here.
func (s *Server) Totals(ctx context.Context) (map[domain.EventID]ticketing.Counts, error) {
	totals := map[domain.EventID]ticketing.Counts{}
	err := s.mail.do(ctx, func() {
		for id, e := range s.events {
			var sum ticketing.Counts
			for _, l := range e.lanes {
				for _, section := range l.folded.Sections() {
					available, reserved, sold := section.Map.Counts()
					sum = sum.Add(ticketing.Counts{Available: available, Reserved: reserved, Sold: sold})
				}
			}
			totals[id] = sum
		}
	})
	return totals, err
}

// Owned counts the partitions of every event whose claim was read back here: of
// one that is not served, nobody's are.
func (s *Server) Owned(ctx context.Context) (map[domain.EventID]int, error) {
	owned := map[domain.EventID]int{}
	err := s.mail.do(ctx, func() {
		for id := range s.unserved {
			owned[id] = 0
		}
		for id, e := range s.events {
			owned[id] = 0
			for _, l := range e.lanes {
				if l.own != nil && l.own.claimed {
					owned[id]++
				}
			}
		}
	})
	return owned, err
}

var _ port.SeatPictures = (*Server)(nil)

// Picture answers all seats of the named sections, as far as the journal was
// read here.
func (s *Server) Picture(ctx context.Context, id domain.EventID, sections []string) (p port.SeatPicture, err error) {
	var unknown error
	err = s.mail.do(ctx, func() {
		e, ok := s.events[id]
		if !ok {
			unknown = domain.Refuse(domain.Unavailable, "seats_unavailable", "the seats are not read yet")
			return
		}
		p.Version = e.version
		for _, name := range sections {
			section, ok := s.section(id, name)
			if !ok {
				continue
			}
			statuses := make([]seating.Status, section.Plan().SeatCount())
			for i := range statuses {
				statuses[i] = section.Seat(seating.Index(i)).Status
			}
			p.Sections = append(p.Sections, port.SectionPicture{Plan: section.Plan(), Statuses: statuses})
		}
	})
	if err == nil {
		err = unknown
	}
	return p, err
}

// Seats are the seats of a subsection in layout order; found is false if the
// section is not initialised here or has no such subsection.
func (s *Server) Seats(ctx context.Context, id domain.EventID, name string, subsection int) (seats []SeatStatus, found bool, err error) {
	err = s.mail.do(ctx, func() {
		section, ok := s.section(id, name)
		if !ok {
			return
		}
		from, to, ok := section.Plan().SubsectionRange(subsection)
		if !ok {
			return
		}
		found = true
		for i := from; i < to; i++ {
			seats = append(seats, SeatStatus{SeatID: section.Plan().Seat(i), Status: section.Seat(i).Status})
		}
	})
	return seats, found, err
}

func (s *Server) section(id domain.EventID, name string) (*seating.Map, bool) {
	e, ok := s.events[id]
	if !ok {
		return nil, false
	}
	for _, l := range e.lanes {
		if section, ok := l.folded.Section(name); ok {
			return section.Map, true
		}
	}
	return nil, false
}
