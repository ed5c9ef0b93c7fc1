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
	want := port.Claims{Session: "s", User: 7, Role: "buyer", Name: "Ann", ExpiresAt: now.Add(time.Hour)}
	token, err := tokens.Sign(want)
	if err != nil {
		t.Fatal(err)
	}

	if got, err := tokens.Read(token, now); err != nil || got != want {
		t.Fatalf("got %+v (%v)", got, err)
	}

	other, _ := sessiontoken.New(key(2))
	forged, _ := other.Sign(want)
	parts := strings.Split(token, ".")
	for name, c := range map[string]struct {
		token string
		at    time.Time
	}{
		"expired":      {token, now.Add(time.Hour)},
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
