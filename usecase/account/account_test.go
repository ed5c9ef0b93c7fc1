package account_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/onsale-tickets/onsale/adapter/memory"
	"github.com/onsale-tickets/onsale/adapter/sessiontoken"
	"github.com/onsale-tickets/onsale/domain"
	rules "github.com/onsale-tickets/onsale/domain/account"
	"github.com/onsale-tickets/onsale/port"
	"github.com/onsale-tickets/onsale/usecase/account"
)

// plain is a hash that takes no time. It counts its uses.
type plain struct{ verified int }

func (p *plain) Hash(_ context.Context, password string) (string, error) { return "#" + password, nil }

func (p *plain) Verify(_ context.Context, password, hash string) (bool, error) {
	p.verified++
	return hash == "#"+password, nil
}

type house struct {
	users     *memory.Users
	passwords *plain
	tokens    *sessiontoken.Tokens
	now       time.Time
	register  *account.Register
	logIn     *account.LogIn
}

func newHouse(t *testing.T) *house {
	t.Helper()
	tokens, err := sessiontoken.New([]byte("0123456789abcdef0123456789abcdef"))
	if err != nil {
		t.Fatal(err)
	}
	h := &house{users: &memory.Users{}, passwords: &plain{}, tokens: tokens, now: time.Date(2027, 1, 1, 0, 0, 0, 0, time.UTC)}
	clock := func() time.Time { return h.now }
	h.register = account.NewRegister(h.users, h.passwords, clock)
	h.logIn = account.NewLogIn(h.users, h.passwords, tokens, account.NewAttempts(), clock)
	return h
}

func (h *house) buyer(t *testing.T) rules.User {
	t.Helper()
	u, err := h.register.Handle(t.Context(), rules.Registration{Email: " Buyer@Example.com ", Password: "correct horse", Name: "a new buyer", Role: "buyer"})
	if err != nil {
		t.Fatal(err)
	}
	return u
}

func code(err error) string {
	if r, ok := domain.AsRefusal(err); ok {
		return r.Code
	}
	return ""
}

func TestRegister(t *testing.T) {
	h := newHouse(t)
	if u := h.buyer(t); u.Email != "buyer@example.com" || u.ID != 1 {
		t.Errorf("%+v", u)
	}
	_, err := h.register.Handle(t.Context(), rules.Registration{Email: "BUYER@example.com", Password: "another horse", Name: "x", Role: "seller"})
	if code(err) != "email_taken" {
		t.Errorf("the same address again: %v", err)
	}
}

func TestLogIn(t *testing.T) {
	t.Run("opens a session that all services can read", func(t *testing.T) {
		h := newHouse(t)
		u := h.buyer(t)
		s, err := h.logIn.Handle(t.Context(), account.Credentials{Email: "buyer@EXAMPLE.com", Password: "correct horse", Address: "127.0.0.1"})
		if err != nil {
			t.Fatal(err)
		}
		claims, err := h.tokens.Read(s.Token, h.now)
		if err != nil || claims.User != u.ID || claims.Role != "buyer" || claims.Session == "" || !claims.ExpiresAt.Equal(s.ExpiresAt) {
			t.Errorf("%+v %v", claims, err)
		}
		if _, err := h.tokens.Read(s.Token, s.ExpiresAt); err == nil {
			t.Error("the token is taken after it expired")
		}
	})
	t.Run("refuses a wrong user like a wrong password, after the same work", func(t *testing.T) {
		h := newHouse(t)
		h.buyer(t)
		_, wrongPassword := h.logIn.Handle(t.Context(), account.Credentials{Email: "buyer@example.com", Password: "wrong", Address: "a"})
		_, wrongUser := h.logIn.Handle(t.Context(), account.Credentials{Email: "nobody@example.com", Password: "wrong", Address: "a"})
		_, noAddress := h.logIn.Handle(t.Context(), account.Credentials{Email: "no address", Password: "wrong", Address: "a"})
		if code(wrongPassword) != "invalid_credentials" || wrongUser.Error() != wrongPassword.Error() || noAddress.Error() != wrongPassword.Error() {
			t.Errorf("%v, %v, %v", wrongPassword, wrongUser, noAddress)
		}
		if h.passwords.verified != 3 {
			t.Errorf("%d passwords were verified", h.passwords.verified)
		}
	})
	t.Run("is throttled after ten failures of an account, and free again after five minutes", func(t *testing.T) {
		h := newHouse(t)
		h.buyer(t)
		right := account.Credentials{Email: "buyer@example.com", Password: "correct horse", Address: "a"}
		for range account.FailedPerAccount {
			_, _ = h.logIn.Handle(t.Context(), account.Credentials{Email: "buyer@example.com", Password: "wrong", Address: "a"})
		}
		_, err := h.logIn.Handle(t.Context(), right)
		var throttled *account.ThrottledError
		if !errors.As(err, &throttled) || throttled.RetryAfter <= 0 || code(err) != "too_many_attempts" {
			t.Fatalf("the eleventh: %v", err)
		}
		h.now = h.now.Add(account.AttemptWindow)
		if _, err := h.logIn.Handle(t.Context(), right); err != nil {
			t.Errorf("five minutes later: %v", err)
		}
	})
}

func TestLogOut(t *testing.T) {
	ended := &memory.EndedSessions{}
	out := account.NewLogOut(ended)
	if err := out.Handle(t.Context(), port.Claims{Session: "s"}); err != nil || !ended.Ended(port.Claims{Session: "s"}) {
		t.Errorf("%v, ended %v", err, ended.Ended(port.Claims{Session: "s"}))
	}
	ended.Fault = errors.New("no broker")
	if err := out.Handle(t.Context(), port.Claims{Session: "s2"}); code(err) != "unavailable" || ended.Ended(port.Claims{Session: "s2"}) {
		t.Errorf("without a broker: %v", err)
	}
}

func TestChangePassword(t *testing.T) {
	h := newHouse(t)
	u := h.buyer(t)
	ended := &memory.EndedSessions{}
	change := account.NewChangePassword(h.users, account.NewCurrentUser(h.users), h.passwords, ended, h.logIn)
	old := port.Claims{Session: "old", User: u.ID, OpenedAt: h.now.Add(-time.Second)}
	in := account.PasswordChange{Session: old, Current: "correct horse", New: "another horse", Address: "a"}

	wrong, short := in, in
	wrong.Current, short.New = "wrong", "short"
	if _, err := change.Handle(t.Context(), wrong); code(err) != "invalid_credentials" || ended.Ended(old) {
		t.Errorf("a wrong password: %v", err)
	}
	if _, err := change.Handle(t.Context(), short); code(err) != "invalid_request" || ended.Ended(old) {
		t.Errorf("a short one: %v", err)
	}
	s, err := change.Handle(t.Context(), in)
	if err != nil {
		t.Fatal(err)
	}
	claims, err := h.tokens.Read(s.Token, h.now)
	if err != nil || ended.Ended(claims) || !ended.Ended(old) {
		t.Errorf("new session ended: %v, old one: %v (%v)", ended.Ended(claims), ended.Ended(old), err)
	}
	if _, err := h.logIn.Handle(t.Context(), account.Credentials{Email: u.Email, Password: "another horse", Address: "a"}); err != nil {
		t.Errorf("log in with the new one: %v", err)
	}
	if _, err := h.logIn.Handle(t.Context(), account.Credentials{Email: u.Email, Password: "correct horse", Address: "a"}); code(err) != "invalid_credentials" {
		t.Errorf("log in with the old one: %v", err)
	}
}
