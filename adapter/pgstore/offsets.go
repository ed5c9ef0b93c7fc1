package pgstore

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"github.com/onsale-tickets/onsale/domain"
	"github.com/onsale-tickets/onsale/port"
)

// Positions returns the next offsets. An input that is new starts at 0.
func (d *Database) Positions(ctx context.Context, inputs []port.Input) (map[port.Input]int64, error) {
	positions := map[port.Input]int64{}
	for _, in := range inputs {
		var next int64
		err := d.Batches.QueryRow(ctx, `INSERT INTO input_offsets VALUES ($1, $2, $3, 0)
			ON CONFLICT (cluster, topic_id, partition) DO UPDATE SET next_offset = input_offsets.next_offset RETURNING next_offset`,
			in.Cluster, in.TopicID, int32(in.Partition)).Scan(&next)
		if err != nil {
			return nil, fmt.Errorf("offset of %s [%d]: %w", in.Action, in.Partition, err)
		}
		positions[in] = next
	}
	return positions, nil
}

// DropInputs deletes the offsets of inputs from topics that are about to be removed.
func (d *Database) DropInputs(ctx context.Context, topicIDs []string) error {
	_, err := d.Batches.Exec(ctx, "DELETE FROM input_offsets WHERE topic_id = ANY($1)", topicIDs)
	return err
}

// NextOffsets returns the next offsets of all inputs.
func (d *Database) NextOffsets(ctx context.Context) (map[port.InputPlace]int64, error) {
	rows, err := d.Timers.Query(ctx, "SELECT topic_id, partition, next_offset FROM input_offsets")
	if err != nil {
		return nil, err
	}
	next := map[port.InputPlace]int64{}
	var at port.InputPlace
	var offset int64
	_, err = pgx.ForEachRow(rows, []any{&at.TopicID, &at.Partition, &offset}, func() error { next[at] = offset; return nil })
	return next, err
}

// Unsent returns the bookings that messages in the outbox are about.
func (d *Database) Unsent(ctx context.Context) ([]domain.BookingID, error) {
	rows, err := d.Timers.Query(ctx, "SELECT booking_id FROM outbox")
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, func(row pgx.CollectableRow) (domain.BookingID, error) {
		var id [16]byte
		err := row.Scan(&id)
		return id, err
	})
}

// Advance queues that inputs are moved on, in the transaction of the effects. The batch
// fails with port.ErrFenced if another server has moved one of them.
func Advance(batch *pgx.Batch, progress []port.Progress) {
	for _, p := range progress {
		batch.Queue(`UPDATE input_offsets SET next_offset = $5 WHERE cluster = $1 AND topic_id = $2 AND partition = $3 AND next_offset = $4`,
			p.Input.Cluster, p.Input.TopicID, int32(p.Input.Partition), p.From, p.To).Exec(func(tag pgconn.CommandTag) error {
			if tag.RowsAffected() == 0 {
				return fmt.Errorf("%s [%d]: %w", p.Input.Action, p.Input.Partition, port.ErrFenced)
			}
			return nil
		})
	}
}
