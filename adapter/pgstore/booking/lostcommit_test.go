package booking_test

import (
	"bytes"
	"context"
	"io"
	"net"
	"net/url"
	"sync"
	"sync/atomic"
	"testing"

	store "github.com/onsale-tickets/onsale/adapter/pgstore/booking"
	"github.com/onsale-tickets/onsale/adapter/supervisor/teststores"
	"github.com/onsale-tickets/onsale/port"
)

// cutting is a proxy of PostgreSQL. It cuts some connections at the worst moment:
// the rows are stored and committed, and the answer is on its way.
type cutting struct {
	listener net.Listener
	to       string
	left     atomic.Int32 // answers that will not arrive
	written  atomic.Int32 // statements that stored bookings, or tried to
}

func cut(t *testing.T, at string) (through string, c *cutting) {
	t.Helper()
	u, err := url.Parse(at)
	check(t, err)
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	check(t, err)
	c = &cutting{listener: listener, to: u.Host}
	t.Cleanup(func() { listener.Close() })
	go c.serve()
	u.Host = listener.Addr().String()
	return u.String(), c
}

func (c *cutting) serve() {
	for {
		client, err := c.listener.Accept()
		if err != nil {
			return
		}
		server, err := net.Dial("tcp", c.to)
		if err != nil {
			client.Close()
			continue
		}
		go func() { defer server.Close(); io.Copy(server, client) }()
		go func() {
			defer client.Close()
			buffer := make([]byte, 64<<10)
			for {
				n, err := server.Read(buffer)
				wrote := bytes.Contains(buffer[:n], []byte("COPY ")) || bytes.Contains(buffer[:n], []byte("INSERT 0 "))
				if wrote || bytes.Contains(buffer[:n], []byte("23505")) {
					c.written.Add(1)
				}
				if err != nil || wrote && c.left.Add(-1) >= 0 {
					return
				}
				if _, err := client.Write(buffer[:n]); err != nil {
					return
				}
			}
		}()
	}
}

// A booking that was stored is answered although the answer of COMMIT was lost,
// also without an Idempotency-Key: else the client would book again.
func TestF21_LostAnswerOfCommit(t *testing.T) {
	at, lost := cut(t, teststores.Postgres(t))
	s, err := store.Open(t.Context(), at)
	check(t, err)
	t.Cleanup(s.Close)
	for name, at := range map[string]struct{ first, bookings int }{"of one": {0, 1}, "of a group": {100, 50}} {
		t.Run(name, func(t *testing.T) {
			lost.left.Store(3)
			var all sync.WaitGroup
			for n := range at.bookings {
				all.Go(func() {
					if got, err := s.Accept(context.Background(), request(at.first+n), port.IdempotencyKey{}); err != nil || got.ID != id(at.first+n) {
						t.Errorf("booking %d: %v", n, err)
					}
				})
			}
			all.Wait()
			for n := range at.bookings {
				if _, err := s.Booking(t.Context(), id(at.first+n)); err != nil {
					t.Errorf("booking %d: %v", n, err)
				}
			}
			if lost.left.Load() > 2 {
				t.Error("no answer was lost")
			}
		})
	}
	t.Run("that another has the id is no success", func(t *testing.T) {
		other := request(100)
		other.BuyerID = 99
		if _, err := s.Accept(t.Context(), other, port.IdempotencyKey{}); err == nil {
			t.Error("it is accepted")
		}
	})
}
