package process_test

import (
	"context"
	"errors"
	"slices"
	"sync"
	"testing"

	"github.com/onsale-tickets/onsale/wire/process"
)

// A service stops taking requests first: what they need must still run.
func TestRunEndsTheFrontFirst(t *testing.T) {
	var mu sync.Mutex
	var ended []string
	part := func(name string) process.Part {
		return func(ctx context.Context) error {
			<-ctx.Done()
			mu.Lock()
			defer mu.Unlock()
			ended = append(ended, name)
			return nil
		}
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()

	err := process.Run(ctx, []process.Part{part("front"), part("front")}, []process.Part{part("back"), part("back")})

	if err != nil || !slices.Equal(ended, []string{"front", "front", "back", "back"}) {
		t.Errorf("ended %v: %v", ended, err)
	}
}

func TestRunEndsWhenAPartFails(t *testing.T) {
	errPart := errors.New("the port is in use")
	waits := func(ctx context.Context) error { <-ctx.Done(); return nil }
	fails := func(context.Context) error { return errPart }
	for name, parts := range map[string][2][]process.Part{
		"in front": {{waits, fails}, {waits}},
		"in back":  {{waits}, {waits, fails}},
	} {
		t.Run(name, func(t *testing.T) {
			if err := process.Run(t.Context(), parts[0], parts[1]); !errors.Is(err, errPart) {
				t.Errorf("error %v", err)
			}
		})
	}
}
