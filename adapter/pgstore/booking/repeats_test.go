package booking_test

import (
	"context"
	"fmt"
	"reflect"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	store "github.com/onsale-tickets/onsale/adapter/pgstore/booking"
	"github.com/onsale-tickets/onsale/adapter/supervisor/teststores"
	"github.com/onsale-tickets/onsale/domain/booking"
	"github.com/onsale-tickets/onsale/port"
)

func key(n int) port.IdempotencyKey {
	return port.IdempotencyKey{Key: strconv.Itoa(n), Body: [32]byte{1}}
}

// together accepts bookings so that PostgreSQL gets them as one group: the table
// is locked until all of them wait.
func together(t *testing.T, s *store.Store, requests map[int]port.IdempotencyKey) map[int]booking.Booking {
	t.Helper()
	locked, err := s.Batches.Begin(t.Context())
	check(t, err)
	_, err = locked.Exec(t.Context(), "LOCK TABLE bookings IN ACCESS EXCLUSIVE MODE")
	check(t, err)
	var (
		all sync.WaitGroup
		mu  sync.Mutex
		got = map[int]booking.Booking{}
	)
	one := func(n int) {
		all.Go(func() {
			b, err := s.Accept(context.Background(), request(n), requests[n])
			if err != nil {
				t.Errorf("booking %d: %v", n, err)
			}
			mu.Lock()
			defer mu.Unlock()
			got[n] = b
		})
	}
	first := -1
	for n := range requests {
		if first < 0 {
			first = n
			one(n)
			waitsForLock(t, s)
			continue
		}
		one(n)
	}
	for s.Queued() < len(requests)-1 {
		time.Sleep(time.Millisecond)
	}
	check(t, locked.Commit(t.Context()))
	all.Wait()
	return got
}

// waitsForLock returns once a statement waits for the lock of the table.
func waitsForLock(t *testing.T, s *store.Store) {
	t.Helper()
	for waiting := false; !waiting; {
		check(t, s.Timers.QueryRow(t.Context(), "SELECT exists(SELECT FROM pg_locks WHERE NOT granted AND relation = 'bookings'::regclass)").Scan(&waiting))
	}
}

// A repeated Idempotency-Key costs its group a statement or two, not one
// statement for each booking.
func TestRepeatsDoNotSplitTheirGroup(t *testing.T) {
	at, writes := cut(t, teststores.Postgres(t))
	s, err := store.Open(t.Context(), at)
	check(t, err)
	t.Cleanup(s.Close)
	_, err = s.Accept(t.Context(), request(0), key(0))
	check(t, err)
	group := func(from int) map[int]port.IdempotencyKey {
		requests := map[int]port.IdempotencyKey{}
		for n := from; n < from+200; n++ {
			requests[n] = key(n)
		}
		requests[from+100] = key(0) // the repeat
		return requests
	}
	const most = 10    // of 201 bookings; the writer may find a part of them waiting first
	for i := range 2 { // the second time repeats are looked for beside the writer
		before := writes.written.Load()
		got := together(t, s, group(1000*(i+1)))
		if n := writes.written.Load() - before; n > most {
			t.Errorf("group %d: %d statements that write, at most %d expected", i, n, most)
		}
		for n, b := range got {
			want := request(n)
			if n == 1000*(i+1)+100 {
				want = request(0)
			}
			if !reflect.DeepEqual(b, want) {
				t.Errorf("booking %d is answered by %+v", n, b)
			}
		}
		if _, err := s.Booking(t.Context(), id(1000*(i+1)+100)); err != booking.ErrUnknown {
			t.Errorf("the repeat is stored: %v", err)
		}
	}
}

func TestF22_OneKeyInOneGroup(t *testing.T) {
	s := open(t)
	requests := map[int]port.IdempotencyKey{}
	for n := range 64 {
		requests[2*n] = key(1) // of one buyer
	}
	got := together(t, s, requests)
	for n, b := range got {
		if b.ID != got[0].ID || !reflect.DeepEqual(b, got[0]) {
			t.Errorf("booking %d is answered by %+v, booking 0 by %+v", n, b, got[0])
		}
	}
	var rows int
	check(t, s.Batches.QueryRow(t.Context(), "SELECT count(*) FROM bookings").Scan(&rows))
	if rows != 1 {
		t.Errorf("%d bookings are stored", rows)
	}
}

// Two servers that get the same keys at the same time, in other orders.
func TestF22_SameKeysOnTwoServers(t *testing.T) {
	url := teststores.Postgres(t)
	var servers [2]*store.Store
	for i := range servers {
		s, err := store.Open(t.Context(), url)
		check(t, err)
		t.Cleanup(s.Close)
		servers[i] = s
	}
	const keys = 500
	var all sync.WaitGroup
	got := [2][keys]booking.Booking{}
	for i, s := range servers {
		for n := range keys {
			all.Go(func() {
				at := n
				if i == 1 {
					at = keys - 1 - n
				}
				req := request(2 * (i*keys + at)) // all of one buyer
				b, err := s.Accept(context.Background(), req, key(at))
				if err != nil {
					t.Errorf("key %d on server %d: %v", at, i, err)
				}
				got[i][at] = b
			})
		}
	}
	all.Wait()
	for n := range keys {
		if !reflect.DeepEqual(got[0][n], got[1][n]) {
			t.Errorf("key %d: %s and %s", n, got[0][n].ID, got[1][n].ID)
		}
	}
}

// The clock of the server that accepts a booking is an hour ahead. Its request is
// sent again ten seconds later all the same.
func TestF29_AnotherClockDelaysNoResend(t *testing.T) {
	for name, accepted := range map[string]func(t *testing.T, s *store.Store, b booking.Booking){
		"by COPY": func(t *testing.T, s *store.Store, b booking.Booking) {
			_, err := s.Accept(t.Context(), b, port.IdempotencyKey{})
			check(t, err)
		},
		"by INSERT, beside a repeat": func(t *testing.T, s *store.Store, b booking.Booking) {
			_, err := s.Accept(t.Context(), request(0), key(0))
			check(t, err)
			together(t, s, map[int]port.IdempotencyKey{1: key(1), 2: key(0), 4: key(4)})
			_, err = s.Batches.Exec(t.Context(), "DELETE FROM bookings WHERE id = $1", [16]byte(id(0)))
			check(t, err)
		},
	} {
		t.Run(name, func(t *testing.T) {
			s := open(t)
			b := request(1)
			b.CreatedAt = time.Now().Add(time.Hour).UTC().Truncate(time.Microsecond)
			accepted(t, s, b)

			rows, err := s.Batches.Query(t.Context(), "SELECT extract(epoch FROM resend_at - clock_timestamp())::float8 FROM bookings")
			check(t, err)
			dues, err := pgx.CollectRows(rows, pgx.RowTo[float64])
			check(t, err)
			for _, due := range dues {
				if due > 10 || due < 1 {
					t.Errorf("sent again in %s", fmt.Sprintf("%.0f s", due))
				}
			}
			_, err = s.Batches.Exec(t.Context(), "UPDATE bookings SET resend_at = resend_at - interval '10 seconds'") // ten seconds later
			check(t, err)
			if due, err := s.ClaimUnanswered(t.Context(), 10); err != nil || len(due) != len(dues) {
				t.Errorf("%d of %d are sent again (%v)", len(due), len(dues), err)
			}
		})
	}
}

// PostgreSQL refuses one booking of a group. The others are stored, and a repeat
// among them gets its first answer.
func TestF23_BadRowInAGroup(t *testing.T) {
	s := open(t)
	_, err := s.Accept(t.Context(), request(0), key(0))
	check(t, err)
	results := map[int]error{}
	var (
		all sync.WaitGroup
		mu  sync.Mutex
	)
	locked, err := s.Batches.Begin(t.Context())
	check(t, err)
	_, err = locked.Exec(t.Context(), "LOCK TABLE bookings IN ACCESS EXCLUSIVE MODE")
	check(t, err)
	const bookings, bad, repeat = 20, 7, 12
	for n := 1; n <= bookings; n++ {
		all.Go(func() {
			b, k := request(2*n), key(n)
			switch n {
			case bad:
				b.Section = "A\x00"
			case repeat:
				k = key(0)
			}
			got, err := s.Accept(context.Background(), b, k)
			if err == nil && n == repeat && got.ID != id(0) {
				t.Errorf("the repeat is answered by %s", got.ID)
			}
			mu.Lock()
			defer mu.Unlock()
			results[n] = err
		})
	}
	waitsForLock(t, s)
	check(t, locked.Commit(t.Context()))
	all.Wait()
	for n, err := range results {
		if (err != nil) != (n == bad) {
			t.Errorf("booking %d: %v", n, err)
		}
		if _, err := s.Booking(t.Context(), id(2*n)); (err != nil) != (n == bad || n == repeat) {
			t.Errorf("booking %d in the table: %v", n, err)
		}
	}
}
