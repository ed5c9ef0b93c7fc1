package port

import (
	"context"

	"github.com/onsale-tickets/onsale/domain"
	"github.com/onsale-tickets/onsale/domain/account"
)

//go:generate go tool mockgen -source=account.go -destination=portmock/account.go -package=portmock

// Users stores accounts.
type Users interface {
	// Register stores a new user under the next id; the id of u is ignored. It
	// returns account.EmailTaken if the address has an account. Of two calls at
	// once for one address, one succeeds.
	Register(ctx context.Context, u account.User, passwordHash string) (account.User, error)
	// SetPassword stores the hash of a new password. An unknown user is a NotFound
	// refusal.
	SetPassword(ctx context.Context, id domain.UserID, passwordHash string) error
	// ByEmail returns a user by the address in the spelling of NormalEmail, with the
	// hash of the password. An unknown address is a NotFound refusal.
	ByEmail(ctx context.Context, email string) (u account.User, passwordHash string, err error)
	// ByID returns a user. An unknown id is a NotFound refusal.
	ByID(ctx context.Context, id domain.UserID) (account.User, error)
}

// Passwords hashes and verifies passwords. Both take some tens of milliseconds of
// a core, and block while too many others run. If ctx ends meanwhile, they return
// an Unavailable refusal.
type Passwords interface {
	Hash(ctx context.Context, password string) (hash string, err error)
	// Verify reports whether the password is the one that was hashed. For an empty
	// hash it returns false after the same work.
	Verify(ctx context.Context, password, hash string) (bool, error)
}
