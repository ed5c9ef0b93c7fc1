package domain_test

import (
	"fmt"
	"testing"

	"github.com/onsale-tickets/onsale/domain"
)

func TestParseSeatPosition(t *testing.T) {
	good := map[string]domain.SeatPosition{
		"1-1":       {Row: 1, Seat: 1},
		"12-7":      {Row: 12, Seat: 7},
		"9999-9999": {Row: 9999, Seat: 9999},
	}
	for text, want := range good {
		t.Run("takes "+text, func(t *testing.T) {
			got, err := domain.ParseSeatPosition(text)
			if err != nil || got != want || got.String() != text {
				t.Fatalf("got %v (%v), want %v", got, err, want)
			}
		})
	}
	for _, text := range []string{"", "1", "1-", "-1", "01-1", "1-01", "+1-1", " 1-1", "1-1 ", "0-1", "1-0", "10000-1", "1-1-1", "١-1", "-1-1"} {
		t.Run(fmt.Sprintf("refuses %q", text), func(t *testing.T) {
			if got, err := domain.ParseSeatPosition(text); err == nil {
				t.Fatalf("got %v, want an error", got)
			}
		})
	}
}

func TestParseSeatID(t *testing.T) {
	id, err := domain.ParseSeatID("VIP1-2-10-9999")
	if err != nil || id != (domain.SeatID{Section: "VIP1", Subsection: 2, Row: 10, Seat: 9999}) || id.String() != "VIP1-2-10-9999" {
		t.Fatalf("got %v (%v)", id, err)
	}
	if got := domain.TicketID(7, domain.SeatID{Section: "A", Subsection: 1, Row: 1, Seat: 1}); got != "7-A-1-1-1" {
		t.Fatalf("ticket id %q", got)
	}
	for _, text := range []string{"", "A-1-1", "a-1-1-1", "A-01-1-1", "A-1-1-0", "A-1-1-1-1", "TOOLONGNAME-1-1-1", "A-1-1-x"} {
		if got, err := domain.ParseSeatID(text); err == nil {
			t.Errorf("%q gave %v, want an error", text, got)
		}
	}
}

func TestSeatIDLess(t *testing.T) {
	two := domain.SeatID{Section: "A", Subsection: 1, Row: 1, Seat: 2}
	ten := domain.SeatID{Section: "A", Subsection: 1, Row: 1, Seat: 10}
	if !two.Less(ten) || ten.Less(two) || two.Less(two) {
		t.Fatal("seats are ordered as numbers: 2 before 10")
	}
}

func TestParseBookingID(t *testing.T) {
	const text = "018f5a3e-7c1b-7d2a-9b3c-0123456789ab"
	id, ok := domain.ParseBookingID(text)
	if !ok || id.String() != text || id.IsZero() {
		t.Fatalf("got %v %v", id, ok)
	}
	for _, bad := range []string{"", "018F5A3E-7C1B-7D2A-9B3C-0123456789AB", "018f5a3e7c1b7d2a9b3c0123456789ab", text + "0", "g18f5a3e-7c1b-7d2a-9b3c-0123456789ab"} {
		if _, ok := domain.ParseBookingID(bad); ok {
			t.Errorf("%q was taken: a booking has one spelling", bad)
		}
	}
}

func TestMinorUnits(t *testing.T) {
	for c, want := range map[domain.Currency]int{"JPY": 0, "KRW": 0, "TWD": 2, "EUR": 2, "KWD": 3} {
		if n, ok := c.MinorUnits(); !ok || n != want {
			t.Errorf("%s: %d %v, want %d", c, n, ok, want)
		}
	}
	for _, c := range []domain.Currency{"", "XXX", "XAU", "twd", "ABC", "XTS", "XDR"} {
		if _, ok := c.MinorUnits(); ok {
			t.Errorf("%q was taken", c)
		}
	}
}

func TestRefuseFields(t *testing.T) {
	if err := domain.RefuseFields(nil); err != nil {
		t.Fatalf("no bad field is no refusal, got %v", err)
	}
	err := fmt.Errorf("create event: %w", domain.RefuseFields([]domain.FieldError{{Field: domain.Field("name"), Code: "required"}}))
	r, ok := domain.AsRefusal(err)
	if !ok || r.Kind != domain.Invalid || len(r.Fields) != 1 {
		t.Fatalf("got %v %v", r, ok)
	}
}

func TestPath(t *testing.T) {
	sections := domain.Field("seating").Field("sections")
	first, second := sections.Index(0).Field("price"), sections.Index(1).Field("name") // two branches share no memory
	for want, p := range map[string]domain.Path{"": nil, "seating.sections": sections, "seating.sections.0.price": first, "seating.sections.1.name": second} {
		if p.String() != want {
			t.Errorf("%s, want %s", p, want)
		}
	}
}

func ExampleParseSeatID() {
	seat, _ := domain.ParseSeatID("A-1-12-7")
	fmt.Println(seat.Section, seat.Row, domain.TicketID(7, seat))
	// Output: A 12 7-A-1-12-7
}

func TestDecimal(t *testing.T) {
	for want, m := range map[string]domain.Money{
		"1234.50": {Amount: 123450, Currency: "EUR"}, "0.05": {Amount: 5, Currency: "TWD"}, "1234": {Amount: 1234, Currency: "JPY"},
		"1.234": {Amount: 1234, Currency: "KWD"}, "-0.01": {Amount: -1, Currency: "USD"}, "0.00": {Currency: "USD"},
	} {
		if got := m.Decimal(); got != want {
			t.Errorf("%+v is %s, want %s", m, got, want)
		}
	}
}
