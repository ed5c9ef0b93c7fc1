package booking_test

import (
	"testing"

	"github.com/onsale-tickets/onsale/domain"
	"github.com/onsale-tickets/onsale/domain/booking"
)

func TestCardCheck(t *testing.T) {
	for name, c := range map[string]struct {
		card          booking.Card
		pointer, code string
	}{
		"the card that pays":          {card: booking.Card{Number: "4242424242424242"}},
		"the card that is declined":   {card: booking.Card{Number: "4000000000000002"}},
		"the card that never answers": {card: booking.Card{Number: "4000000000000119"}},
		"a token":                     {card: booking.Card{Token: "tok_ok"}},
		"nothing":                     {booking.Card{}, "/card_number", "required"},
		"both":                        {booking.Card{Number: "4242424242424242", Token: "tok_ok"}, "/payment_token", "not_allowed"},
		"a wrong digit":               {booking.Card{Number: "4242424242424241"}, "/card_number", "invalid"},
		"eleven digits":               {booking.Card{Number: "42424242424"}, "/card_number", "invalid"},
		"blanks":                      {booking.Card{Number: "4242 4242 4242 4242"}, "/card_number", "invalid"},
		"a token with a bell":         {booking.Card{Token: "tok\a"}, "/payment_token", "invalid"},
	} {
		t.Run(name, func(t *testing.T) {
			err := c.card.Check()
			if c.code == "" {
				if err != nil {
					t.Fatal(err)
				}
				return
			}
			r, ok := domain.AsRefusal(err)
			if !ok || r.Fields[0].Pointer != c.pointer || r.Fields[0].Code != c.code {
				t.Errorf("got %+v", r)
			}
		})
	}
}
