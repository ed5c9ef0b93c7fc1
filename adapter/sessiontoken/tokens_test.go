package sessiontoken_test

import (
	"bytes"
	"strings"
	"testing"
	"time"

	"github.com/onsale-tickets/onsale/adapter/sessiontoken"
	"github.com/onsale-tickets/onsale/domain"
	"github.com/onsale-tickets/onsale/port"
)

func key(b byte) sessiontoken.Key { return bytes.Repeat([]byte{b}, 32) }

func TestTokens(t *testing.T) {
	now := time.Date(2026, 11, 25, 12, 0, 0, 0, time.UTC)
	tokens, err := sessiontoken.New(key(1))
	if err != nil {
		t.Fatal(err)
	}
	want := port.Claims{Session: "s", User: 7, Role: "buyer", Name: "a new buyer", ExpiresAt: now.Add(time.Hour)}
	token, err := tokens.Sign(want)
	if err != nil {
		t.Fatal(err)
	}

	for range 2 { // the second time from the cache
		if got, err := tokens.Read(token, now); err != nil || got != want {
			t.Fatalf("got %+v (%v)", got, err)
		}
	}

	other, _ := sessiontoken.New(key(2))
	forged, _ := other.Sign(want)
	parts := strings.Split(token, ".")
	for name, c := range map[string]struct {
		token string
		at    time.Time
	}{
		"expired":      {token, now.Add(time.Hour)},
		"much older":   {token, now.Add(24 * time.Hour)},
		"one bit off":  {parts[0] + "." + parts[1] + "." + flipped(parts[2]), now},
		"another key":  {forged, now},
		"unsigned":     {"eyJhbGciOiJub25lIn0." + parts[1] + ".", now},
		"no signature": {parts[0] + "." + parts[1] + ".", now},
		"no token":     {"x", now},
		"empty":        {"", now},
	} {
		_, err := tokens.Read(c.token, c.at)
		if r, ok := domain.AsRefusal(err); !ok || r.Kind != domain.Unauthorized {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := sessiontoken.New(sessiontoken.Key("short")); err == nil {
		t.Error("a short key was taken")
	}
}

// flipped returns a signature with another first character.
func flipped(signature string) string {
	if signature[0] == 'A' {
		return "B" + signature[1:]
	}
	return "A" + signature[1:]
}

func BenchmarkRead(b *testing.B) {
	tokens, err := sessiontoken.New(key(1))
	if err != nil {
		b.Fatal(err)
	}
	now := time.Now()
	token, err := tokens.Sign(port.Claims{Session: "s", User: 7, Role: "buyer", Name: "a new buyer", ExpiresAt: now.Add(time.Hour)})
	if err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	for b.Loop() {
		if _, err := tokens.Read(token, now); err != nil {
			b.Fatal(err)
		}
	}
}

func TestSignTicket(t *testing.T) {
	one, err := sessiontoken.New(sessiontoken.Key("0123456789abcdef0123456789abcdef"))
	if err != nil {
		t.Fatal(err)
	}
	two, err := sessiontoken.New(sessiontoken.Key("fedcba9876543210fedcba9876543210"))
	if err != nil {
		t.Fatal(err)
	}
	b := domain.BookingID{15: 1}
	is := one.SignTicket("1-A-1-1-1", b)
	if len(is) != 22 || is != one.SignTicket("1-A-1-1-1", b) {
		t.Errorf("%q, then %q", is, one.SignTicket("1-A-1-1-1", b))
	}
	for name, other := range map[string]string{"another ticket": one.SignTicket("1-A-1-1-2", b), "another booking": one.SignTicket("1-A-1-1-1", domain.BookingID{15: 2}),
		"another key": two.SignTicket("1-A-1-1-1", b)} {
		if other == is {
			t.Errorf("%s has the same signature", name)
		}
	}
}
