package booking

import (
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/uptrace/bun"

	"github.com/onsale-tickets/onsale/adapter/pgstore"
	"github.com/onsale-tickets/onsale/domain"
	"github.com/onsale-tickets/onsale/domain/booking"
	"github.com/onsale-tickets/onsale/domain/message"
)

const columns = `id, event_id, buyer_id, section, subsection, mode, positions, quantity, allow_partial, unit_price, currency,
	status, seats, hold, failure, cancellation, created_at, expires_at, paid_at, revision, window_opened_at, window_us`

// bookingRow is a row with these columns.
type bookingRow struct {
	bun.BaseModel `bun:"table:bookings"`

	ID           uuid.UUID  `bun:"id,pk,type:uuid"`
	EventID      int64      `bun:"event_id"`
	BuyerID      int64      `bun:"buyer_id"`
	Section      string     `bun:"section"`
	Subsection   int        `bun:"subsection"`
	Mode         string     `bun:"mode"`
	Positions    []string   `bun:"positions,array"`
	Quantity     int        `bun:"quantity"`
	AllowPartial bool       `bun:"allow_partial"`
	UnitPrice    int64      `bun:"unit_price"`
	Currency     string     `bun:"currency"`
	Status       string     `bun:"status"`
	Seats        []string   `bun:"seats,array"`
	Hold         int64      `bun:"hold"`
	Failure      string     `bun:"failure"`
	Cancellation string     `bun:"cancellation"`
	CreatedAt    time.Time  `bun:"created_at"`
	ExpiresAt    *time.Time `bun:"expires_at"`
	PaidAt       *time.Time `bun:"paid_at"`
	Revision     int64      `bun:"revision"`
	WindowOpened *time.Time `bun:"window_opened_at"`
	WindowUS     *int64     `bun:"window_us"`
}

func (r bookingRow) booking() (booking.Booking, error) {
	b := booking.Booking{ID: domain.BookingID(r.ID), EventID: domain.EventID(r.EventID), BuyerID: domain.UserID(r.BuyerID),
		Section: r.Section, Subsection: r.Subsection, Mode: message.SelectionMode(r.Mode), Quantity: r.Quantity, AllowPartial: r.AllowPartial,
		UnitPrice: domain.Money{Amount: r.UnitPrice, Currency: domain.Currency(r.Currency)},
		Status:    booking.Status(r.Status), Hold: domain.Hold(r.Hold), Failure: r.Failure, Cancellation: booking.CancellationReason(r.Cancellation),
		CreatedAt: r.CreatedAt.UTC(), ExpiresAt: orZero(r.ExpiresAt), PaidAt: orZero(r.PaidAt), Revision: r.Revision,
		Window: r.window()}
	for _, text := range r.Positions {
		p, err := domain.ParseSeatPosition(text)
		if err != nil {
			return b, err
		}
		b.Positions = append(b.Positions, p)
	}
	var err error
	b.Seats, err = pgstore.ParseSeats(r.Seats)
	return b, err
}

func (r bookingRow) window() booking.Window {
	if r.WindowOpened == nil || r.WindowUS == nil {
		return booking.Window{} // written by an earlier version
	}
	return booking.Window{Opened: r.WindowOpened.UTC(), Length: time.Duration(*r.WindowUS) * time.Microsecond}
}

// scan reads a row of columns.
func scan(row pgx.CollectableRow) (booking.Booking, error) { return scanWith(row) }

// scanWith reads a row of columns, followed by others.
func scanWith(row pgx.CollectableRow, others ...any) (booking.Booking, error) {
	var r bookingRow
	err := row.Scan(append([]any{&r.ID, &r.EventID, &r.BuyerID, &r.Section, &r.Subsection, &r.Mode, &r.Positions, &r.Quantity, &r.AllowPartial,
		&r.UnitPrice, &r.Currency, &r.Status, &r.Seats, &r.Hold, &r.Failure, &r.Cancellation,
		&r.CreatedAt, &r.ExpiresAt, &r.PaidAt, &r.Revision, &r.WindowOpened, &r.WindowUS}, others...)...)
	if err != nil {
		return booking.Booking{}, err
	}
	return r.booking()
}

func orZero(t *time.Time) time.Time {
	if t == nil {
		return time.Time{}
	}
	return t.UTC()
}

func orNull(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	return &t
}
