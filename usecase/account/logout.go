package account

import (
	"context"
	"errors"

	"github.com/onsale-tickets/onsale/domain"
	"github.com/onsale-tickets/onsale/port"
)

// LogOut ends a session.
type LogOut struct{ ended port.EndedSessions }

// NewLogOut binds the port.
func NewLogOut(ended port.EndedSessions) *LogOut { return &LogOut{ended} }

// Handle returns after the brokers have acknowledged the end. From then on, each
// service refuses the token as soon as it has read the record. If the brokers do
// not respond, Handle returns Unavailable: the session may still be valid, and
// ending it may be repeated.
func (h *LogOut) Handle(ctx context.Context, session port.Claims) error {
	if err := h.ended.End(ctx, session.Session, session.ExpiresAt); err != nil {
		if _, ok := domain.AsRefusal(err); ok {
			return err
		}
		return errors.Join(domain.Refuse(domain.Unavailable, "unavailable", "the session could not be ended now; try again"), err)
	}
	return nil
}
