package port

import (
	"context"
	"time"

	"github.com/onsale-tickets/onsale/domain"
	"github.com/onsale-tickets/onsale/domain/ticketing"
)

//go:generate go tool mockgen -source=catalogue.go -destination=portmock/catalogue.go -package=portmock

// Catalogue holds the events on sale. Every server reads the compacted catalogue
// topic whole and follows it.
type Catalogue interface {
	// Event returns the event as this server has it, at most 1 s old. It blocks up
	// to 1 s for a fresh view; then it is an Unavailable refusal. An unknown id
	// makes it read the catalogue to its present end first; then it is a NotFound
	// refusal (code event_not_found).
	Event(ctx context.Context, id domain.EventID) (ticketing.CatalogueEvent, error)
	// Known returns the event as this server has it, however old that is, and
	// never blocks. It is for what does not change, such as the order of sections.
	// ok is false if this server has not heard of the event.
	Known(id domain.EventID) (e ticketing.CatalogueEvent, ok bool)
	// Follow calls fn with every event known now and with each newer revision,
	// in order of arrival, from one goroutine, until ctx is done.
	Follow(ctx context.Context, fn func(ticketing.CatalogueEvent)) error
}

// CataloguePublisher publishes an event's catalogue record.
type CataloguePublisher interface {
	// PublishEvent blocks until the brokers have acknowledged the record. Idempotent
	// by revision.
	PublishEvent(ctx context.Context, e ticketing.CatalogueEvent) error
}

// EndedSessions holds the sessions that were ended before they expired.
type EndedSessions interface {
	// End blocks until the brokers have acknowledged the end. until is when the
	// token would have expired anyway.
	End(ctx context.Context, session string, until time.Time) error
	// EndAll is End for all sessions of a user that were opened before a time. until
	// is when the last of them would have expired anyway.
	EndAll(ctx context.Context, user domain.UserID, opened, until time.Time) error
	// Known reports whether the ends of the time before this server started were
	// read. Until then no session can be accepted.
	Known() bool
	// Ended reports whether a session was ended, as of at most 1 s ago. It never
	// blocks.
	Ended(c Claims) bool
}

// Claims are the content of a session's token.
type Claims struct {
	Session   string // id of the session
	User      domain.UserID
	Role      string // buyer, seller
	Name      string
	OpenedAt  time.Time // to the microsecond
	ExpiresAt time.Time
}

// Tokens signs and reads session tokens with the installation's key.
type Tokens interface {
	Sign(c Claims) (token string, err error)
	// Read returns the claims of a genuine token that has not expired at now.
	// Anything else is an Unauthorized refusal.
	Read(token string, now time.Time) (Claims, error)
}
