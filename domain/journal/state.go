package journal

import (
	"maps"

	"github.com/onsale-tickets/onsale/domain"
	"github.com/onsale-tickets/onsale/domain/seating"
)

// State is the result of the accepted records of one partition. It must not be used
// by two goroutines at once.
type State struct {
	Positions Positions
	Emitted   Mark
	sections  map[string]*Section
}

// Section is an initialised section.
type Section struct {
	Map      *seating.Map
	HoldBase domain.Hold
}

// NewState returns a state without sections.
func NewState() *State {
	return &State{Positions: Positions{}, Emitted: Mark{Epoch: -1}, sections: map[string]*Section{}}
}

// Clone returns a copy, which can be changed without changing s.
func (s *State) Clone() *State {
	c := &State{Positions: maps.Clone(s.Positions), Emitted: s.Emitted, sections: make(map[string]*Section, len(s.sections))}
	for name, section := range s.sections {
		c.sections[name] = &Section{Map: section.Map.Clone(), HoldBase: section.HoldBase}
	}
	return c
}

// Section returns an initialised section. The seats of an unknown section are not
// initialised; that does not mean that they are available.
func (s *State) Section(name string) (*Section, bool) {
	section, ok := s.sections[name]
	return section, ok
}

// Sections returns all initialised sections, in no order.
func (s *State) Sections() []*Section {
	out := make([]*Section, 0, len(s.sections))
	for _, section := range s.sections {
		out = append(out, section)
	}
	return out
}

// AddSection adds a section. All its seats are available.
func (s *State) AddSection(l seating.SectionLayout, holdBase domain.Hold) (*Section, error) {
	plan, err := seating.Compile(l)
	if err != nil {
		return nil, err
	}
	section := &Section{Map: seating.NewMap(plan), HoldBase: holdBase}
	s.sections[l.Name] = section
	return section, nil
}

// Fits reports whether a record names only seats that its section has. Owners write
// no other records; one from elsewhere cannot be applied.
func (s *State) Fits(r *Record) bool {
	section, ok := s.sections[r.Section]
	if !ok {
		return true // it changes no seat
	}
	for _, i := range r.Seats {
		if i < 0 || int(i) >= section.Map.Plan().SeatCount() {
			return false
		}
	}
	return true
}

// Apply changes the state by a record that was accepted at an offset and Fits. It
// cannot fail. offset is -1 for a record that was not read back yet: its hold is unknown.
func (s *State) Apply(r *Record, offset int64) {
	if r.Cause.Offset >= 0 {
		s.Positions[r.Cause.Action] = Position{TopicID: r.Cause.TopicID, Next: r.Cause.Offset + 1}
	}
	switch r.Kind {
	case SeatsInitialized:
		// The layout is valid: Decide and the codec have checked it.
		_, _ = s.AddSection(*r.Layout, r.HoldBase)
	case Checkpoint:
		s.Emitted = r.Emitted
		maps.Copy(s.Positions, r.Positions)
	case SeatsReserved:
		if section, ok := s.sections[r.Section]; ok {
			section.Map.Reserve(r.Seats, r.BookingID, r.BuyerID, section.hold(offset), r.At)
		}
	case SeatsSold:
		if section, ok := s.sections[r.Section]; ok {
			section.Map.Sell(r.Seats)
		}
	case SeatsReleased:
		if section, ok := s.sections[r.Section]; ok {
			section.Map.Release(r.Seats)
		}
	}
}

// Confirm sets the holds of a record that was applied before it was read back, now
// that its offset is known.
func (s *State) Confirm(r *Record, offset int64) {
	if section, ok := s.sections[r.Section]; ok && r.Kind == SeatsReserved {
		section.Map.ConfirmHold(r.Seats, r.BookingID, section.hold(offset))
	}
}

// HoldOf returns the hold of a SeatsReserved record that was read at an offset.
func (s *State) HoldOf(r *Record, offset int64) domain.Hold {
	if section, ok := s.sections[r.Section]; ok {
		return section.hold(offset)
	}
	return 0
}

func (s *Section) hold(offset int64) domain.Hold {
	if offset < 0 {
		return 0
	}
	return s.HoldBase + domain.Hold(offset)
}
