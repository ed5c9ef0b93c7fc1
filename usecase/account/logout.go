package account

import (
	"context"

	"github.com/onsale-tickets/onsale/domain"
	"github.com/onsale-tickets/onsale/port"
)

// LogOut ends a session before its time.
type LogOut struct{ ended port.EndedSessions }

// NewLogOut binds the port.
func NewLogOut(ended port.EndedSessions) *LogOut { return &LogOut{ended} }

// Handle returns when the end is acknowledged by the broker, so that no
// service takes the token for longer than its view of the ended sessions is
// old. Otherwise Unavailable: the session stands, and may be ended again.
func (h *LogOut) Handle(ctx context.Context, session port.Claims) error {
	if err := h.ended.End(ctx, session.Session, session.ExpiresAt); err != nil {
		if _, ok := domain.AsRefusal(err); ok {
			return err
		}
		return domain.Refuse(domain.Unavailable, "unavailable", "the session could not be ended now; try again")
	}
	return nil
}
