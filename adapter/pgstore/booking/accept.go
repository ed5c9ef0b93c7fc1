package booking

import (
	"bytes"
	"context"
	"database/sql"
	"errors"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgtype"
	"go.opentelemetry.io/otel"
	"go.opentelemetry.io/otel/trace"

	"github.com/onsale-tickets/onsale/adapter/crashpoint"
	"github.com/onsale-tickets/onsale/adapter/pgstore"
	"github.com/onsale-tickets/onsale/domain"
	"github.com/onsale-tickets/onsale/domain/booking"
	"github.com/onsale-tickets/onsale/port"
)

const (
	maxWaiting  = 2048 // bookings that wait for their group; more are refused
	maxGroup    = 256
	acceptLimit = 5 * time.Second
)

// accept is a booking that waits for its group.
type accept struct {
	booking booking.Booking
	key     port.IdempotencyKey
	result  chan error
	trace   trace.SpanContext
}

// Accept waits until the booking is durable. It goes on if ctx ends while its
// group is written: then nobody knows the answer, and the row says.
func (s *Store) Accept(ctx context.Context, b booking.Booking, key port.IdempotencyKey) (booking.Booking, error) {
	a := accept{booking: b, key: key, result: make(chan error, 1), trace: trace.SpanContextFromContext(ctx)}
	select {
	case s.accepts <- a:
	default:
		return booking.Booking{}, domain.Refuse(domain.Unavailable, "overloaded", "too many bookings at once, try again")
	}
	select {
	case err := <-a.result:
		if key.Key != "" && pgstore.HasCode(err, pgstore.UniqueViolation) {
			return s.Accepted(ctx, b.BuyerID, key)
		}
		return b, err
	case <-ctx.Done():
		return booking.Booking{}, ctx.Err()
	}
}

// Accepted finds what was accepted under a key.
func (s *Store) Accepted(ctx context.Context, buyer domain.UserID, key port.IdempotencyKey) (booking.Booking, error) {
	var row struct {
		bookingRow `bun:",extend"`

		RequestHash []byte `bun:"request_hash"`
	}
	err := s.Reads.NewSelect().Table("bookings").ColumnExpr(columns+", request_hash").
		Where("buyer_id = ?", buyer).Where("idempotency_key = ?", key.Key).Scan(ctx, &row)
	if errors.Is(err, sql.ErrNoRows) {
		return booking.Booking{}, errNoBooking
	}
	if err != nil {
		return booking.Booking{}, err
	}
	if !bytes.Equal(row.RequestHash, key.Body[:]) {
		return booking.Booking{}, domain.Refuse(domain.Unprocessable, "idempotency_key_reused", "the key was used for another body")
	}
	b, err := row.booking()
	return b.AsAccepted(), err
}

// acceptGroups takes what waits, at most maxGroup, as one INSERT. While one is
// written the next gathers: the group grows with the load and a lone booking
// waits for nobody.
func (s *Store) acceptGroups() {
	defer close(s.done)
	for first := range s.accepts {
		group := []accept{first}
		for more := true; more && len(group) < maxGroup; {
			select {
			case a, open := <-s.accepts:
				if more = open; open {
					group = append(group, a)
				}
			default:
				more = false
			}
		}
		s.acceptGroup(group)
	}
}

func (s *Store) acceptGroup(group []accept) {
	// The requests' own contexts do not reach the transaction: one client that
	// hangs up must not take the others with it.
	ctx, cancel := context.WithTimeout(context.Background(), acceptLimit)
	defer cancel()
	ctx, end := traced(ctx, group)
	defer end()
	err := s.insert(ctx, group)
	lost := unknown(err)
	for _, a := range group {
		one := err
		if err != nil && len(group) > 1 { // one of them is bad, the others are not
			one = s.insert(ctx, []accept{a})
		}
		a.result <- s.settled(ctx, a, one, lost)
	}
}

// settlePause lies between two looks for what became of a booking.
const settlePause = 100 * time.Millisecond

// settled is the end of a booking whose insert ended with err. lost: the answer
// of an earlier one did not arrive, so it may be there. Its own id settles that:
// nobody else has it.
func (s *Store) settled(ctx context.Context, a accept, err error, lost bool) error {
	for err != nil {
		if pgstore.HasCode(err, pgstore.UniqueViolation) {
			return s.unlessOwn(ctx, a.booking, err)
		}
		if lost = lost || unknown(err); !lost || pgstore.BadRow(err) {
			return err
		}
		select {
		case <-time.After(settlePause):
			err = s.insert(ctx, []accept{a})
		case <-ctx.Done():
			return err
		}
	}
	return nil
}

// unknown tells whether what was asked for may have been done all the same: the
// answer did not arrive, or is none.
func unknown(err error) bool {
	var answer *pgconn.PgError
	var unconnected *pgconn.ConnectError
	return err != nil && !errors.As(err, &answer) && !errors.As(err, &unconnected) && !pgconn.SafeToRetry(err)
}

// unlessOwn is taken, unless the row that is in the way is the booking itself.
func (s *Store) unlessOwn(ctx context.Context, b booking.Booking, taken error) error {
	is, err := s.Booking(ctx, b.ID)
	if errors.Is(err, errNoBooking) {
		return taken // its idempotency key is
	}
	if err == nil && (is.BuyerID != b.BuyerID || is.EventID != b.EventID || !is.CreatedAt.Equal(b.CreatedAt)) {
		return taken
	}
	return err
}

// traced begins a span for a group in which a request is traced: it belongs to
// the first of these, and is linked to the others.
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

func (s *Store) insert(ctx context.Context, group []accept) error {
	rows := make([][]any, len(group))
	for i, a := range group {
		b := a.booking
		rows[i] = []any{[16]byte(b.ID), int64(b.EventID), int64(b.BuyerID), b.Section, b.Subsection, string(b.Mode), pgstore.Texts(b.Positions),
			b.Quantity, b.AllowPartial, b.UnitPrice.Amount, string(b.UnitPrice.Currency), string(b.Status), pgstore.Texts(b.Seats), int64(b.Hold),
			b.Failure, string(b.Cancellation), b.CreatedAt, orNull(b.ExpiresAt), orNull(b.PaidAt), b.Revision, pgtype.Text{String: a.key.Key, Valid: a.key.Key != ""}, hashOrNull(a.key), b.CreatedAt.Add(resendAfter)}
	}
	_, err := s.Batches.CopyFrom(ctx, pgx.Identifier{"bookings"}, []string{"id", "event_id", "buyer_id", "section", "subsection", "mode",
		"positions", "quantity", "allow_partial", "unit_price", "currency", "status", "seats", "hold", "failure", "cancellation",
		"created_at", "expires_at", "paid_at", "revision", "idempotency_key", "request_hash", "resend_at"}, pgx.CopyFromRows(rows))
	if err == nil {
		crashpoint.At(crashpoint.BookingStored)
	}
	return err
}

func hashOrNull(key port.IdempotencyKey) []byte {
	if key.Key == "" {
		return nil
	}
	return key.Body[:]
}
