package pgstore

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"github.com/onsale-tickets/onsale/domain"
	"github.com/onsale-tickets/onsale/port"
)

// Positions returns the next offsets. An input that is new starts at 0. Nothing is
// locked: if a server that had an input before is still about to move it on, whoever is
// second is fenced.
func (d *Database) Positions(ctx context.Context, inputs []port.Input) (map[port.Input]int64, error) {
	clusters, topics, partitions := make([]string, len(inputs)), make([]string, len(inputs)), make([]int32, len(inputs))
	for i, in := range inputs {
		clusters[i], topics[i], partitions[i] = in.Cluster, in.TopicID, int32(in.Partition)
	}
	rows, err := d.Batches.Query(ctx, `WITH asked AS (
			SELECT * FROM unnest($1::text[], $2::text[], $3::integer[]) WITH ORDINALITY AS a (cluster, topic_id, partition, n)
		), added AS (
			INSERT INTO input_offsets SELECT cluster, topic_id, partition, 0 FROM asked ORDER BY 1, 2, 3 ON CONFLICT DO NOTHING
		)
		SELECT coalesce(next_offset, 0) FROM asked LEFT JOIN input_offsets USING (cluster, topic_id, partition) ORDER BY n`,
		clusters, topics, partitions)
	if err != nil {
		return nil, err
	}
	next, err := pgx.CollectRows(rows, pgx.RowTo[int64])
	if err != nil {
		return nil, fmt.Errorf("offsets of %d inputs: %w", len(inputs), err)
	}
	positions := make(map[port.Input]int64, len(inputs))
	for i, in := range inputs {
		positions[in] = next[i]
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
