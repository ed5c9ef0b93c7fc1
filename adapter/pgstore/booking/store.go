// Package booking keeps bookings in PostgreSQL. Batches are set-based; what is
// guarded is guarded by rows and conditions, with no locks of our own.
package booking

import (
	"context"
	"database/sql"
	"embed"
	"fmt"
	"io/fs"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	_ "github.com/jackc/pgx/v5/stdlib" // for goose
	"github.com/pressly/goose/v3"
	"github.com/pressly/goose/v3/lock"

	"github.com/onsale-tickets/onsale/domain"
	"github.com/onsale-tickets/onsale/domain/booking"
	"github.com/onsale-tickets/onsale/port"
)

//go:embed migrations/*.sql
var migrations embed.FS

// Store is the bookings of one database.
type Store struct {
	pool    *pgxpool.Pool
	accepts chan accept
	done    chan struct{}
}

var (
	_ port.Bookings      = (*Store)(nil)
	_ port.BookingInputs = (*Store)(nil)
)

// Open brings the schema up to date and connects. url names the database and,
// by search_path, the schema.
func Open(ctx context.Context, url string) (*Store, error) {
	if err := migrate(ctx, url); err != nil {
		return nil, fmt.Errorf("migrate: %w", err)
	}
	config, err := pgxpool.ParseConfig(url)
	if err != nil {
		return nil, err
	}
	config.MaxConns = 8
	pool, err := pgxpool.NewWithConfig(ctx, config)
	if err != nil {
		return nil, err
	}
	s := &Store{pool: pool, accepts: make(chan accept, maxWaiting), done: make(chan struct{})}
	go s.acceptGroups()
	return s, nil
}

func migrate(ctx context.Context, url string) error {
	db, err := sql.Open("pgx", url)
	if err != nil {
		return err
	}
	defer db.Close()
	locker, err := lock.NewPostgresSessionLocker() // two servers may start at once
	if err != nil {
		return err
	}
	files, err := fs.Sub(migrations, "migrations")
	if err != nil {
		return err
	}
	provider, err := goose.NewProvider(goose.DialectPostgres, db, files, goose.WithSessionLocker(locker))
	if err != nil {
		return err
	}
	_, err = provider.Up(ctx)
	return err
}

// Close waits for what is being accepted. No Accept may begin after it.
func (s *Store) Close() {
	close(s.accepts)
	<-s.done
	s.pool.Close()
}

const columns = `id, event_id, buyer_id, section, subsection, mode, positions, quantity, allow_partial, unit_price, currency,
	status, seats, hold, failure, cancellation, created_at, expires_at, paid_at, revision`

// Booking finds one.
func (s *Store) Booking(ctx context.Context, id domain.BookingID) (booking.Booking, error) {
	rows, err := s.pool.Query(ctx, "SELECT "+columns+" FROM bookings WHERE id = $1", [16]byte(id))
	if err != nil {
		return booking.Booking{}, err
	}
	b, err := pgx.CollectExactlyOneRow(rows, scan)
	if err == pgx.ErrNoRows {
		return b, domain.Refuse(domain.NotFound, "booking_not_found", "there is no such booking")
	}
	return b, err
}

// History is a page of a buyer's bookings.
func (s *Store) History(ctx context.Context, f port.HistoryFilter) ([]booking.Booking, error) {
	rows, err := s.pool.Query(ctx, "SELECT "+columns+` FROM bookings
		WHERE buyer_id = $1 AND ($2 = 0 OR event_id = $2) AND ($3 = '' OR status = $3) AND ($4 OR id < $5)
		ORDER BY id DESC LIMIT $6`,
		int64(f.Buyer), int64(f.Event), string(f.Status), f.Before.IsZero(), [16]byte(f.Before), f.Limit)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, scan)
}
