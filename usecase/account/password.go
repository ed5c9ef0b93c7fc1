package account

import (
	"context"
	"errors"
	"time"

	"github.com/onsale-tickets/onsale/domain"
	"github.com/onsale-tickets/onsale/domain/account"
	"github.com/onsale-tickets/onsale/port"
)

// ChangePassword changes the password of a user.
type ChangePassword struct {
	users     port.Users
	current   *CurrentUser
	passwords port.Passwords
	ended     port.EndedSessions
	logIn     *LogIn
}

// NewChangePassword binds the ports.
func NewChangePassword(u port.Users, c *CurrentUser, p port.Passwords, e port.EndedSessions, l *LogIn) *ChangePassword {
	return &ChangePassword{u, c, p, e, l}
}

// PasswordChange is a request to change a password. Address is the IP address of
// the visitor.
type PasswordChange struct {
	Session      port.Claims
	Current, New string
	Address      string
}

// Handle returns a new session. It ends all sessions of the user that were opened
// before, also those that somebody else may hold. Refusals: Invalid,
// Unauthorized, and those of LogIn.
func (h *ChangePassword) Handle(ctx context.Context, in PasswordChange) (Session, error) {
	if err := account.CheckPassword("new_password", in.New); err != nil {
		return Session{}, err
	}
	user, err := h.current.Handle(ctx, in.Session)
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
	// Sessions end first: if the rest fails, the user can log in with the old password.
	now := h.logIn.now().UTC().Truncate(time.Microsecond)
	if err := h.ended.EndAll(ctx, user.ID, now, now.Add(SessionLength)); err != nil {
		return Session{}, errors.Join(domain.Refuse(domain.Unavailable, "unavailable", "the password could not be changed now; try again"), err)
	}
	if err := h.users.SetPassword(ctx, user.ID, hash); err != nil {
		return Session{}, err
	}
	return h.logIn.open(user, now)
}
