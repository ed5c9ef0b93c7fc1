// Package booking keeps bookings and payments in PostgreSQL. Batches are
// set-based; what is guarded is guarded by rows and conditions, with no locks of
// our own.
package booking

import (
	"context"
	"database/sql"
	"embed"
	"errors"

	"github.com/onsale-tickets/onsale/adapter/pgstore"
	"github.com/onsale-tickets/onsale/domain"
	"github.com/onsale-tickets/onsale/domain/booking"
	"github.com/onsale-tickets/onsale/port"
)

//go:embed migrations/*.sql
var migrations embed.FS

// Store is the bookings of one database.
type Store struct {
	*pgstore.Database
	accepts chan accept
	done    chan struct{}
	waiting pgstore.Bell
	due     pgstore.Bell
}

var (
	_ port.Bookings      = (*Store)(nil)
	_ port.BookingInputs = (*Store)(nil)
)

// Open brings the schema up to date and connects. url names the database and,
// by search_path, the schema.
func Open(ctx context.Context, url string) (*Store, error) {
	db, err := pgstore.Open(ctx, url, migrations)
	if err != nil {
		return nil, err
	}
	s := &Store{Database: db, accepts: make(chan accept, maxWaiting), done: make(chan struct{}), waiting: pgstore.NewBell(), due: pgstore.NewBell()}
	go s.acceptGroups()
	return s, nil
}

// Close waits for what is being accepted. No Accept may begin after it.
func (s *Store) Close() {
	close(s.accepts)
	<-s.done
	s.Database.Close()
}

// Waiting rings when there is something for Claim.
func (s *Store) Waiting() <-chan struct{} { return s.waiting }

// Due rings when there is something for ClaimDue.
func (s *Store) Due() <-chan struct{} { return s.due }

var errNoBooking = domain.Refuse(domain.NotFound, "booking_not_found", "there is no such booking")

// Booking finds one.
func (s *Store) Booking(ctx context.Context, id domain.BookingID) (booking.Booking, error) {
	var row bookingRow
	err := s.Reads.NewSelect().Model(&row).Where("id = ?", id.String()).Scan(ctx)
	if errors.Is(err, sql.ErrNoRows) {
		return booking.Booking{}, errNoBooking
	}
	if err != nil {
		return booking.Booking{}, err
	}
	return row.booking()
}

// History is a page of a buyer's bookings.
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
