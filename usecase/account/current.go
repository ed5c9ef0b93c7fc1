package account

import (
	"context"

	"github.com/onsale-tickets/onsale/domain"
	"github.com/onsale-tickets/onsale/domain/account"
	"github.com/onsale-tickets/onsale/port"
)

// CurrentUser finds the user of a session.
type CurrentUser struct{ users port.Users }

// NewCurrentUser binds the port.
func NewCurrentUser(users port.Users) *CurrentUser { return &CurrentUser{users} }

// Handle returns the user. A session whose account does not exist is Unauthorized:
// it is from an installation that was set up anew with the same key.
func (h *CurrentUser) Handle(ctx context.Context, session port.Claims) (account.User, error) {
	u, err := h.users.ByID(ctx, session.User)
	if r, ok := domain.AsRefusal(err); ok && r.Kind == domain.NotFound {
		err = domain.Refuse(domain.Unauthorized, "unauthorized", "the account does not exist any more")
	}
	return u, err
}
