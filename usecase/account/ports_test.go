package account_test

import (
	"errors"
	"testing"
	"time"

	"go.uber.org/mock/gomock"

	"github.com/onsale-tickets/onsale/domain"
	rules "github.com/onsale-tickets/onsale/domain/account"
	"github.com/onsale-tickets/onsale/port"
	"github.com/onsale-tickets/onsale/port/portmock"
	"github.com/onsale-tickets/onsale/usecase/account"
)

var (
	errFault = errors.New("fault")
	opened   = time.Date(2027, 1, 1, 0, 0, 0, 0, time.UTC)
	user     = rules.User{ID: 7, Email: "buyer@example.com", Name: "a new buyer", Role: rules.Buyer}
	claims   = port.Claims{Session: "s", User: 7, Role: "buyer", ExpiresAt: opened.Add(time.Hour)}
)

// ports are mocks: a call that a test does not expect fails it.
type ports struct {
	users     *portmock.MockUsers
	passwords *portmock.MockPasswords
	ended     *portmock.MockEndedSessions
	tokens    *portmock.MockTokens
}

func newPorts(t *testing.T) *ports {
	c := gomock.NewController(t)
	return &ports{portmock.NewMockUsers(c), portmock.NewMockPasswords(c), portmock.NewMockEndedSessions(c), portmock.NewMockTokens(c)}
}

func clock() time.Time { return opened }

func (p *ports) logIn() *account.LogIn {
	return account.NewLogIn(p.users, p.passwords, p.tokens, account.NewAttempts(), clock)
}

func (p *ports) change() *account.ChangePassword {
	return account.NewChangePassword(p.users, account.NewCurrentUser(p.users), p.passwords, p.ended, p.logIn())
}

func TestRegisterAndItsPorts(t *testing.T) {
	good := rules.Registration{Email: "buyer@example.com", Password: "correct horse", Name: "a new buyer", Role: "buyer"}
	t.Run("hashes no password of a bad registration", func(t *testing.T) {
		p, bad := newPorts(t), good
		bad.Role = "admin"
		if _, err := account.NewRegister(p.users, p.passwords, clock).Handle(t.Context(), bad); code(err) != "invalid_request" {
			t.Error(err)
		}
	})
	t.Run("stores nothing without a hash", func(t *testing.T) {
		p := newPorts(t)
		p.passwords.EXPECT().Hash(gomock.Any(), good.Password).Return("", errFault)
		if _, err := account.NewRegister(p.users, p.passwords, clock).Handle(t.Context(), good); !errors.Is(err, errFault) {
			t.Error(err)
		}
	})
	t.Run("stores the hash, and never the password", func(t *testing.T) {
		p := newPorts(t)
		p.passwords.EXPECT().Hash(gomock.Any(), good.Password).Return("hash", nil)
		p.users.EXPECT().Register(gomock.Any(), rules.User{Email: good.Email, Name: good.Name, Role: rules.Buyer, CreatedAt: opened}, "hash").Return(rules.User{}, rules.EmailTaken)
		if _, err := account.NewRegister(p.users, p.passwords, clock).Handle(t.Context(), good); code(err) != "email_taken" {
			t.Error(err)
		}
	})
}

func TestLogInAndItsPorts(t *testing.T) {
	in := account.Credentials{Email: user.Email, Password: "correct horse", Address: "a"}
	t.Run("does not count a fault of the store as a failed attempt", func(t *testing.T) {
		p := newPorts(t)
		h := p.logIn()
		p.users.EXPECT().ByEmail(gomock.Any(), user.Email).Return(rules.User{}, "", errFault).Times(2 * account.FailedPerAccount)
		for range 2 * account.FailedPerAccount {
			if _, err := h.Handle(t.Context(), in); !errors.Is(err, errFault) {
				t.Fatal(err)
			}
		}
	})
	t.Run("reads nothing for an account with too many failures", func(t *testing.T) {
		p := newPorts(t)
		h := p.logIn()
		p.users.EXPECT().ByEmail(gomock.Any(), user.Email).Return(user, "hash", nil).Times(account.FailedPerAccount)
		p.passwords.EXPECT().Verify(gomock.Any(), in.Password, "hash").Return(false, nil).Times(account.FailedPerAccount)
		for range account.FailedPerAccount {
			if _, err := h.Handle(t.Context(), in); code(err) != "invalid_credentials" {
				t.Fatal(err)
			}
		}
		if _, err := h.Handle(t.Context(), in); code(err) != "too_many_attempts" {
			t.Error(err)
		}
	})
	t.Run("verifies the password of an unknown user against no hash", func(t *testing.T) {
		p := newPorts(t)
		p.users.EXPECT().ByEmail(gomock.Any(), user.Email).Return(rules.User{}, "", rules.UnknownUser)
		p.passwords.EXPECT().Verify(gomock.Any(), in.Password, "").Return(false, nil)
		if _, err := p.logIn().Handle(t.Context(), in); code(err) != "invalid_credentials" {
			t.Error(err)
		}
	})
	t.Run("opens no session without a token", func(t *testing.T) {
		p := newPorts(t)
		p.users.EXPECT().ByEmail(gomock.Any(), user.Email).Return(user, "hash", nil)
		p.passwords.EXPECT().Verify(gomock.Any(), in.Password, "hash").Return(true, nil)
		p.tokens.EXPECT().Sign(gomock.Any()).Return("", errFault)
		if _, err := p.logIn().Handle(t.Context(), in); !errors.Is(err, errFault) {
			t.Error(err)
		}
	})
}

func TestLogOutAndItsPort(t *testing.T) {
	refusal := domain.Refuse(domain.Unavailable, "too_late", "")
	for name, c := range map[string]struct {
		err  error
		code string
	}{
		"is acknowledged":                      {nil, ""},
		"is refused":                           {refusal, "too_late"},
		"fails: the session may still be live": {errFault, "unavailable"},
	} {
		t.Run(name, func(t *testing.T) {
			p := newPorts(t)
			p.ended.EXPECT().End(gomock.Any(), claims.Session, claims.ExpiresAt).Return(c.err)
			if err := account.NewLogOut(p.ended).Handle(t.Context(), claims); code(err) != c.code || !errors.Is(err, c.err) {
				t.Error(err)
			}
		})
	}
}

func TestCurrentUserAndItsPort(t *testing.T) {
	for name, c := range map[string]struct {
		err  error
		code string
	}{
		"is found":                             {nil, ""},
		"has no account any more":              {rules.UnknownUser, "unauthorized"},
		"is not known while the store is away": {errFault, ""},
	} {
		t.Run(name, func(t *testing.T) {
			p := newPorts(t)
			p.users.EXPECT().ByID(gomock.Any(), claims.User).Return(user, c.err)
			u, err := account.NewCurrentUser(p.users).Handle(t.Context(), claims)
			if code(err) != c.code || (err == nil) != (c.err == nil) || err == nil && u != user {
				t.Errorf("%+v %v", u, err)
			}
		})
	}
}

func TestChangePasswordAndItsPorts(t *testing.T) {
	in := account.PasswordChange{Session: claims, Current: "correct horse", New: "another horse", Address: "a"}
	// right expects the check of the current password
	right := func(p *ports, ok bool) {
		p.users.EXPECT().ByID(gomock.Any(), user.ID).Return(user, nil)
		p.users.EXPECT().ByEmail(gomock.Any(), user.Email).Return(user, "hash", nil)
		p.passwords.EXPECT().Verify(gomock.Any(), in.Current, "hash").Return(ok, nil)
	}
	signed := func(p *ports) { p.tokens.EXPECT().Sign(gomock.Any()).Return("token", nil) }
	t.Run("reads nothing for a bad new password", func(t *testing.T) {
		bad := in
		bad.New = "short"
		if _, err := newPorts(t).change().Handle(t.Context(), bad); code(err) != "invalid_request" {
			t.Error(err)
		}
	})
	t.Run("verifies nothing for an account that does not exist any more", func(t *testing.T) {
		p := newPorts(t)
		p.users.EXPECT().ByID(gomock.Any(), user.ID).Return(rules.User{}, rules.UnknownUser)
		if _, err := p.change().Handle(t.Context(), in); code(err) != "unauthorized" {
			t.Error(err)
		}
	})
	t.Run("ends and stores nothing after a wrong password", func(t *testing.T) {
		p := newPorts(t)
		right(p, false)
		if _, err := p.change().Handle(t.Context(), in); code(err) != "invalid_credentials" {
			t.Error(err)
		}
	})
	t.Run("ends no session without a hash", func(t *testing.T) {
		p := newPorts(t)
		right(p, true)
		signed(p)
		p.passwords.EXPECT().Hash(gomock.Any(), in.New).Return("", errFault)
		if _, err := p.change().Handle(t.Context(), in); !errors.Is(err, errFault) {
			t.Error(err)
		}
	})
	t.Run("stores nothing while sessions cannot be ended", func(t *testing.T) {
		p := newPorts(t)
		right(p, true)
		signed(p)
		p.passwords.EXPECT().Hash(gomock.Any(), in.New).Return("new hash", nil)
		p.ended.EXPECT().EndAll(gomock.Any(), user.ID, opened, opened.Add(account.SessionLength)).Return(errFault)
		if _, err := p.change().Handle(t.Context(), in); code(err) != "unavailable" || !errors.Is(err, errFault) {
			t.Error(err)
		}
	})
	for name, fault := range map[string]error{"ends all sessions, then stores, then opens a new one": nil, "opens no session when the password is not stored": errFault} {
		t.Run(name, func(t *testing.T) {
			p := newPorts(t)
			right(p, true)
			signed(p)
			p.passwords.EXPECT().Hash(gomock.Any(), in.New).Return("new hash", nil)
			after := p.users.EXPECT().SetPassword(gomock.Any(), user.ID, "new hash").Return(fault).
				After(p.ended.EXPECT().EndAll(gomock.Any(), user.ID, opened, gomock.Any()).Return(nil))
			if fault == nil {
				p.tokens.EXPECT().Sign(gomock.Any()).Return("new token", nil).After(after)
			}
			s, err := p.change().Handle(t.Context(), in)
			if !errors.Is(err, fault) || (fault == nil) != (s.Token == "new token") {
				t.Errorf("%+v %v", s, err)
			}
		})
	}
}
