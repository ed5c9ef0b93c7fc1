package account

import (
	"context"
	"crypto/rand"
	"time"

	"github.com/onsale-tickets/onsale/domain"
	"github.com/onsale-tickets/onsale/domain/account"
	"github.com/onsale-tickets/onsale/port"
)

// SessionLength is how long a session lasts unless it is ended before.
const SessionLength = 12 * time.Hour

// LogIn opens a session.
type LogIn struct {
	users     port.Users
	passwords port.Passwords
	tokens    port.Tokens
	attempts  *Attempts
	now       func() time.Time
}

// NewLogIn binds the ports.
func NewLogIn(users port.Users, passwords port.Passwords, tokens port.Tokens, attempts *Attempts, now func() time.Time) *LogIn {
	return &LogIn{users, passwords, tokens, attempts, now}
}

// Credentials are what a visitor types. Address is the IP address of the visitor.
type Credentials struct {
	Email, Password string
	Address         string
}

// Session is an opened session.
type Session struct {
	Token     string
	ExpiresAt time.Time
	User      account.User
}

// Handle returns a session, or a refusal: Throttled (see ThrottledError) or
// Unauthorized (invalid_credentials). An unknown user and a wrong password lead to
// the same refusal after the same work.
func (h *LogIn) Handle(ctx context.Context, in Credentials) (Session, error) {
	email, code := account.NormalEmail(in.Email)
	if code != "" {
		email = "" // the address of no user; the password is verified all the same
	}
	attempt, err := h.attempts.Begin(ctx, email, in.Address, h.now)
	if err != nil {
		return Session{}, err
	}
	user, right, err := h.verify(ctx, email, in.Password)
	attempt.End(err == nil && !right)
	if err != nil {
		return Session{}, err
	}
	if !right {
		return Session{}, domain.Refuse(domain.Unauthorized, "invalid_credentials", "the e-mail address or the password is wrong")
	}
	return h.open(user, h.now())
}

// verify reports whether the password is the user's.
func (h *LogIn) verify(ctx context.Context, email, password string) (account.User, bool, error) {
	user, hash, err := h.find(ctx, email)
	if err != nil {
		return user, false, err
	}
	right, err := h.passwords.Verify(ctx, password, hash)
	return user, right, err
}

// find returns an empty hash for an unknown user.
func (h *LogIn) find(ctx context.Context, email string) (account.User, string, error) {
	user, hash, err := h.users.ByEmail(ctx, email)
	if r, ok := domain.AsRefusal(err); ok && r.Kind == domain.NotFound {
		return account.User{}, "", nil
	}
	return user, hash, err
}

func (h *LogIn) open(user account.User, now time.Time) (Session, error) {
	expires := now.Add(SessionLength).UTC().Truncate(time.Second) // the precision of a token
	token, err := h.tokens.Sign(port.Claims{
		Session: rand.Text(), User: user.ID, Role: string(user.Role), Name: user.Name, OpenedAt: now.UTC().Truncate(time.Microsecond), ExpiresAt: expires,
	})
	return Session{Token: token, ExpiresAt: expires, User: user}, err
}
