package booking

import (
	"context"
	"errors"
	"time"

	"github.com/jackc/pgx/v5/pgconn"
	"go.opentelemetry.io/otel"
	"go.opentelemetry.io/otel/trace"

	"github.com/onsale-tickets/onsale/adapter/pgstore"
	"github.com/onsale-tickets/onsale/domain"
	"github.com/onsale-tickets/onsale/domain/booking"
	"github.com/onsale-tickets/onsale/port"
)

const (
	maxWaiting  = 2048 // bookings that wait to be stored; more are refused
	maxGroup    = 256  // bookings stored by one statement
	acceptLimit = 5 * time.Second
)

// accept is a booking that waits to be stored.
type accept struct {
	booking booking.Booking
	key     port.IdempotencyKey
	result  chan accepted
	trace   trace.SpanContext
}

type accepted struct {
	booking booking.Booking
	err     error
}

// Accept returns once the booking is durable. If ctx ends earlier, the booking
// may have been stored or not; its row or the idempotency key tells later.
func (s *Store) Accept(ctx context.Context, b booking.Booking, key port.IdempotencyKey) (booking.Booking, error) {
	a := accept{booking: b, key: key, result: make(chan accepted, 1), trace: trace.SpanContextFromContext(ctx)}
	select {
	case s.accepts <- a:
	default:
		return booking.Booking{}, errOverloaded
	}
	select {
	case is := <-a.result:
		return is.booking, is.err
	case <-ctx.Done():
		return booking.Booking{}, ctx.Err()
	}
}

var errOverloaded = domain.Refuse(domain.Unavailable, "overloaded", "too many bookings at once; try again soon")

// acceptGroups stores the bookings that wait, at most s.most at a time. While
// one group is written the next one gathers. So groups grow with the load, and a
// single booking does not wait.
func (s *Store) acceptGroups() {
	defer close(s.done)
	for first := range s.checked {
		s.acceptGroup(gather(first, s.checked, s.most))
	}
}

// gather returns first and what waits in a channel, at most so many in all.
func gather(first accept, waiting <-chan accept, most int) []accept {
	group := append(make([]accept, 0, min(1+len(waiting), most)), first)
	for len(group) < most {
		select {
		case a, open := <-waiting:
			if !open {
				return group
			}
			group = append(group, a)
		default:
			return group
		}
	}
	return group
}

// acceptGroup stores a group the fastest way. If a booking of the group is there
// already, or its idempotency key is, that stores nothing. Then one INSERT stores the
// others. Only a group that PostgreSQL refuses for another
// reason is stored one by one, so that a bad booking fails alone.
func (s *Store) acceptGroup(group []accept) {
	// The requests' own contexts do not reach the transaction: a client that hangs
	// up must not fail the others.
	ctx, cancel := context.WithTimeout(context.Background(), acceptLimit)
	defer cancel()
	ctx, end := traced(ctx, group)
	defer end()
	fresh, repeats := firstOfEachKey(group)
	err := s.storeAll(ctx, fresh)
	if pgstore.HasCode(err, pgstore.UniqueViolation) {
		var there []accept
		if there, err = s.insertNew(ctx, fresh); err == nil {
			fresh = without(fresh, there)
			repeats = append(repeats, there...)
			s.sawRepeat()
		}
	}
	for _, a := range fresh {
		if err != nil {
			a.result <- s.acceptOne(ctx, a, err)
			continue
		}
		a.result <- accepted{a.booking, nil}
	}
	s.answerRepeats(ctx, repeats)
}

// retryPause is the pause between two attempts to find out whether a booking
// was stored.
const retryPause = 100 * time.Millisecond

// acceptOne stores a booking whose group failed with err. The group may have been
// stored if the answer was lost, and so may each attempt here. That does no harm:
// a booking that is there already is not stored again.
func (s *Store) acceptOne(ctx context.Context, a accept, err error) accepted {
	lost := unknown(err)
	for {
		var there []accept
		there, err = s.insertNew(ctx, []accept{a})
		switch {
		case err == nil && len(there) == 0:
			return accepted{a.booking, nil}
		case err == nil:
			return s.found(ctx, there)[0]
		case !lost && !unknown(err) || pgstore.BadRow(err):
			return accepted{err: refusedAsSealed(err)}
		}
		lost = true
		select {
		case <-time.After(retryPause):
		case <-ctx.Done():
			return accepted{err: err}
		}
	}
}

// unknown reports whether a statement that ended with err may have been executed
// all the same: its answer did not arrive.
func unknown(err error) bool {
	var answer *pgconn.PgError
	var unconnected *pgconn.ConnectError
	return err != nil && !errors.As(err, &answer) && !errors.As(err, &unconnected) && !pgconn.SafeToRetry(err)
}

// traced starts a span for a group if one of its requests is traced. The span is
// a child of the first of these and linked to the others.
func traced(ctx context.Context, group []accept) (context.Context, func()) {
	var links []trace.Link
	for _, a := range group {
		if a.trace.IsSampled() {
			links = append(links, trace.Link{SpanContext: a.trace})
		}
	}
	if len(links) == 0 {
		return ctx, func() {}
	}
	ctx, span := tracer.Start(trace.ContextWithSpanContext(ctx, links[0].SpanContext), "accept bookings", trace.WithLinks(links[1:]...))
	return ctx, func() { span.End() }
}

var tracer = otel.Tracer("github.com/onsale-tickets/onsale/adapter/pgstore/booking")
