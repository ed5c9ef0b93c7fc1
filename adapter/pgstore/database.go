package pgstore

import (
	"context"
	"database/sql"
	"embed"
	"errors"
	"fmt"
	"hash/crc32"
	"io/fs"
	"strings"
	"time"

	"github.com/exaring/otelpgx"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgtype"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/jackc/pgx/v5/stdlib"
	"github.com/pressly/goose/v3"
	"github.com/pressly/goose/v3/lock"
	"github.com/uptrace/bun"
	"github.com/uptrace/bun/dialect/pgdialect"

	"github.com/onsale-tickets/onsale/port"
)

// Connections of a server. Requests, timers and inputs have connections of their
// own, so that they do not wait for each other.
const (
	batchConnections = 8
	timerConnections = 4
	readConnections  = 8
)

// Database is the database of one service.
type Database struct {
	// Batches is for COPY, set-based steps and transactions.
	Batches *pgxpool.Pool
	// Timers is for timers, which may hold a connection for long.
	Timers *pgxpool.Pool
	// Reads is for the queries of requests.
	Reads *bun.DB

	clock
}

// Open migrates the schema and connects. url names the database and, by
// search_path, the schema. The migrations are in a directory "migrations".
func Open(ctx context.Context, url string, migrations embed.FS) (*Database, error) {
	files, err := fs.Sub(migrations, "migrations")
	if err != nil {
		return nil, err
	}
	if err := migrate(ctx, url, files); err != nil {
		return nil, fmt.Errorf("migrate: %w", err)
	}
	batches, err := pool(ctx, url, batchConnections)
	if err != nil {
		return nil, err
	}
	timers, err := pool(ctx, url, timerConnections)
	if err != nil {
		batches.Close()
		return nil, err
	}
	reads, err := pgx.ParseConfig(url)
	if err != nil {
		batches.Close()
		timers.Close()
		return nil, err
	}
	// bun writes arguments into the text of a statement. To prepare each text would
	// cost one more round trip, and the plan would never be used again.
	reads.DefaultQueryExecMode = pgx.QueryExecModeExec
	reads.RuntimeParams["statement_timeout"] = "5000"
	reads.Tracer = otelpgx.NewTracer()
	db := stdlib.OpenDB(*reads, stdlib.OptionAfterConnect(inUTC))
	db.SetMaxOpenConns(readConnections)
	db.SetMaxIdleConns(readConnections)
	d := &Database{Batches: batches, Timers: timers, Reads: bun.NewDB(db, pgdialect.New(), bun.WithDiscardUnknownColumns())}
	if err := d.ReadClock(ctx); err != nil {
		d.Close()
		return nil, err
	}
	return d, nil
}

// Close closes all connections.
func (d *Database) Close() {
	_ = d.Reads.Close()
	d.Timers.Close()
	d.Batches.Close()
}

// statementLimit ends a statement that waits too long for a lock, in
// milliseconds.
const statementLimit = "15000"

// idleLimit ends the transaction of a server that was frozen, in milliseconds. It
// is shorter than statementLimit, so that others get its locks before they give
// up. It is longer than a broker may take to acknowledge what a transaction
// publishes.
const idleLimit = "12000"

func pool(ctx context.Context, url string, connections int32) (*pgxpool.Pool, error) {
	config, err := pgxpool.ParseConfig(url)
	if err != nil {
		return nil, err
	}
	config.MaxConns = connections
	config.ConnConfig.RuntimeParams["statement_timeout"] = statementLimit
	config.ConnConfig.RuntimeParams["idle_in_transaction_session_timeout"] = idleLimit
	// These connections look rows up by key. A plan that was made while a table was
	// new would read all of the table, or all seats of an event, until PostgreSQL
	// analyses it a minute later. To plan a statement anew for each set of keys would
	// take longer than to execute it.
	for _, setting := range []string{"enable_seqscan", "enable_hashjoin", "enable_mergejoin"} {
		config.ConnConfig.RuntimeParams[setting] = "off"
	}
	config.ConnConfig.RuntimeParams["plan_cache_mode"] = "force_generic_plan"
	config.ConnConfig.RuntimeParams["jit"] = "off" // to compile a statement takes longer than any of these
	config.ConnConfig.Tracer = otelpgx.NewTracer()
	config.AfterConnect = inUTC
	return pgxpool.NewWithConfig(ctx, config)
}

// inUTC makes a connection return times in UTC, not in the machine's zone.
func inUTC(_ context.Context, c *pgx.Conn) error {
	c.TypeMap().RegisterType(&pgtype.Type{Name: "timestamptz", OID: pgtype.TimestamptzOID, Codec: &pgtype.TimestamptzCodec{ScanLocation: time.UTC}})
	return nil
}

func migrate(ctx context.Context, url string, migrations fs.FS) error {
	db, err := sql.Open("pgx", url)
	if err != nil {
		return err
	}
	defer db.Close()
	// Two servers of a service may start at once, so they take a lock. Services that
	// share a database have schemas and locks of their own.
	var schema string
	if err := db.QueryRowContext(ctx, "SELECT current_schema()").Scan(&schema); err != nil {
		return err
	}
	locker, err := lock.NewPostgresSessionLocker(lock.WithLockID(int64(crc32.ChecksumIEEE([]byte("onsale "+schema)))), lock.WithLockTimeout(1, 60))
	if err != nil {
		return err
	}
	provider, err := goose.NewProvider(goose.DialectPostgres, db, migrations, goose.WithSessionLocker(locker))
	if err != nil {
		return err
	}
	_, err = provider.Up(ctx)
	return err
}

// attempts is how often a step is tried that meets a deadlock.
const attempts = 5

// Step runs fn in a transaction. It repeats it after a deadlock or a
// serialization failure. If PostgreSQL refuses a value, it returns
// port.ErrBadValue.
func (d *Database) Step(ctx context.Context, fn func(pgx.Tx) error) error {
	return step(ctx, d.Batches, fn)
}

// TimedStep is Step for a timer.
func (d *Database) TimedStep(ctx context.Context, fn func(pgx.Tx) error) error {
	return step(ctx, d.Timers, fn)
}

func step(ctx context.Context, p *pgxpool.Pool, fn func(pgx.Tx) error) error {
	return repeated(func() error { return pgx.BeginFunc(ctx, p, fn) })
}

// ShortStep is Step in two round trips instead of five: BEGIN goes with the statements
// that read queues, COMMIT with those that write queues. read may lock rows and move
// inputs; write is called once the results of these have arrived, and rolls everything
// back if it returns an error.
func (d *Database) ShortStep(ctx context.Context, read func(*pgx.Batch), write func(*pgx.Batch) error) error {
	return repeated(func() error {
		return d.Batches.AcquireFunc(ctx, func(c *pgxpool.Conn) error {
			err := exchange(ctx, c, read, write)
			if err != nil && c.Conn().PgConn().TxStatus() != idle {
				_, _ = c.Exec(ctx, "rollback") // if it fails, the pool closes the connection
			}
			return err
		})
	})
}

// idle is the status of a connection without a transaction.
const idle = 'I'

func exchange(ctx context.Context, c *pgxpool.Conn, read func(*pgx.Batch), write func(*pgx.Batch) error) error {
	batch := &pgx.Batch{}
	batch.Queue("begin")
	read(batch)
	if err := c.SendBatch(ctx, batch).Close(); err != nil {
		return err
	}
	batch = &pgx.Batch{}
	if err := write(batch); err != nil {
		return err
	}
	batch.Queue("commit") // PostgreSQL skips it if a statement before it fails
	return c.SendBatch(ctx, batch).Close()
}

// repeated runs a transaction again after a deadlock or a serialization failure.
func repeated(run func() error) error {
	var err error
	for range attempts {
		if err = run(); !repeatable(err) {
			break
		}
	}
	if BadRow(err) {
		err = fmt.Errorf("%w: %w", port.ErrBadValue, err)
	}
	return err
}

func repeatable(err error) bool { return HasCode(err, "40P01") || HasCode(err, "40001") }

// HasCode reports whether err is an error of PostgreSQL with this code.
func HasCode(err error, code string) bool {
	var pg *pgconn.PgError
	return errors.As(err, &pg) && pg.Code == code
}

// BadRow reports whether PostgreSQL refused a value or a row for what it is
// (classes 22 and 23): a repeat would be refused again.
func BadRow(err error) bool {
	var pg *pgconn.PgError
	return errors.As(err, &pg) && (strings.HasPrefix(pg.Code, "22") || strings.HasPrefix(pg.Code, "23"))
}

// UniqueViolation is the code for a row that is there already.
const UniqueViolation = "23505"

// Ping checks the connection, for a second at most.
func (d *Database) Ping() error {
	ctx, cancel := context.WithTimeout(context.Background(), time.Second)
	defer cancel()
	return d.Reads.PingContext(ctx)
}
