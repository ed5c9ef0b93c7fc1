package port

import (
	"context"

	"github.com/onsale-tickets/onsale/domain"
	"github.com/onsale-tickets/onsale/domain/account"
)

//go:generate go tool mockgen -source=account.go -destination=portmock/account.go -package=portmock

// Users keeps the accounts.
type Users interface {
	// Register stores a new user under the next id (the id of u is ignored). An
	// e-mail that is taken is a Conflict refusal, code email_taken; of two at
	// once, one gets it.
	Register(ctx context.Context, u account.User, passwordHash string) (account.User, error)
	// SetPassword stores the hash of another password. Unknown: a NotFound refusal.
	SetPassword(ctx context.Context, id domain.UserID, passwordHash string) error
	// ByEmail finds a user by the address as NormalEmail spells it, with the hash
	// of the password. Unknown: a NotFound refusal.
	ByEmail(ctx context.Context, email string) (u account.User, passwordHash string, err error)
	// ByID finds a user. Unknown: a NotFound refusal.
	ByID(ctx context.Context, id domain.UserID) (account.User, error)
}

// Passwords hashes and verifies passwords. Both take their time (some tens of
// milliseconds of a core) and wait for their turn; if ctx ends before it
// comes, the answer is an Unavailable refusal.
type Passwords interface {
	Hash(ctx context.Context, password string) (hash string, err error)
	// Verify tells whether the password is the one that was hashed. An empty
	// hash is nobody's: false, after the same work as any other.
	Verify(ctx context.Context, password, hash string) (bool, error)
}
