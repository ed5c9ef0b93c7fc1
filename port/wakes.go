package port

import (
	"context"
	"errors"
	"time"

	"github.com/onsale-tickets/onsale/domain"
	"github.com/onsale-tickets/onsale/domain/ticketing"
)

//go:generate go tool mockgen -source=wakes.go -destination=portmock/wakes.go -package=portmock

// Wakes knows which events are awake. Package domain/wake says what that means.
// Every server follows the log of wake-ups and rests.
type Wakes interface {
	// Wake wakes an event, or keeps it awake. One that is archived cannot be woken: it
	// is ErrArchived. It returns nil when the event is awake
	// for everyone, or will be: the record is acknowledged. It costs nothing if the
	// event was woken a short while ago and no service has rested since then.
	Wake(ctx context.Context, event domain.EventID) error
	// Follow calls fn with every event of the catalogue and each time that it
	// changes, wakes or falls asleep, from one goroutine, until ctx is done. fn may
	// get the same twice. It is first called when the log was read whole. An event
	// may be awake and still have no topics: they are being made.
	Follow(ctx context.Context, fn func(e ticketing.CatalogueEvent, awake bool)) error
}

// ErrArchived means that an event is archived, so that nobody can wake it.
var ErrArchived = errors.New("the event is archived")

// Rests is the log of wake-ups and rests for a service that may rest.
type Rests interface {
	// Tired returns the events that are not asleep and were last woken at least a
	// time ago, and the offset that the log was read up to.
	Tired(quiet time.Duration) (events []domain.EventID, after int64)
	// Rest writes the rest that is the service's turn, if there is one, of a service
	// that found nothing left to do after it had read the log up to an offset. inputs
	// is how many records its inputs have. It blocks until the rest is acknowledged.
	Rest(ctx context.Context, event domain.EventID, after, inputs int64) error
}

// InputEnds asks how far inputs go.
type InputEnds interface {
	// InputEnds returns the present end of each input that the service has of an
	// event.
	InputEnds(ctx context.Context, event domain.EventID) (map[Input]int64, error)
}

// Work knows what a service has left to do.
type Work interface {
	// Positions returns the next offset of each input. An input that is new starts
	// at 0.
	Positions(ctx context.Context, inputs []Input) (map[Input]int64, error)
	// Idle reports whether the service has nothing left to do about an event but to
	// read its inputs: it waits for no answer and no deadline, and all that it had to
	// send is acknowledged.
	Idle(ctx context.Context, event domain.EventID) (bool, error)
}
