package bookingapi

import (
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"go.uber.org/mock/gomock"

	"github.com/onsale-tickets/onsale/adapter/httpapi"
	"github.com/onsale-tickets/onsale/adapter/memory"
	"github.com/onsale-tickets/onsale/domain"
	"github.com/onsale-tickets/onsale/domain/account"
	"github.com/onsale-tickets/onsale/domain/booking"
	"github.com/onsale-tickets/onsale/port"
	"github.com/onsale-tickets/onsale/port/portmock"
	usecase "github.com/onsale-tickets/onsale/usecase/booking"
)

// Of several faults the order of the contract decides which one is answered: an
// unknown booking, or another buyer's, before bad fields, and these before the
// state of the booking.
func TestOrderOfRefusal(t *testing.T) {
	store := memory.NewBookings()
	for n, buyer := range map[byte]domain.UserID{1: 42, 2: 43} {
		b := booking.Booking{ID: domain.BookingID{15: n}, EventID: 7, BuyerID: buyer, Section: "A", Quantity: 1, Status: booking.Processing, Revision: 1}
		if _, err := store.Accept(t.Context(), b, port.IdempotencyKey{}); err != nil {
			t.Fatal(err)
		}
	}
	c := gomock.NewController(t)
	tokens := portmock.NewMockTokens(c)
	tokens.EXPECT().Read(gomock.Any(), gomock.Any()).Return(port.Claims{User: 42, Role: string(account.Buyer), ExpiresAt: time.Now().Add(time.Hour)}, nil).AnyTimes()
	get := usecase.NewGetBooking(store)
	h := NewHandler(Uses{Clock: clockAt{}, Get: get, Tickets: usecase.NewGetTickets(get, memory.NewCatalogue()), Cancel: usecase.NewCancelBooking(store, &memory.Feed{}),
		Pay: usecase.NewPayBooking(memory.Payments{Bookings: store}, portmock.NewMockGateway(c), &memory.Feed{}, func() booking.PaymentID { return booking.PaymentID{1} })},
		httpapi.NewSessions(tokens, &memory.EndedSessions{}), slog.New(slog.NewTextHandler(io.Discard, nil)))
	const own, others = "00000000-0000-0000-0000-000000000001", "00000000-0000-0000-0000-000000000002"
	for _, tt := range []struct{ method, path, body, code string }{
		{"POST", own + "/payment", `{"payment_token": "tok_ok"}`, "booking_processing"},
		{"POST", own + "/payment", `{"payment_token": 7}`, "invalid_request"},
		{"POST", own + "/payment", `{}`, "invalid_request"},
		{"POST", others + "/payment", `{"payment_token": 7}`, "booking_not_found"},
		{"POST", others + "/payment", `{}`, "booking_not_found"},
		{"POST", others + "/payment", `{"payment_token": "tok_ok"}`, "booking_not_found"},
		{"POST", "x/payment", `{"payment_token": 7}`, "booking_not_found"},
		{"POST", others + "/cancellation", ``, "booking_not_found"},
		{"GET", others, ``, "booking_not_found"},
		{"GET", own + "/tickets.pdf?lang=xx", ``, "invalid_request"},
		{"GET", own + "/tickets.pdf", ``, "booking_processing"},
		{"GET", others + "/tickets.pdf?lang=xx", ``, "booking_not_found"},
		{"GET", others + "/calendar.ics", ``, "booking_not_found"},
	} {
		r := httptest.NewRequest(tt.method, "/v1/bookings/"+tt.path, strings.NewReader(tt.body))
		r.Header.Set("Authorization", "Bearer x")
		r.Header.Set("Content-Type", "application/json")
		w := httptest.NewRecorder()
		h.ServeHTTP(w, r)
		var problem struct {
			Code string `json:"code"`
		}
		if err := json.NewDecoder(w.Body).Decode(&problem); err != nil || problem.Code != tt.code || w.Code < http.StatusBadRequest {
			t.Errorf("%s %s %s: %d %q, want %s (%v)", tt.method, tt.path, tt.body, w.Code, problem.Code, tt.code, err)
		}
	}
}
