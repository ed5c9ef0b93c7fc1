package message

import "github.com/onsale-tickets/onsale/domain"

// Action is SeatInitialization.
func (m InitializeSeats) Action() Action { return SeatInitialization }

// Event is the event it is about.
func (m InitializeSeats) Event() domain.EventID { return m.EventID }

// SectionName is the section it is about.
func (m InitializeSeats) SectionName() string { return m.Layout.Name }

// Action is TicketReserving.
func (m TicketReservedRequest) Action() Action { return TicketReserving }

// Event is the event it is about.
func (m TicketReservedRequest) Event() domain.EventID { return m.EventID }

// SectionName is the section it is about.
func (m TicketReservedRequest) SectionName() string { return m.Section }

// Action is TicketToReserved.
func (m SeatUpdatedToReserved) Action() Action { return TicketToReserved }

// Event is the event it is about.
func (m SeatUpdatedToReserved) Event() domain.EventID { return m.EventID }

// SectionName is the section it is about.
func (m SeatUpdatedToReserved) SectionName() string { return m.Section }

// Action is BookingToPendingPayment.
func (m BookingUpdatedToPendingPayment) Action() Action { return BookingToPendingPayment }

// Event is the event it is about.
func (m BookingUpdatedToPendingPayment) Event() domain.EventID { return m.EventID }

// SectionName is the section it is about.
func (m BookingUpdatedToPendingPayment) SectionName() string { return m.Section }

// Action is BookingToFailed.
func (m BookingUpdatedToFailed) Action() Action { return BookingToFailed }

// Event is the event it is about.
func (m BookingUpdatedToFailed) Event() domain.EventID { return m.EventID }

// SectionName is the section it is about.
func (m BookingUpdatedToFailed) SectionName() string { return m.Section }

// Action is TicketToPaid.
func (m BookingPaidSuccess) Action() Action { return TicketToPaid }

// Event is the event it is about.
func (m BookingPaidSuccess) Event() domain.EventID { return m.EventID }

// SectionName is the section it is about.
func (m BookingPaidSuccess) SectionName() string { return m.Section }

// Action is FinalizeTicket.
func (m FinalizeSeats) Action() Action { return FinalizeTicket }

// Event is the event it is about.
func (m FinalizeSeats) Event() domain.EventID { return m.EventID }

// SectionName is the section it is about.
func (m FinalizeSeats) SectionName() string { return m.Section }

// Action is TicketToAvailable.
func (m BookingExpiredReleaseTickets) Action() Action { return TicketToAvailable }

// Event is the event it is about.
func (m BookingExpiredReleaseTickets) Event() domain.EventID { return m.EventID }

// SectionName is the section it is about.
func (m BookingExpiredReleaseTickets) SectionName() string { return m.Section }

// Action is ReleaseTicket.
func (m ReleaseSeat) Action() Action { return ReleaseTicket }

// Event is the event it is about.
func (m ReleaseSeat) Event() domain.EventID { return m.EventID }

// SectionName is the section it is about.
func (m ReleaseSeat) SectionName() string { return m.Section }

// BookingOf is the booking that a message is about, zero if it is about none.
func BookingOf(m Message) domain.BookingID {
	switch m := m.(type) {
	case TicketReservedRequest:
		return m.BookingID
	case SeatUpdatedToReserved:
		return m.BookingID
	case BookingUpdatedToPendingPayment:
		return m.BookingID
	case BookingUpdatedToFailed:
		return m.BookingID
	case BookingPaidSuccess:
		return m.BookingID
	case FinalizeSeats:
		return m.BookingID
	case BookingExpiredReleaseTickets:
		return m.BookingID
	case ReleaseSeat:
		return m.BookingID
	}
	return domain.BookingID{}
}
