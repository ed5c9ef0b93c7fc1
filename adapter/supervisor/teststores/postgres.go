// Package teststores starts real stores for tests: one PostgreSQL server for each
// test process with an empty database for each call, Redis and Apache Kafka.
package teststores

import (
	"context"
	"os"
	"path/filepath"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/onsale-tickets/onsale/adapter/supervisor"
)

type server struct {
	postgres supervisor.Postgres
	err      error
}

var (
	startPostgres = sync.OnceValue(runPostgres)
	databases     atomic.Int64
)

// Postgres returns the URL of a new, empty database. If PostgreSQL cannot be started
// it fails the test and says what is missing.
func Postgres(t testing.TB) (url string) {
	t.Helper()
	s := startPostgres()
	if s.err != nil {
		t.Fatalf("PostgreSQL for tests: %v", s.err)
	}
	admin, err := s.postgres.URL("postgres")
	if err != nil {
		t.Fatal(err)
	}
	name := "test" + strconv.FormatInt(databases.Add(1), 10)
	c, err := pgx.Connect(t.Context(), admin)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close(context.Background())
	if _, err := c.Exec(t.Context(), "CREATE DATABASE "+name); err != nil {
		t.Fatal(err)
	}
	if url, err = s.postgres.URL(name); err != nil {
		t.Fatal(err)
	}
	return url
}

const dirPrefix = "onsale-postgres-"

func runPostgres() server {
	bin, err := supervisor.PostgresBin()
	if err != nil {
		return server{err: err}
	}
	removeLeftovers()
	dir, err := os.MkdirTemp("", dirPrefix)
	if err != nil {
		return server{err: err}
	}
	ports, err := supervisor.FreePorts(1)
	if err != nil {
		return server{err: err}
	}
	p := supervisor.Postgres{Bin: bin, Data: filepath.Join(dir, "data"), Port: ports[0], PasswordFile: filepath.Join(dir, "password"),
		Settings: []string{"fsync=off"}}
	if err := p.Init(); err != nil {
		return server{err: err}
	}
	program, err := p.Program(filepath.Join(dir, "log"))
	if err != nil {
		return server{err: err}
	}
	if _, err := supervisor.Start(program, func() {}, nil); err != nil { // the server ends with this process
		return server{err: err}
	}
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	return server{p, p.Await(ctx)}
}

// removeLeftovers removes the data of earlier test processes. A server ends with its
// test process, so it cannot remove its own data.
func removeLeftovers() {
	dirs, _ := filepath.Glob(filepath.Join(os.TempDir(), dirPrefix+"*"))
	for _, dir := range dirs {
		info, err := os.Stat(dir)
		if err != nil || time.Since(info.ModTime()) < time.Hour {
			continue // perhaps in use by another package's tests
		}
		_ = os.RemoveAll(dir)
	}
}
