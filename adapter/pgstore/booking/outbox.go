package booking

import (
	"context"
	"strconv"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgtype"

	"github.com/onsale-tickets/onsale/adapter/pgstore"
	"github.com/onsale-tickets/onsale/domain"
	"github.com/onsale-tickets/onsale/domain/message"
	"github.com/onsale-tickets/onsale/port"
)

var _ port.Outbox = (*Store)(nil)

// Claim publishes messages of the outbox that no other server holds.
func (s *Store) Claim(ctx context.Context, limit int, publish func(context.Context, []message.Envelope) error) (int, error) {
	return s.Database.Claim(ctx, func(ctx context.Context, tx pgx.Tx) ([]message.Envelope, error) {
		rows, err := tx.Query(ctx, `WITH taken AS (
				DELETE FROM outbox WHERE id IN (SELECT id FROM outbox ORDER BY id LIMIT $1 FOR UPDATE SKIP LOCKED) RETURNING *)
			SELECT t.id, t.message, t.booking_id, t.event_id, t.section, t.seats, t.hold, t.reason, t.created_at,
				b.buyer_id, b.unit_price, b.currency, b.paid_at
			FROM taken t LEFT JOIN bookings b ON b.id = t.booking_id`, limit)
		if err != nil {
			return nil, err
		}
		return pgx.CollectRows(rows, scanOutgoing)
	}, publish)
}

// outgoing is a row of the outbox, with columns of its booking if there is one.
type outgoing struct {
	id       int64
	message  string
	booking  [16]byte
	event    domain.EventID
	section  string
	hold     domain.Hold
	reason   string
	at       time.Time
	buyer    pgtype.Int8
	price    pgtype.Int8
	currency pgtype.Text
	paidAt   *time.Time
}

func scanOutgoing(row pgx.CollectableRow) (message.Envelope, error) {
	var (
		o     outgoing
		texts []string
	)
	err := row.Scan(&o.id, &o.message, &o.booking, &o.event, &o.section, &texts, &o.hold, &o.reason, &o.at,
		&o.buyer, &o.price, &o.currency, &o.paidAt)
	if err != nil {
		return message.Envelope{}, err
	}
	seats, err := pgstore.ParseSeats(texts)
	if err != nil {
		return message.Envelope{}, err
	}
	return message.Envelope{ID: o.message + "-" + strconv.FormatInt(o.id, 10), Time: o.at.UTC(), Body: o.body(seats)}, nil
}

func (o outgoing) body(seats []domain.SeatID) message.Message {
	if o.message == message.TicketToAvailable.Flow().Message {
		return message.BookingExpiredReleaseTickets{EventID: o.event, BookingID: o.booking, Section: o.section, Seats: seats, Hold: o.hold, Reason: o.reason}
	}
	price := domain.Money{Amount: o.price.Int64, Currency: domain.Currency(o.currency.String)}
	return message.BookingPaidSuccess{EventID: o.event, BookingID: o.booking, BuyerID: domain.UserID(o.buyer.Int64), Section: o.section,
		Seats: seats, Hold: o.hold, UnitPrice: price, Total: price.Times(len(seats)), PaidAt: orZero(o.paidAt)}
}
