// Package redisfeed keeps a key for each payment window in Redis, and passes
// changes of bookings from server to server. Both may be lost: PostgreSQL decides
// when a window is over, and streams also read PostgreSQL.
package redisfeed

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"log/slog"
	"net"
	"strings"
	"sync/atomic"
	"time"

	"github.com/redis/rueidis"

	"github.com/onsale-tickets/onsale/domain"
	"github.com/onsale-tickets/onsale/domain/booking"
	"github.com/onsale-tickets/onsale/port"
)

const (
	channel    = "onsale:bookings"
	maxWaiting = 4096 // changes; further ones are dropped
	maxGroup   = 256
	callLimit  = 500 * time.Millisecond
	reconnect  = 300 * time.Millisecond
)

// Key returns the Redis key of a booking's payment window.
func Key(id domain.BookingID) string { return "onsale:hold:" + id.String() }

// Feed is the connection of a server to Redis.
type Feed struct {
	addr   string
	origin string           // prefix of this server's messages, which it ignores
	remote port.BookingFeed // receives the changes of other servers
	log    *slog.Logger
	queue  chan booking.Booking
	up     atomic.Bool
}

var _ port.BookingFeed = (*Feed)(nil)

// New returns a feed. It connects in Run.
func New(addr string, remote port.BookingFeed, log *slog.Logger) *Feed {
	return &Feed{addr: addr, origin: rand.Text() + " ", remote: remote, log: log, queue: make(chan booking.Booking, maxWaiting)}
}

// Complete reports whether the changes of other servers arrive at present.
func (f *Feed) Complete() bool { return f.up.Load() }

// Changed sets or deletes the keys of payment windows, and informs other servers.
func (f *Feed) Changed(bookings []booking.Booking) {
	for _, b := range bookings {
		select {
		case f.queue <- b:
		default:
		}
	}
}

// Run keeps the connection until ctx is done. It connects again while Redis is
// away.
func (f *Feed) Run(ctx context.Context) error {
	for first := true; ctx.Err() == nil; first = false {
		err := f.connected(ctx)
		if (f.up.Swap(false) || first) && ctx.Err() == nil {
			f.log.Warn("Redis is not reachable; streams read PostgreSQL instead", "addr", f.addr, "error", err)
		}
		select {
		case <-time.After(reconnect):
		case <-ctx.Done():
		}
	}
	return nil
}

// connected connects, and returns when the connection is lost.
func (f *Feed) connected(ctx context.Context) error {
	client, err := rueidis.NewClient(rueidis.ClientOption{InitAddress: []string{f.addr}, DisableCache: true, DisableRetry: true,
		ConnWriteTimeout: time.Second, Dialer: net.Dialer{Timeout: time.Second, KeepAlive: time.Second}})
	if err != nil {
		return err
	}
	defer client.Close()
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	sub, release := client.Dedicate()
	defer release()
	lost := sub.SetPubSubHooks(rueidis.PubSubHooks{
		OnMessage:      func(m rueidis.PubSubMessage) { f.receive(m.Message) },
		OnSubscription: func(rueidis.PubSubSubscription) { f.up.Store(true) },
	})
	if err := sub.Do(ctx, sub.B().Subscribe().Channel(channel).Build()).Error(); err != nil {
		return err
	}
	go func() {
		select {
		case err := <-lost:
			cancel(err)
		case <-ctx.Done():
		}
	}()
	alive := time.NewTicker(time.Second) // a paused Redis sends nothing, just like one without changes
	defer alive.Stop()
	for {
		select {
		case <-alive.C:
			if err := ping(ctx, client); err != nil {
				return err
			}
		case b := <-f.queue:
			if err := f.send(ctx, client, f.group(b)); err != nil {
				return err
			}
		case <-ctx.Done():
			return context.Cause(ctx)
		}
	}
}

func ping(ctx context.Context, c rueidis.Client) error {
	ctx, cancel := context.WithTimeout(ctx, callLimit)
	defer cancel()
	return c.Do(ctx, c.B().Ping().Build()).Error()
}

func (f *Feed) group(first booking.Booking) []booking.Booking {
	group := []booking.Booking{first}
	for len(group) < maxGroup {
		select {
		case b := <-f.queue:
			group = append(group, b)
		default:
			return group
		}
	}
	return group
}

func (f *Feed) send(ctx context.Context, c rueidis.Client, group []booking.Booking) error {
	ctx, cancel := context.WithTimeout(ctx, callLimit)
	defer cancel()
	var commands rueidis.Commands
	for _, b := range group {
		switch left := time.Until(b.ExpiresAt); {
		case b.Status == booking.PendingPayment && left > 0:
			commands = append(commands, c.B().Set().Key(Key(b.ID)).Value(b.BuyerID.String()).Px(left).Build())
		case b.Status.Final():
			commands = append(commands, c.B().Del().Key(Key(b.ID)).Build())
		}
	}
	encoded, err := json.Marshal(group)
	if err != nil {
		return err
	}
	commands = append(commands, c.B().Publish().Channel(channel).Message(f.origin+string(encoded)).Build())
	for _, r := range c.DoMulti(ctx, commands...) {
		if err := r.Error(); err != nil {
			return err
		}
	}
	return nil
}

// receive passes on a message of another server: a list of bookings. A server of
// version 0.1.0 sends each booking alone. It cannot read a list: its streams find the
// changes in PostgreSQL.
func (f *Feed) receive(text string) {
	_, encoded, ok := strings.Cut(text, " ")
	if !ok || strings.HasPrefix(text, f.origin) {
		return
	}
	var group []booking.Booking
	var alone booking.Booking
	switch {
	case json.Unmarshal([]byte(encoded), &group) == nil:
		f.remote.Changed(group)
	case json.Unmarshal([]byte(encoded), &alone) == nil:
		f.remote.Changed([]booking.Booking{alone})
	}
}
