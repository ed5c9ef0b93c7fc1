// Package message holds the nine messages that cross between the services, as
// values. The bus adapter knows their bytes, topics and keys.
package message

import (
	"time"

	"github.com/onsale-tickets/onsale/domain"
	"github.com/onsale-tickets/onsale/domain/seating"
)

// Message is one of the nine.
type Message interface {
	Action() Action
	// Event is the event it is about.
	Event() domain.EventID
	// SectionName is the section it is about.
	SectionName() string
}

// Envelope is a message with what identifies it. A repeat has the same ID and an
// equal Body.
type Envelope struct {
	ID   string
	Time time.Time
	// Partition is that of the message's section, if the action is keyed by
	// section; the bus finds the partition of other messages itself. On a message
	// that was read it is the partition it was read from.
	Partition domain.Partition
	Body      Message
	// TraceParent is a W3C trace context, empty unless sampled.
	TraceParent string
}

// InitializeSeats makes the seats of a section known. It is sent once for each
// section, when an event is created.
type InitializeSeats struct {
	EventID  domain.EventID
	Layout   seating.SectionLayout
	HoldBase domain.Hold
}

// SelectionMode is how the seats of a booking are chosen.
type SelectionMode string

// The modes, as they stand on the wire.
const (
	BestAvailable SelectionMode = "best_available"
	Manual        SelectionMode = "manual"
)

// TicketReservedRequest asks for the seats of an accepted booking.
type TicketReservedRequest struct {
	EventID      domain.EventID
	BookingID    domain.BookingID
	BuyerID      domain.UserID
	Section      string
	Subsection   int // 0: any
	Mode         SelectionMode
	Quantity     int
	Positions    []domain.SeatPosition // manual only
	AllowPartial bool
	UnitPrice    domain.Money
	RequestedAt  time.Time
}

// Held says that seats were reserved for a booking. It is the body of both messages
// that follow a reservation.
type Held struct {
	EventID    domain.EventID
	BookingID  domain.BookingID
	BuyerID    domain.UserID
	Section    string
	Seats      []domain.SeatID
	Hold       domain.Hold
	UnitPrice  domain.Money
	ReservedAt time.Time
}

// SeatUpdatedToReserved reports a reservation to the tickets.
type SeatUpdatedToReserved struct{ Held }

// BookingUpdatedToPendingPayment reports a reservation to the booking.
type BookingUpdatedToPendingPayment struct{ Held }

// BookingUpdatedToFailed says that a booking got no seat, and why.
type BookingUpdatedToFailed struct {
	EventID   domain.EventID
	BookingID domain.BookingID
	Section   string
	Reason    string // sold_out, not_enough_seats, seats_taken, no_seats_given, not_processable
}

// BookingPaidSuccess says that a booking is PAID.
type BookingPaidSuccess struct {
	EventID   domain.EventID
	BookingID domain.BookingID
	BuyerID   domain.UserID
	Section   string
	Seats     []domain.SeatID
	Hold      domain.Hold
	UnitPrice domain.Money
	Total     domain.Money
	PaidAt    time.Time
}

// BookingExpiredReleaseTickets returns the tickets of a booking that has ended
// without payment.
type BookingExpiredReleaseTickets struct {
	EventID   domain.EventID
	BookingID domain.BookingID
	Section   string
	Seats     []domain.SeatID
	Hold      domain.Hold
	Reason    string // expired, by_buyer, failed, unknown
}

// SeatChange names seats of a booking, and their hold.
type SeatChange struct {
	EventID   domain.EventID
	BookingID domain.BookingID
	Section   string
	Seats     []domain.SeatID
	Hold      domain.Hold
}

// FinalizeSeats follows tickets that became SOLD.
type FinalizeSeats struct{ SeatChange }

// ReleaseSeat follows tickets that became AVAILABLE again.
type ReleaseSeat struct{ SeatChange }
