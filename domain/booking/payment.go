package booking

import (
	"time"

	"github.com/onsale-tickets/onsale/domain"
)

// PaymentID names one attempt to pay; it is also the gateway's idempotency key.
type PaymentID [16]byte

// String is the canonical lower-case form, 36 characters.
func (p PaymentID) String() string { return domain.BookingID(p).String() }

// Payment is one attempt to pay for a booking.
type Payment struct {
	ID        PaymentID
	BookingID domain.BookingID
	Amount    domain.Money
	Status    PaymentStatus
	StartedAt time.Time
}

// Card is what a buyer pays with: a card number, or a token that the gateway
// issued.
type Card struct {
	Number, Token string
}

// Check refuses a card that cannot be valid. A card has either a number of 12 to
// 19 digits with the right check digit (ISO/IEC 7812), or a token of 1 to 255
// characters. The refusal never contains the number.
func (c Card) Check() error {
	var bad []domain.FieldError
	switch {
	case c.Number == "" && c.Token == "":
		bad = append(bad, domain.FieldError{Pointer: "/card_number", Code: "required", Detail: "give card_number or payment_token"})
	case c.Number != "" && c.Token != "":
		bad = append(bad, domain.FieldError{Pointer: "/payment_token", Code: "not_allowed", Detail: "give either card_number or payment_token, not both"})
	case c.Number != "" && !validNumber(c.Number):
		bad = append(bad, domain.FieldError{Pointer: "/card_number", Code: "invalid", Detail: "12 to 19 digits with the right check digit"})
	case len(c.Token) > 255 || domain.TextCode(c.Token, false) != "":
		bad = append(bad, domain.FieldError{Pointer: "/payment_token", Code: "invalid", Detail: "1 to 255 characters"})
	}
	return domain.RefuseFields(bad)
}

// validNumber reports whether the check digit is right (Luhn).
func validNumber(s string) bool {
	if len(s) < 12 || len(s) > 19 {
		return false
	}
	sum := 0
	for i := range len(s) {
		d := int(s[len(s)-1-i]) - '0'
		if d < 0 || d > 9 {
			return false
		}
		if i%2 == 1 {
			if d *= 2; d > 9 {
				d -= 9
			}
		}
		sum += d
	}
	return sum%10 == 0
}

// AsAccepted returns the booking as its buyer saw it first.
func (b Booking) AsAccepted() Booking {
	return Booking{ID: b.ID, EventID: b.EventID, BuyerID: b.BuyerID, Section: b.Section, Subsection: b.Subsection, Mode: b.Mode,
		Positions: b.Positions, Quantity: b.Quantity, AllowPartial: b.AllowPartial, UnitPrice: b.UnitPrice,
		Status: Processing, CreatedAt: b.CreatedAt, Revision: 1}
}
