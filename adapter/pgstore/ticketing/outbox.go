package ticketing

import (
	"context"
	"strconv"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/onsale-tickets/onsale/adapter/pgstore"
	"github.com/onsale-tickets/onsale/domain"
	"github.com/onsale-tickets/onsale/domain/message"
	"github.com/onsale-tickets/onsale/port"
)

var _ port.Outbox = (*Store)(nil)

// Claim publishes waiting messages that no other server holds.
func (s *Store) Claim(ctx context.Context, limit int, publish func(context.Context, []message.Envelope) error) (int, error) {
	return s.Database.Claim(ctx, func(ctx context.Context, tx pgx.Tx) ([]message.Envelope, error) {
		rows, err := tx.Query(ctx, `DELETE FROM outbox WHERE id IN (SELECT id FROM outbox ORDER BY id LIMIT $1 FOR UPDATE SKIP LOCKED)
			RETURNING id, message, event_id, booking_id, section, partition, seats, hold, at`, limit)
		if err != nil {
			return nil, err
		}
		return pgx.CollectRows(rows, scanOutgoing)
	}, publish)
}

func scanOutgoing(row pgx.CollectableRow) (message.Envelope, error) {
	var (
		id        int64
		name      string
		booking   [16]byte
		partition int32
		seats     []string
		c         message.SeatChange
		at        time.Time
	)
	err := row.Scan(&id, &name, &c.EventID, &booking, &c.Section, &partition, &seats, &c.Hold, &at)
	if err != nil {
		return message.Envelope{}, err
	}
	c.BookingID = booking
	if c.Seats, err = pgstore.ParseSeats(seats); err != nil {
		return message.Envelope{}, err
	}
	var body message.Message = message.ReleaseSeat{SeatChange: c}
	if name == message.FinalizeTicket.Flow().Message {
		body = message.FinalizeSeats{SeatChange: c}
	}
	return message.Envelope{ID: name + "-" + strconv.FormatInt(id, 10), Time: at.UTC(), Partition: domain.Partition(partition), Body: body}, nil
}
