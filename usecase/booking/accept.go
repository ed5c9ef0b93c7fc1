package booking

import (
	"context"
	"time"

	"github.com/onsale-tickets/onsale/domain"
	"github.com/onsale-tickets/onsale/domain/booking"
	"github.com/onsale-tickets/onsale/domain/message"
	"github.com/onsale-tickets/onsale/domain/ticketing"
	"github.com/onsale-tickets/onsale/port"
)

// AcceptBooking accepts a request for seats.
type AcceptBooking struct {
	catalogue port.Catalogue
	bookings  port.Bookings
	requests  *Requests
	wakes     port.Wakes
	newID     func() domain.BookingID // UUID version 7: sorted by time
	now       func() time.Time
}

// NewAcceptBooking binds the ports.
func NewAcceptBooking(c port.Catalogue, b port.Bookings, r *Requests, w port.Wakes, newID func() domain.BookingID, now func() time.Time) *AcceptBooking {
	return &AcceptBooking{c, b, r, w, newID, now}
}

// BookingRequest says who requests what.
type BookingRequest struct {
	BuyerID domain.UserID
	EventID domain.EventID
	booking.Request
	Key port.IdempotencyKey
}

// Handle returns the booking, PROCESSING, once it is durable, and sends the
// request to the seat owner. It does not wait for that: the row is the outbox, and
// a booking that gets no answer is sent again. A repeat under an idempotency key
// gets the first answer, also after the sale was closed. An event whose topics the
// brokers have refused gets no booking.
func (a *AcceptBooking) Handle(ctx context.Context, in BookingRequest) (booking.Booking, error) {
	if err := in.validate(); err != nil {
		return booking.Booking{}, err
	}
	event, err := a.catalogue.Event(ctx, in.EventID)
	if err != nil {
		return booking.Booking{}, err
	}
	b, err := booking.New(a.newID(), in.BuyerID, event, in.Request, a.now().UTC().Truncate(time.Microsecond))
	if err == nil && event.NoRoom {
		_ = a.wakes.Wake(ctx, in.EventID) // so that its topics are still asked for if the log of wake-ups was lost
		err = ticketing.TooManyEvents
	}
	if err != nil {
		return a.orFirst(ctx, in, err)
	}
	accepted, err := a.bookings.Accept(ctx, b, in.Key)
	if err == nil && accepted.ID == b.ID {
		_ = a.wakes.Wake(ctx, in.EventID) // if it fails, the resend wakes the event
		request := seatRequest(event, b)
		request.TraceParent = port.TraceParent(ctx)
		a.requests.Send(event, request)
	}
	return accepted, err
}

// validate checks what can be checked without the event: bad fields are refused
// before an unknown event is.
func (w BookingRequest) validate() error {
	var fields []domain.FieldError
	switch {
	case w.EventID == 0:
		fields = append(fields, domain.FieldError{Field: domain.Field("event_id"), Code: "required", Detail: "the id of an event"})
	case w.EventID < 0:
		fields = append(fields, domain.FieldError{Field: domain.Field("event_id"), Code: "out_of_range", Detail: "the id of an event"})
	}
	if r, ok := domain.AsRefusal(w.Validate()); ok {
		fields = append(fields, r.Fields...)
	}
	return domain.RefuseFields(fields)
}

// orFirst returns what was accepted under the key before the sale was closed or the
// brokers had no room, or the refusal.
func (a *AcceptBooking) orFirst(ctx context.Context, in BookingRequest, refused error) (booking.Booking, error) {
	if r, ok := domain.AsRefusal(refused); !ok || r.Kind != domain.Conflict && r.Kind != domain.Unavailable || in.Key.Key == "" {
		return booking.Booking{}, refused
	}
	first, err := a.bookings.Accepted(ctx, in.BuyerID, in.Key)
	if r, ok := domain.AsRefusal(err); ok && r.Kind == domain.NotFound {
		return booking.Booking{}, refused
	}
	return first, err
}

// seatRequest makes the request to the seat owner from the booking as it was
// accepted, so that a repeat is equal to the first one.
func seatRequest(event ticketing.CatalogueEvent, b booking.Booking) message.Envelope {
	_, position, _ := event.Section(b.Section)
	m := message.TicketReservedRequest{EventID: b.EventID, BookingID: b.ID, BuyerID: b.BuyerID, Section: b.Section, Subsection: b.Subsection,
		Mode: b.Mode, Quantity: b.Quantity, Positions: b.Positions, AllowPartial: b.AllowPartial, UnitPrice: b.UnitPrice, RequestedAt: b.CreatedAt}
	return message.Envelope{ID: m.Action().Flow().Message + "-" + b.ID.String(), Time: b.CreatedAt,
		Partition: domain.SectionPartition(position), Body: m}
}
