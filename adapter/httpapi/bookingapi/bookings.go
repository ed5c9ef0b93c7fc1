package bookingapi

import (
	"crypto/sha256"
	"net/http"
	"slices"

	"github.com/onsale-tickets/onsale/adapter/httpapi"
	"github.com/onsale-tickets/onsale/domain"
	"github.com/onsale-tickets/onsale/domain/account"
	"github.com/onsale-tickets/onsale/domain/booking"
	"github.com/onsale-tickets/onsale/port"
	usecase "github.com/onsale-tickets/onsale/usecase/booking"
)

// CreateBooking accepts a buyer's request for seats.
func (h *handler) CreateBooking(w http.ResponseWriter, r *http.Request, params CreateBookingParams) {
	b, err := h.createBooking(w, r, params)
	h.answer(w, r, present(b), err)
}

func (h *handler) createBooking(w http.ResponseWriter, r *http.Request, params CreateBookingParams) (booking.Booking, error) {
	buyer, err := h.sessions.As(r, account.Buyer)
	if err != nil {
		return booking.Booking{}, err
	}
	body, err := httpapi.ReadBody(w, r)
	if err != nil {
		return booking.Booking{}, err
	}
	var in NewBooking
	if err := httpapi.Decode(body, &in); err != nil {
		return booking.Booking{}, err
	}
	request := usecase.BookingRequest{BuyerID: buyer.User, EventID: domain.EventID(in.EventID), Request: booking.Request{Section: in.Section,
		Subsection: in.Subsection, Mode: string(in.SeatSelectionMode), Quantity: in.Quantity, AllowPartial: in.AllowPartial}}
	if in.SeatPositions != nil {
		request.Positions = *in.SeatPositions
	}
	if params.IdempotencyKey != nil {
		var q httpapi.Query
		if key := *params.IdempotencyKey; !printable(key) {
			q.Refuse("Idempotency-Key", "invalid", "must be 1 to 255 printable ASCII characters")
		}
		if err := q.Err(); err != nil {
			return booking.Booking{}, err
		}
		request.Key = port.IdempotencyKey{Key: *params.IdempotencyKey, Body: sha256.Sum256(body)}
	}
	return h.Accept.Handle(r.Context(), request)
}

func printable(key string) bool {
	for i := range len(key) {
		if key[i] < ' ' || key[i] > '~' {
			return false
		}
	}
	return len(key) >= 1 && len(key) <= 255
}

// GetBooking returns one of the buyer's bookings.
func (h *handler) GetBooking(w http.ResponseWriter, r *http.Request, id BookingID) {
	b, err := func() (booking.Booking, error) {
		buyer, err := h.sessions.As(r, account.Buyer)
		if err != nil {
			return booking.Booking{}, err
		}
		known, err := bookingID(id)
		if err != nil {
			return booking.Booking{}, err
		}
		return h.Get.Handle(r.Context(), buyer.User, known)
	}()
	h.answer(w, r, current(b, h.Clock), err)
}

// bookingID reads the id of a path. Text that is no id names no booking.
func bookingID(text BookingID) (domain.BookingID, error) {
	id, ok := domain.ParseBookingID(text)
	if !ok {
		return id, booking.ErrUnknown
	}
	return id, nil
}

// orUnknown returns err, a fault in the body of a request about a booking, unless
// the booking is unknown to the buyer: that is refused first.
func (h *handler) orUnknown(r *http.Request, buyer port.Claims, id domain.BookingID, err error) error {
	if _, unknown := h.Get.Handle(r.Context(), buyer.User, id); unknown != nil {
		return unknown
	}
	return err
}

// PayBooking pays a booking with a card.
func (h *handler) PayBooking(w http.ResponseWriter, r *http.Request, id BookingID) {
	b, err := h.payBooking(w, r, id)
	h.answer(w, r, present(b), err)
}

func (h *handler) payBooking(w http.ResponseWriter, r *http.Request, text BookingID) (booking.Booking, error) {
	buyer, err := h.sessions.As(r, account.Buyer)
	if err != nil {
		return booking.Booking{}, err
	}
	body, err := httpapi.ReadBody(w, r)
	if err != nil {
		return booking.Booking{}, err
	}
	id, err := bookingID(text)
	if err != nil {
		return booking.Booking{}, err
	}
	var in NewPayment
	if err := httpapi.Decode(body, &in); err != nil {
		return booking.Booking{}, h.orUnknown(r, buyer, id, err)
	}
	card, err := booking.NewCard(in.CardNumber, in.PaymentToken)
	if err != nil {
		return booking.Booking{}, h.orUnknown(r, buyer, id, err)
	}
	return h.Pay.Handle(r.Context(), usecase.CardPayment{BuyerID: buyer.User, BookingID: id, Card: card})
}

// CancelBooking cancels a booking.
func (h *handler) CancelBooking(w http.ResponseWriter, r *http.Request, id BookingID) {
	b, err := func() (booking.Booking, error) {
		buyer, err := h.sessions.As(r, account.Buyer)
		if err != nil {
			return booking.Booking{}, err
		}
		known, err := bookingID(id)
		if err != nil {
			return booking.Booking{}, err
		}
		return h.Cancel.Handle(r.Context(), buyer.User, known)
	}()
	h.answer(w, r, present(b), err)
}

// ListBookings returns a page of the buyer's history.
func (h *handler) ListBookings(w http.ResponseWriter, r *http.Request, params ListBookingsParams) {
	page, err := h.listBookings(r, params)
	h.answer(w, r, page, err)
}

func (h *handler) listBookings(r *http.Request, params ListBookingsParams) (BookingPage, error) {
	buyer, err := h.sessions.As(r, account.Buyer)
	if err != nil {
		return BookingPage{}, err
	}
	f, err := historyFilter(params)
	if err != nil {
		return BookingPage{}, err
	}
	f.Buyer = buyer.User
	bookings, next, err := httpapi.Page(f.Limit, func(limit int) ([]booking.Booking, error) {
		f.Limit = limit
		return h.Bookings.History(r.Context(), f)
	}, func(b booking.Booking) string { return b.ID.String() })
	if err != nil {
		return BookingPage{}, err
	}
	page := BookingPage{Items: make([]Booking, len(bookings)), NextCursor: next}
	for i, b := range bookings {
		page.Items[i] = current(b, h.Clock)
	}
	return page, nil
}

const maxID = 1<<63 - 1

func historyFilter(params ListBookingsParams) (port.HistoryFilter, error) {
	var q httpapi.Query
	f := port.HistoryFilter{Limit: q.Limit(params.Limit), Event: domain.EventID(q.Number("event_id", params.EventID, 1, maxID))}
	if params.Status != nil {
		f.Status = booking.Status(*params.Status)
		if !slices.Contains(booking.Statuses, f.Status) {
			q.Refuse("status", "invalid", "must be a status of a booking")
		}
	}
	if at := q.Cursor(params.Cursor); at != "" {
		id, ok := domain.ParseBookingID(at)
		if !ok {
			q.BadCursor()
		}
		f.Before = id
	}
	return f, q.Err()
}
