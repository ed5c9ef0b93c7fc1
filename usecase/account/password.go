package account

import (
	"context"
	"time"

	"github.com/onsale-tickets/onsale/domain"
	"github.com/onsale-tickets/onsale/domain/account"
	"github.com/onsale-tickets/onsale/port"
)

// ChangePassword gives a user another password.
type ChangePassword struct {
	users     port.Users
	passwords port.Passwords
	ended     port.EndedSessions
	logIn     *LogIn
}

// NewChangePassword binds the ports.
func NewChangePassword(u port.Users, p port.Passwords, e port.EndedSessions, l *LogIn) *ChangePassword {
	return &ChangePassword{u, p, e, l}
}

// PasswordChange is who changes from what to what; Address is where they are.
type PasswordChange struct {
	Session      port.Claims
	Current, New string
	Address      string
}

// Handle answers a new session: all that were opened before end, also those
// that somebody else may hold. Refusals: Invalid, and those of LogIn.
func (h *ChangePassword) Handle(ctx context.Context, in PasswordChange) (Session, error) {
	if err := account.CheckPassword("/new_password", in.New); err != nil {
		return Session{}, err
	}
	user, err := h.users.ByID(ctx, in.Session.User)
	if err != nil {
		return Session{}, err
	}
	if _, err := h.logIn.Handle(ctx, Credentials{Email: user.Email, Password: in.Current, Address: in.Address}); err != nil {
		return Session{}, err
	}
	hash, err := h.passwords.Hash(ctx, in.New)
	if err != nil {
		return Session{}, err
	}
	// Sessions first: if the rest fails, the user logs in with the old password.
	now := h.logIn.now().UTC().Truncate(time.Microsecond)
	if err := h.ended.EndAll(ctx, user.ID, now, now.Add(SessionLength)); err != nil {
		return Session{}, domain.Refuse(domain.Unavailable, "unavailable", "the password could not be changed now; try again")
	}
	if err := h.users.SetPassword(ctx, user.ID, hash); err != nil {
		return Session{}, err
	}
	return h.logIn.open(user, now)
}
