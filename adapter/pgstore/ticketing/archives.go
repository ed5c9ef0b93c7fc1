package ticketing

import (
	"context"
	"errors"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/onsale-tickets/onsale/domain"
	"github.com/onsale-tickets/onsale/port"
)

var _ port.ArchiveRecords = (*Store)(nil)

// archiveLocks distinguishes the advisory locks of archives from all others.
const archiveLocks = 0x6f6e // any number

// Lock takes an advisory lock, which PostgreSQL drops when this process ends.
func (s *Store) Lock(ctx context.Context, event domain.EventID) (func(), error) {
	c, err := s.Timers.Acquire(ctx)
	if err != nil {
		return nil, err
	}
	var got bool
	err = c.QueryRow(ctx, "SELECT pg_try_advisory_lock(($1::bigint << 32) | ($2::bigint & 4294967295))", int64(archiveLocks), int64(event)).Scan(&got)
	if err != nil || !got {
		c.Release()
		return nil, errors.Join(err, port.ErrArchiving)
	}
	return func() {
		defer c.Release()
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), time.Second)
		defer cancel()
		if _, err := c.Exec(ctx, "SELECT pg_advisory_unlock(($1::bigint << 32) | ($2::bigint & 4294967295))", int64(archiveLocks), int64(event)); err != nil {
			_ = c.Conn().Close(ctx) // the lock goes with the connection
		}
	}, nil
}

// Record reads the record of an event.
func (s *Store) Record(ctx context.Context, event domain.EventID) (r port.ArchiveRecord, err error) {
	var removed *time.Time
	err = s.Batches.QueryRow(ctx, "SELECT archived_at, file, sha256, bytes, removed_at FROM archives WHERE event_id = $1", int64(event)).
		Scan(&r.Archived, &r.File.Name, &r.File.SHA256, &r.File.Bytes, &removed)
	if errors.Is(err, pgx.ErrNoRows) {
		return r, nil
	}
	r.Archived, r.Removed = r.Archived.UTC(), removed != nil
	return r, err
}

// Archive changes the event and its record in one transaction.
func (s *Store) Archive(ctx context.Context, event domain.EventID, file port.ArchiveFile, at time.Time) error {
	return pgx.BeginFunc(ctx, s.Batches, func(tx pgx.Tx) error {
		before, err := row(ctx, tx, event, locked)
		if err != nil {
			return err
		}
		after, err := before.Archive()
		if err != nil || after.Status == before.Status {
			return err
		}
		if _, err := tx.Exec(ctx, "UPDATE events SET status = $2, revision = revision + 1 WHERE id = $1", int64(event), string(after.Status)); err != nil {
			return err
		}
		_, err = tx.Exec(ctx, `INSERT INTO archives (event_id, archived_at, file, sha256, bytes) VALUES ($1, $2, $3, $4, $5)`,
			int64(event), at, file.Name, file.SHA256, file.Bytes)
		return err
	})
}

// Removed stores that nothing is left to remove.
func (s *Store) Removed(ctx context.Context, event domain.EventID) error {
	_, err := s.Batches.Exec(ctx, "UPDATE archives SET removed_at = clock_timestamp() WHERE event_id = $1", int64(event))
	return err
}

// Pending returns the events that wait for their archive, or have something left to
// remove.
func (s *Store) Pending(ctx context.Context) ([]domain.EventID, error) {
	var ids []domain.EventID
	err := s.Reads.NewRaw("SELECT id FROM events WHERE status = 'archiving' UNION SELECT event_id FROM archives WHERE removed_at IS NULL ORDER BY 1").Scan(ctx, &ids)
	return ids, err
}
