package message

// Service is one of the three.
type Service string

// The services, by the names of their binaries.
const (
	BookingService  Service = "booking-service"
	SeatReservation Service = "seat-reservation-service"
	EventTicketing  Service = "event-ticketing-service"
)

// Action is one of the nine flows of messages between services.
type Action int

// The nine actions. Their numbers are stored in the seat journal: new ones are
// added at the end.
const (
	SeatInitialization Action = iota
	TicketReserving
	TicketToReserved
	BookingToPendingPayment
	BookingToFailed
	TicketToPaid
	FinalizeTicket
	TicketToAvailable
	ReleaseTicket
	Actions // their number
)

// Flow is a row of the table of actions.
type Flow struct {
	From, To Service
	Message  string // the message's name
	// BySection: messages about one section keep their order. Otherwise all
	// messages of the event do.
	BySection bool
}

var flows = [Actions]Flow{
	SeatInitialization:      {EventTicketing, SeatReservation, "InitializeSeats", true},
	TicketReserving:         {BookingService, SeatReservation, "TicketReservedRequest", true},
	TicketToReserved:        {SeatReservation, EventTicketing, "SeatUpdatedToReserved", true},
	BookingToPendingPayment: {SeatReservation, BookingService, "BookingUpdatedToPendingPayment", false},
	BookingToFailed:         {SeatReservation, BookingService, "BookingUpdatedToFailed", false},
	TicketToPaid:            {BookingService, EventTicketing, "BookingPaidSuccess", false},
	FinalizeTicket:          {EventTicketing, SeatReservation, "FinalizeSeats", true},
	TicketToAvailable:       {BookingService, EventTicketing, "BookingExpiredReleaseTickets", false},
	ReleaseTicket:           {EventTicketing, SeatReservation, "ReleaseSeat", true},
}

// Flow returns the action's row in the table of actions.
func (a Action) Flow() Flow { return flows[a] }

// String returns the name of the action's message.
func (a Action) String() string { return flows[a].Message }

// Inbound returns the actions that a service reads, in the order of the table.
func Inbound(s Service) []Action {
	var out []Action
	for a := range Actions {
		if flows[a].To == s {
			out = append(out, a)
		}
	}
	return out
}
