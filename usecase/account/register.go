package account

import (
	"context"
	"time"

	"github.com/onsale-tickets/onsale/domain/account"
	"github.com/onsale-tickets/onsale/port"
)

// Register creates an account.
type Register struct {
	users     port.Users
	passwords port.Passwords
	now       func() time.Time
}

// NewRegister binds the ports.
func NewRegister(users port.Users, passwords port.Passwords, now func() time.Time) *Register {
	return &Register{users, passwords, now}
}

// Handle returns the user, or a refusal: Invalid with the bad fields, or Conflict
// (email_taken).
func (h *Register) Handle(ctx context.Context, in account.Registration) (account.User, error) {
	valid, err := in.Validated()
	if err != nil {
		return account.User{}, err
	}
	hash, err := h.passwords.Hash(ctx, valid.Password)
	if err != nil {
		return account.User{}, err
	}
	return h.users.Register(ctx, account.User{
		Email: valid.Email, Name: valid.Name, Role: valid.Role,
		CreatedAt: h.now().UTC().Truncate(time.Microsecond),
	}, hash)
}
