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

// NewCard reads what a buyer sent; nil is a field that was left out. It takes one
// of the two: a number of 12 to 19 digits whose check digit is right (ISO/IEC
// 7812), or a token of 1 to 255 characters. A refusal never repeats the number.
func NewCard(number, token *string) (Card, error) {
	bad := func(field, code, detail string) (Card, error) {
		return Card{}, domain.RefuseFields([]domain.FieldError{{Field: domain.Field(field), Code: code, Detail: detail}})
	}
	switch {
	case number == nil && token == nil, number != nil && token == nil && *number == "":
		return bad("card_number", "required", "card_number or payment_token")
	case number != nil && token != nil:
		return bad("payment_token", "not_allowed", "either card_number or payment_token")
	case number != nil && !validNumber(*number):
		return bad("card_number", "invalid", "12 to 19 digits with a correct check digit")
	case number != nil:
		return Card{Number: *number}, nil
	case *token == "":
		return bad("payment_token", "required", "1 to 255 characters")
	case len(*token) > 255 || domain.TextCode(*token, false) != "":
		return bad("payment_token", "invalid", "1 to 255 characters")
	}
	return Card{Token: *token}, nil
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
