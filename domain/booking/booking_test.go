package booking_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/onsale-tickets/onsale/domain"
	"github.com/onsale-tickets/onsale/domain/booking"
	"github.com/onsale-tickets/onsale/domain/message"
	"github.com/onsale-tickets/onsale/domain/seating"
	"github.com/onsale-tickets/onsale/domain/ticketing"
)

var (
	now    = time.Date(2027, 1, 1, 12, 0, 0, 0, time.UTC)
	window = now.Add(15 * time.Minute)
	seats  = []domain.SeatID{{Section: "A", Subsection: 1, Row: 1, Seat: 1}, {Section: "A", Subsection: 1, Row: 1, Seat: 2}}
	event  = ticketing.CatalogueEvent{ID: 7, Currency: "TWD", MaxTickets: 4, Sections: []ticketing.CatalogueSection{
		{Layout: seating.SectionLayout{Name: "A", Subsections: []seating.Subsection{seating.Regular(1, 2, 3), seating.Regular(2, 1, 1)}}, Price: 200000}}}
)

func in(status booking.Status) booking.Booking {
	return booking.Booking{ID: domain.BookingID{1}, EventID: 7, Status: status, ExpiresAt: window, Cancellation: booking.ByBuyer, Revision: 5,
		UnitPrice: domain.Money{Amount: 100, Currency: "TWD"}}
}

// Each pair of states is here, the forbidden ones by their absence.
func TestTransitions(t *testing.T) {
	allowed := map[string]bool{
		"processing>pending_payment": true, "processing>failed": true, "processing>cancelled": true,
		"pending_payment>paid": true, "pending_payment>cancelled": true,
	}
	moves := map[booking.Status]func(booking.Booking) (booking.Booking, bool){
		booking.PendingPayment: func(b booking.Booking) (booking.Booking, bool) { return b.HoldSeats(seats, 9, window) },
		booking.Failed:         func(b booking.Booking) (booking.Booking, bool) { return b.Fail("sold_out") },
		booking.Paid:           func(b booking.Booking) (booking.Booking, bool) { return b.Pay(now) },
		booking.Cancelled:      func(b booking.Booking) (booking.Booking, bool) { return b.Cancel(booking.Expired) },
	}
	for _, from := range booking.Statuses {
		for _, to := range booking.Statuses {
			pair := fmt.Sprintf("%s>%s", from, to)
			t.Run(pair, func(t *testing.T) {
				if got := from.CanBecome(to); got != allowed[pair] {
					t.Fatalf("CanBecome %v", got)
				}
				move, ok := moves[to]
				if !ok {
					return // nothing leads back to PROCESSING
				}
				b := in(from)
				next, moved := move(b)
				if moved != allowed[pair] {
					t.Fatalf("moved %v", moved)
				}
				if moved && (next.Status != to || next.Revision != b.Revision+1) || !moved && fmt.Sprint(next) != fmt.Sprint(b) {
					t.Errorf("%+v became %+v", b, next)
				}
			})
		}
	}
}

func TestPaymentTransitions(t *testing.T) {
	allowed := map[string]bool{
		"started>authorised": true, "started>declined": true, "started>void_due": true,
		"authorised>capture_due": true, "authorised>void_due": true, "capture_due>captured": true, "void_due>voided": true,
	}
	for _, from := range booking.PaymentStatuses {
		for _, to := range booking.PaymentStatuses {
			if pair := fmt.Sprintf("%s>%s", from, to); from.CanBecome(to) != allowed[pair] {
				t.Errorf("%s: %v", pair, from.CanBecome(to))
			}
		}
	}
}

func TestPayAtTheDeadline(t *testing.T) {
	b := in(booking.PendingPayment)
	if _, ok := b.Pay(window.Add(-time.Nanosecond)); !ok {
		t.Error("the last instant of the window is refused")
	}
	if _, ok := b.Pay(window); ok {
		t.Error("the deadline itself is taken")
	}
}

func TestRefusePayment(t *testing.T) {
	expired := in(booking.Cancelled)
	expired.Cancellation = booking.Expired
	tests := []struct {
		b    booking.Booking
		at   time.Time
		code string
	}{
		{in(booking.Processing), now, "booking_processing"},
		{in(booking.PendingPayment), now, ""},
		{in(booking.PendingPayment), window, "payment_window_over"},
		{in(booking.Paid), now, "already_paid"},
		{in(booking.Failed), now, "booking_failed"},
		{in(booking.Cancelled), now, "booking_cancelled"},
		{expired, now, "payment_window_over"},
	}
	for _, tt := range tests {
		err := tt.b.RefusePayment(tt.at)
		code := ""
		if r, ok := domain.AsRefusal(err); ok {
			code = r.Code
		}
		if code != tt.code {
			t.Errorf("%s: %q, want %q", tt.b.Status, code, tt.code)
		}
	}
}

func TestTakeSeats(t *testing.T) {
	m := message.BookingUpdatedToPendingPayment{Held: message.Held{EventID: 7, BookingID: domain.BookingID{1}, Section: "A", Seats: seats, Hold: 9}}
	take := func(b *booking.Booking) string {
		changed, release := booking.TakeSeats(b, m, window)
		switch {
		case changed != nil && release != nil:
			return "both"
		case changed != nil:
			if len(changed.Seats) != 2 || changed.Hold != 9 || !changed.ExpiresAt.Equal(window) {
				t.Errorf("%+v", changed)
			}
			return "held"
		case release != nil:
			if len(release.Seats) != 2 || release.Hold != 9 || release.BookingID != m.BookingID {
				t.Errorf("%+v", release)
			}
			return "given back: " + release.Reason
		}
		return "nothing"
	}
	for status, want := range map[booking.Status]string{
		booking.Processing: "held", booking.PendingPayment: "nothing", booking.Paid: "nothing",
		booking.Failed: "given back: failed", booking.Cancelled: "given back: by_buyer",
	} {
		b := in(status)
		if got := take(&b); got != want {
			t.Errorf("%s: %s, want %s", status, got, want)
		}
	}
	if got := take(nil); got != "given back: unknown" {
		t.Errorf("an unknown booking: %s", got)
	}
}

func TestNew(t *testing.T) {
	number := func(n int) *int { return &n }
	no := false
	tests := []struct {
		name    string
		request booking.Request
		want    string // pointers and codes of what is wrong
	}{
		{"best available", booking.Request{Section: "A", Mode: "best_available", Quantity: number(4)}, ""},
		{"by hand", booking.Request{Section: "A", Subsection: number(1), Mode: "manual", Positions: []string{"1-1", "2-3"}}, ""},
		{"by hand, none given: accepted, to fail later", booking.Request{Section: "A", Subsection: number(1), Mode: "manual"}, ""},
		{"by hand, counted rightly", booking.Request{Section: "A", Subsection: number(1), Mode: "manual", Positions: []string{"1-1"}, Quantity: number(1)}, ""},
		{"all or nothing", booking.Request{Section: "A", Mode: "best_available", Quantity: number(1), AllowPartial: &no}, ""},
		{"nothing at all", booking.Request{}, "section unknown_section, seat_selection_mode required"},
		{"no quantity", booking.Request{Section: "A", Mode: "best_available"}, "quantity required"},
		{"no seat", booking.Request{Section: "A", Mode: "best_available", Quantity: number(0)}, "quantity out_of_range"},
		{"too many", booking.Request{Section: "A", Mode: "best_available", Quantity: number(5)}, "quantity out_of_range"},
		{"seats with best available", booking.Request{Section: "A", Mode: "best_available", Quantity: number(1), Positions: []string{"1-1"}}, "seat_positions not_allowed"},
		{"an unknown subsection", booking.Request{Section: "A", Subsection: number(3), Mode: "best_available", Quantity: number(1)}, "subsection unknown_subsection"},
		{"by hand without a subsection", booking.Request{Section: "A", Mode: "manual", Positions: []string{"1-1"}}, "subsection required"},
		{"a seat twice", booking.Request{Section: "A", Subsection: number(1), Mode: "manual", Positions: []string{"1-1", "1-1"}}, "seat_positions.1 duplicate"},
		{"a seat outside the layout", booking.Request{Section: "A", Subsection: number(1), Mode: "manual", Positions: []string{"1-1", "1-4"}}, "seat_positions.1 unknown_seat"},
		{"a seat in another spelling", booking.Request{Section: "A", Subsection: number(1), Mode: "manual", Positions: []string{"01-1"}}, "seat_positions.0 malformed"},
		{"counted wrongly", booking.Request{Section: "A", Subsection: number(1), Mode: "manual", Positions: []string{"1-1"}, Quantity: number(2)}, "quantity not_allowed"},
		{"too many by hand", booking.Request{Section: "A", Subsection: number(1), Mode: "manual", Positions: []string{"1-1", "1-2", "1-3", "2-1", "2-2"}}, "seat_positions out_of_range"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			b, err := booking.New(domain.BookingID{1}, 42, event, tt.request, now)

			var wrong []string
			if r, ok := domain.AsRefusal(err); ok {
				for _, f := range r.Fields {
					wrong = append(wrong, f.Field.String()+" "+f.Code)
				}
			}
			if got := strings.Join(wrong, ", "); got != tt.want || (err == nil) != (tt.want == "") {
				t.Fatalf("%q (%v), want %q", got, err, tt.want)
			}
			if err == nil && (b.Status != booking.Processing || b.UnitPrice != domain.Money{Amount: 200000, Currency: "TWD"} || b.Revision != 1) {
				t.Errorf("%+v", b)
			}
		})
	}
	t.Run("a closed event", func(t *testing.T) {
		closed := event
		closed.Closed = true
		_, err := booking.New(domain.BookingID{1}, 42, closed, tests[0].request, now)
		if r, ok := domain.AsRefusal(err); !ok || r.Code != "event_closed" || r.Kind != domain.Conflict {
			t.Errorf("%v", err)
		}
	})
}

func ExampleBooking_Pay() {
	b := booking.Booking{Status: booking.Processing, UnitPrice: domain.Money{Amount: 200000, Currency: "TWD"}}
	b, _ = b.HoldSeats(seats, 17, window)
	b, _ = b.Pay(now)
	total, _ := b.Total()
	fmt.Println(b.Status, total.Amount, total.Currency)
	// Output: paid 400000 TWD
}
