package booking

import (
	"context"
	"errors"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/onsale-tickets/onsale/domain"
	"github.com/onsale-tickets/onsale/domain/booking"
	"github.com/onsale-tickets/onsale/port"
)

// A repeat is a request with an Idempotency-Key that is stored already. It must
// not slow down the group that it comes with: COPY stores nothing of a group that
// has one. So while repeats arrive, checkRepeats answers them beside the writer,
// before they get into a group. While there are none, it costs nothing.

// repeatsFor is how long repeats are looked for after the last one was seen.
const repeatsFor = 30 * time.Second

// checkRepeats passes bookings on to the writer, without the repeats.
func (s *Store) checkRepeats() {
	defer close(s.checked)
	for first := range s.accepts {
		group := []accept{first}
		if time.Now().UnixNano() < s.repeatsUntil.Load() {
			group = s.withoutRepeats(gather(first, s.accepts, s.most))
		}
		for _, a := range group {
			s.checked <- a
		}
	}
}

func (s *Store) sawRepeat() { s.repeatsUntil.Store(time.Now().Add(repeatsFor).UnixNano()) }

// withoutRepeats answers the repeats of a group and returns the rest. If
// PostgreSQL cannot be asked, all of them are the rest.
func (s *Store) withoutRepeats(group []accept) []accept {
	var keyed, rest []accept
	for _, a := range group {
		if a.key.Key == "" {
			rest = append(rest, a)
		} else {
			keyed = append(keyed, a)
		}
	}
	if len(keyed) == 0 {
		return rest
	}
	ctx, cancel := context.WithTimeout(context.Background(), acceptLimit)
	defer cancel()
	stored, err := s.byKey(ctx, keyed)
	if err != nil {
		return group
	}
	for _, a := range keyed {
		first, is := stored[keyOf(a)]
		if !is {
			rest = append(rest, a)
			continue
		}
		s.sawRepeat()
		a.result <- first.answer(a.key)
	}
	return rest
}

// buyersKey is what identifies a request: keys of different buyers are different.
type buyersKey struct {
	buyer domain.UserID
	key   string
}

func keyOf(a accept) buyersKey { return buyersKey{a.booking.BuyerID, a.key.Key} }

// firstOfEachKey separates the bookings of a group whose key another one of the
// group has too.
func firstOfEachKey(group []accept) (first, repeats []accept) {
	seen := map[buyersKey]bool{}
	first = make([]accept, 0, len(group))
	for _, a := range group {
		if a.key.Key != "" {
			if seen[keyOf(a)] {
				repeats = append(repeats, a)
				continue
			}
			seen[keyOf(a)] = true
		}
		first = append(first, a)
	}
	return first, repeats
}

// without returns the bookings of a group that are not among some others.
func without(group, others []accept) []accept {
	drop := map[domain.BookingID]bool{}
	for _, a := range others {
		drop[a.booking.ID] = true
	}
	var rest []accept
	for _, a := range group {
		if !drop[a.booking.ID] {
			rest = append(rest, a)
		}
	}
	return rest
}

// answerRepeats answers bookings that are not stored because they, or their keys,
// are there already.
func (s *Store) answerRepeats(ctx context.Context, repeats []accept) {
	if len(repeats) == 0 {
		return
	}
	for i, is := range s.found(ctx, repeats) {
		if errors.Is(is.err, booking.ErrUnknown) { // the first of its key could not be stored
			is = s.acceptOne(ctx, repeats[i], nil)
		}
		repeats[i].result <- is
	}
}

// errTaken reports that another booking has the id.
var errTaken = errors.New("another booking has this id")

// found answers each of some bookings by the row that is there: the one under its
// key, or the one with its id, if that is the same booking.
func (s *Store) found(ctx context.Context, bookings []accept) []accepted {
	answers := make([]accepted, len(bookings))
	stored, err := s.byKey(ctx, bookings)
	for i, a := range bookings {
		if err != nil {
			answers[i].err = err
			continue
		}
		if first, is := stored[keyOf(a)]; is && a.key.Key != "" {
			answers[i] = first.answer(a.key)
			continue
		}
		own, err := s.Booking(ctx, a.booking.ID)
		switch {
		case err != nil:
			answers[i].err = err
		case own.BuyerID != a.booking.BuyerID || own.EventID != a.booking.EventID || !own.CreatedAt.Equal(a.booking.CreatedAt):
			answers[i].err = errTaken
		default:
			answers[i].booking = a.booking
		}
	}
	return answers
}

// first is the booking that was stored under a key, and the hash of the body that
// it was requested with.
type first struct {
	booking booking.Booking
	hash    [32]byte
}

// answer is what a repeat gets.
func (f first) answer(key port.IdempotencyKey) accepted {
	if f.hash != key.Body {
		return accepted{err: booking.ErrKeyReused}
	}
	return accepted{f.booking.AsAccepted(), nil}
}

// byKey reads the bookings that are stored under the keys of some others.
func (s *Store) byKey(ctx context.Context, keyed []accept) (map[buyersKey]first, error) {
	var (
		buyers []int64
		keys   []string
	)
	for _, a := range keyed {
		if a.key.Key != "" {
			buyers, keys = append(buyers, int64(a.booking.BuyerID)), append(keys, a.key.Key)
		}
	}
	if len(keys) == 0 {
		return nil, nil
	}
	// LATERAL with LIMIT is one look into the unique index for each key, whatever
	// the statistics of the table say.
	rows, err := s.Batches.Query(ctx, `SELECT b.* FROM unnest($1::bigint[], $2::text[]) AS k (buyer, key) CROSS JOIN LATERAL (
			SELECT `+columns+`, request_hash, idempotency_key FROM bookings WHERE buyer_id = k.buyer AND idempotency_key = k.key LIMIT 1) b`, buyers, keys)
	if err != nil {
		return nil, err
	}
	found := map[buyersKey]first{}
	_, err = pgx.CollectRows(rows, func(row pgx.CollectableRow) (struct{}, error) {
		var (
			hash []byte
			key  string
		)
		b, err := scanWith(row, &hash, &key)
		f := first{booking: b}
		copy(f.hash[:], hash)
		found[buyersKey{b.BuyerID, key}] = f
		return struct{}{}, err
	})
	return found, err
}

// Accepted returns what was accepted under a key.
func (s *Store) Accepted(ctx context.Context, buyer domain.UserID, key port.IdempotencyKey) (booking.Booking, error) {
	stored, err := s.byKey(ctx, []accept{{booking: booking.Booking{BuyerID: buyer}, key: key}})
	if err != nil {
		return booking.Booking{}, err
	}
	f, is := stored[buyersKey{buyer, key.Key}]
	if !is {
		return booking.Booking{}, booking.ErrUnknown
	}
	a := f.answer(key)
	return a.booking, a.err
}
