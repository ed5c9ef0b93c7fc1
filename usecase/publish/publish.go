// Package publish waits for what other use cases send.
package publish

import (
	"context"

	"github.com/onsale-tickets/onsale/domain/message"
	"github.com/onsale-tickets/onsale/port"
)

// All sends the messages and blocks until each has been acknowledged or has
// failed, or until ctx is done. It returns the first error.
func All(ctx context.Context, p port.Publisher, envelopes []message.Envelope) error {
	results := make(chan error, len(envelopes))
	for _, e := range envelopes {
		p.Send(e, func(err error) { results <- err })
	}
	var first error
	for range envelopes {
		select {
		case err := <-results:
			if first == nil {
				first = err
			}
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	return first
}
