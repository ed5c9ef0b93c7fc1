package booking_test

import (
	"context"
	"encoding/binary"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	store "github.com/onsale-tickets/onsale/adapter/pgstore/booking"
	"github.com/onsale-tickets/onsale/adapter/supervisor/teststores"
	"github.com/onsale-tickets/onsale/port"
)

// Bookings per second with 512 clients that all send an Idempotency-Key: no
// repeats, and one request of a hundred repeated. The two take turns, so that
// both see the same machine and the same size of the table.
func BenchmarkAccept(b *testing.B) {
	s, err := store.Open(b.Context(), teststores.Postgres(b))
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(s.Close)
	const turn, clients = 20_000, 512
	var keys, ids atomic.Int64
	accept := func(of int64) {
		n := keys.Add(1)
		if of > 0 && n%of == 0 {
			n -= 2 * clients // stored a while ago
		}
		req := request(0)
		binary.BigEndian.PutUint64(req.ID[8:], uint64(ids.Add(1)))
		req.BuyerID = 42
		if _, err := s.Accept(context.Background(), req, port.IdempotencyKey{Key: strconv.FormatInt(n, 10), Body: [32]byte{1}}); err != nil {
			b.Error(err)
		}
	}
	took := func(repeated int64) time.Duration {
		began := time.Now()
		var all sync.WaitGroup
		for range clients {
			all.Go(func() {
				for range turn / clients {
					accept(repeated)
				}
			})
		}
		all.Wait()
		return time.Since(began)
	}
	took(0) // plans, connections
	var without, with time.Duration
	for b.Loop() {
		without += took(0)
		with += took(100)
	}
	b.ReportMetric(turn/clients*clients*float64(b.N)/without.Seconds(), "bookings/s")
	b.ReportMetric(turn/clients*clients*float64(b.N)/with.Seconds(), "bookings/s-1%-repeated")
	b.ReportMetric(without.Seconds()/with.Seconds(), "ratio")
}
