package booking_test

import (
	"strings"
	"testing"

	"github.com/onsale-tickets/onsale/domain"
	"github.com/onsale-tickets/onsale/domain/booking"
)

func TestNewCard(t *testing.T) {
	sent := func(s string) *string { return &s }
	for name, c := range map[string]struct {
		number, token *string
		field, code   string
	}{
		"the card that pays":          {number: sent("4242424242424242")},
		"the card that is declined":   {number: sent("4000000000000002")},
		"the card that never answers": {number: sent("4000000000000119")},
		"a token":                     {token: sent("tok_ok")},
		"nothing":                     {nil, nil, "card_number", "required"},
		"an empty number":             {sent(""), nil, "card_number", "required"},
		"an empty token":              {nil, sent(""), "payment_token", "required"},
		"both":                        {sent("4242424242424242"), sent("tok_ok"), "payment_token", "not_allowed"},
		"both, the number empty":      {sent(""), sent("tok_ok"), "payment_token", "not_allowed"},
		"a wrong digit":               {sent("4242424242424241"), nil, "card_number", "invalid"},
		"eleven digits":               {sent("42424242424"), nil, "card_number", "invalid"},
		"blanks":                      {sent("4242 4242 4242 4242"), nil, "card_number", "invalid"},
		"a token with a bell":         {nil, sent("tok\a"), "payment_token", "invalid"},
		"a token of 256 characters":   {nil, sent(strings.Repeat("x", 256)), "payment_token", "invalid"},
	} {
		t.Run(name, func(t *testing.T) {
			card, err := booking.NewCard(c.number, c.token)
			if c.code == "" {
				if err != nil || c.number != nil && card.Number != *c.number || c.token != nil && card.Token != *c.token {
					t.Fatalf("%+v %v", card, err)
				}
				return
			}
			r, ok := domain.AsRefusal(err)
			if !ok || r.Fields[0].Field.String() != c.field || r.Fields[0].Code != c.code {
				t.Errorf("got %+v", r)
			}
		})
	}
}
