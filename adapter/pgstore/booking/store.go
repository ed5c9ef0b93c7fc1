// Package booking stores bookings and payments in PostgreSQL. It locks rows and
// lets the domain decide while it holds them. Batches are set-based.
package booking

import (
	"context"
	"database/sql"
	"embed"
	"errors"
	"sync/atomic"

	"github.com/onsale-tickets/onsale/adapter/pgstore"
	"github.com/onsale-tickets/onsale/domain"
	"github.com/onsale-tickets/onsale/domain/booking"
	"github.com/onsale-tickets/onsale/port"
)

//go:embed migrations/*.sql
var migrations embed.FS

// Store holds the bookings of one database.
type Store struct {
	*pgstore.Database
	accepts chan accept // as they come
	checked chan accept // without repeats that were found
	most    int         // bookings stored by one statement
	done    chan struct{}
	waiting pgstore.Bell
	due     pgstore.Bell

	repeatsUntil atomic.Int64 // see checkRepeats; nanoseconds since 1970

	revisions revisions
}

var (
	_ port.Bookings      = (*Store)(nil)
	_ port.BookingInputs = (*Store)(nil)
)

// Open migrates the schema and connects. url names the database and, by
// search_path, the schema.
func Open(ctx context.Context, url string) (*Store, error) { return open(ctx, url, maxGroup) }

// OpenUngrouped opens a store that accepts one booking at a time. It shows what
// groups are worth.
func OpenUngrouped(ctx context.Context, url string) (*Store, error) { return open(ctx, url, 1) }

func open(ctx context.Context, url string, most int) (*Store, error) {
	db, err := pgstore.Open(ctx, url, migrations)
	if err != nil {
		return nil, err
	}
	s := &Store{Database: db, accepts: make(chan accept, maxWaiting), checked: make(chan accept, most), most: most, done: make(chan struct{}), waiting: pgstore.NewBell(), due: pgstore.NewBell()}
	go s.checkRepeats()
	go s.acceptGroups()
	return s, nil
}

// Close waits until the bookings that are being accepted are stored. Accept must
// not be called after it.
func (s *Store) Close() {
	close(s.accepts)
	<-s.done
	s.Database.Close()
}

// Waiting receives when there may be messages for Claim.
func (s *Store) Waiting() <-chan struct{} { return s.waiting }

// Due receives when there may be payments for ClaimDue.
func (s *Store) Due() <-chan struct{} { return s.due }

// Booking returns one booking.
func (s *Store) Booking(ctx context.Context, id domain.BookingID) (booking.Booking, error) {
	var row bookingRow
	err := s.Reads.NewSelect().Model(&row).Where("id = ?", id.String()).Scan(ctx)
	if errors.Is(err, sql.ErrNoRows) {
		return booking.Booking{}, booking.ErrUnknown
	}
	if err != nil {
		return booking.Booking{}, err
	}
	return row.booking()
}

// History returns a page of a buyer's bookings.
func (s *Store) History(ctx context.Context, f port.HistoryFilter) ([]booking.Booking, error) {
	var rows []bookingRow
	q := s.Reads.NewSelect().Model(&rows).Where("buyer_id = ?", f.Buyer).Order("id DESC").Limit(int64(f.Limit))
	if f.Event != 0 {
		q.Where("event_id = ?", f.Event)
	}
	if f.Status != "" {
		q.Where("status = ?", f.Status)
	}
	if !f.Before.IsZero() {
		q.Where("id < ?", f.Before.String())
	}
	if err := q.Scan(ctx, &rows); err != nil {
		return nil, err
	}
	out := make([]booking.Booking, len(rows))
	for i, row := range rows {
		var err error
		if out[i], err = row.booking(); err != nil {
			return nil, err
		}
	}
	return out, nil
}
