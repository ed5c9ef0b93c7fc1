package pgstore

import (
	"context"
	"time"

	"github.com/uptrace/bun"
)

// OldestOutgoing returns how long the oldest message has waited in the outbox, 0
// if there is none. storedAt is the column with the time it was stored.
func (d *Database) OldestOutgoing(ctx context.Context, storedAt string) (time.Duration, error) {
	var seconds float64
	err := d.Reads.NewSelect().Table("outbox").
		ColumnExpr("coalesce(extract(epoch FROM clock_timestamp() - min(?)), 0)::float8", bun.Ident(storedAt)).Scan(ctx, &seconds)
	return time.Duration(seconds * float64(time.Second)), err
}
