package account_test

import (
	"strings"
	"testing"

	"github.com/onsale-tickets/onsale/domain"
	"github.com/onsale-tickets/onsale/domain/account"
)

func TestRegistration(t *testing.T) {
	good := account.Registration{Email: " Ann@Example.COM ", Password: "correct horse", Name: " Ann ", Role: account.Buyer}

	got, err := good.Validated()

	if err != nil || got.Email != "ann@example.com" || got.Name != "Ann" {
		t.Fatalf("got %+v (%v)", got, err)
	}
}

func TestRegistrationRefuses(t *testing.T) {
	for name, c := range map[string]struct {
		change      func(*account.Registration)
		field, code string
	}{
		"no e-mail":                  {func(r *account.Registration) { r.Email = "  " }, "email", "required"},
		"an e-mail without @":        {func(r *account.Registration) { r.Email = "ann" }, "email", "invalid"},
		"an e-mail with two":         {func(r *account.Registration) { r.Email = "a@b@c" }, "email", "invalid"},
		"an e-mail with a blank":     {func(r *account.Registration) { r.Email = "a b@c" }, "email", "invalid"},
		"an e-mail not ASCII":        {func(r *account.Registration) { r.Email = "é@c" }, "email", "invalid"},
		"an e-mail of 255":           {func(r *account.Registration) { r.Email = strings.Repeat("a", 253) + "@c" }, "email", "too_long"},
		"a password of 7":            {func(r *account.Registration) { r.Password = "1234567" }, "password", "too_short"},
		"a password of 129":          {func(r *account.Registration) { r.Password = strings.Repeat("é", 129) }, "password", "too_long"},
		"a blank name":               {func(r *account.Registration) { r.Name = " " }, "name", "required"},
		"an invisible name":          {func(r *account.Registration) { r.Name = "\u200b\u3164" }, "name", "invisible"},
		"a control character":        {func(r *account.Registration) { r.Name = "A\x07" }, "name", "invalid_characters"},
		"a right-to-left trick":      {func(r *account.Registration) { r.Name = "A\u202eB" }, "name", "invalid_characters"},
		"a role of its own":          {func(r *account.Registration) { r.Role = "admin" }, "role", "invalid"},
		"a registration without one": {func(r *account.Registration) { r.Role = "" }, "role", "required"},
	} {
		t.Run(name, func(t *testing.T) {
			r := account.Registration{Email: "ann@example.com", Password: "12345678", Name: "Ann", Role: account.Seller}
			c.change(&r)

			_, err := r.Validated()

			refusal, ok := domain.AsRefusal(err)
			if !ok || len(refusal.Fields) != 1 || refusal.Fields[0].Field.String() != c.field || refusal.Fields[0].Code != c.code {
				t.Fatalf("got %v %+v", err, refusal)
			}
		})
	}
}
