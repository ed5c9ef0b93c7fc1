package journal

import (
	"slices"

	"github.com/onsale-tickets/onsale/domain"
	"github.com/onsale-tickets/onsale/domain/message"
	"github.com/onsale-tickets/onsale/domain/seating"
)

// Reasons of a CommandRejected. A colon and the details may follow.
const (
	NotInitialized = "not_initialised"
	NotReadable    = "not_readable"
	SeatUnknown    = "seat_unknown"
	Foreign        = "foreign_partition" // the section's own partition decides about it
)

// Decide returns the record that a command leads to, without epoch and seq. It
// changes nothing. ok is false if there is nothing to decide: a repeat, a late
// release, a section that is initialised already. The caller has made sure that the
// booking of a TicketReservedRequest has no outcome yet. at is the time of the
// decision in Unix microseconds.
func Decide(s *State, f *seating.Finder, m message.Message, cause Cause, at int64) (r Record, ok bool) {
	r = Record{Cause: cause, At: at, Section: m.SectionName()}
	switch m := m.(type) {
	case message.InitializeSeats:
		return decideInitialize(s, m, r)
	case message.TicketReservedRequest:
		return decideReserve(s, f, m, r), true
	case message.FinalizeSeats:
		return decideChange(s, m.SeatChange, SeatsSold, r)
	case message.ReleaseSeat:
		return decideChange(s, m.SeatChange, SeatsReleased, r)
	}
	return Reject(cause, domain.BookingID{}, m.SectionName(), NotReadable, at), true
}

// Reject returns the record of a command that cannot be processed. If it names a
// booking, the booking fails.
func Reject(cause Cause, booking domain.BookingID, section, reason string, at int64) Record {
	return Record{Kind: CommandRejected, Cause: cause, At: at, Section: section, BookingID: booking, Reason: reason}
}

func decideInitialize(s *State, m message.InitializeSeats, r Record) (Record, bool) {
	if _, known := s.Section(m.Layout.Name); known {
		return Record{}, false
	}
	if m.Layout.Validate() != nil {
		return Reject(r.Cause, domain.BookingID{}, m.Layout.Name, NotReadable, r.At), true
	}
	r.Kind, r.Layout, r.HoldBase = SeatsInitialized, &m.Layout, m.HoldBase
	return r, true
}

func decideReserve(s *State, f *seating.Finder, m message.TicketReservedRequest, r Record) Record {
	section, ok := s.Section(m.Section)
	if !ok {
		return Reject(r.Cause, m.BookingID, m.Section, NotInitialized, r.At)
	}
	request := seating.Request{
		Subsection: m.Subsection, Quantity: m.Quantity, Manual: m.Mode == message.Manual, AllowPartial: m.AllowPartial,
	}
	for _, p := range m.Positions {
		i, ok := section.Map.Plan().Index(domain.SeatID{Section: m.Section, Subsection: m.Subsection, Row: p.Row, Seat: p.Seat})
		if !ok {
			return Reject(r.Cause, m.BookingID, m.Section, SeatUnknown, r.At)
		}
		if !slices.Contains(request.Seats, i) { // a seat that is named twice is one seat
			request.Seats = append(request.Seats, i)
		}
	}
	r.BookingID, r.BuyerID, r.UnitPrice = m.BookingID, m.BuyerID, m.UnitPrice
	seats, reason := f.Choose(section.Map, request, seating.Halving, nil)
	if reason != "" {
		r.Kind, r.Reason = ReservationRefused, string(reason)
		return r
	}
	r.Kind, r.Seats = SeatsReserved, seats
	return r
}

// decideChange sells or releases the seats that are still RESERVED for the booking
// under the hold, and no others: a late release never frees the next buyer's seat.
func decideChange(s *State, m message.SeatChange, kind Kind, r Record) (Record, bool) {
	section, ok := s.Section(m.Section)
	if !ok {
		return Reject(r.Cause, domain.BookingID{}, m.Section, NotInitialized, r.At), true
	}
	for _, id := range m.Seats {
		i, ok := section.Map.Plan().Index(id)
		if !ok {
			continue
		}
		seat := section.Map.Seat(i)
		if seat.Status == seating.Reserved && seat.Booking == m.BookingID && seat.Hold == m.Hold && m.Hold > 0 {
			r.Seats = append(r.Seats, i)
		}
	}
	if len(r.Seats) == 0 {
		return Record{}, false
	}
	r.Kind, r.BookingID, r.Hold = kind, m.BookingID, m.Hold
	return r, true
}
