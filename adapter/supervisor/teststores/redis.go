package teststores

import (
	"context"
	"testing"
	"time"

	"github.com/onsale-tickets/onsale/adapter/supervisor"
)

// Redis is a Redis server for one test.
type Redis struct {
	supervisor.Redis
	t       testing.TB
	program supervisor.Program
	process *supervisor.Process
}

// NewRedis starts a Redis server. If it is missing it fails the test and says so.
func NewRedis(t testing.TB) *Redis {
	t.Helper()
	path, err := supervisor.RedisPath()
	if err != nil {
		t.Fatal(err)
	}
	ports, err := supervisor.FreePorts(1)
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	r := &Redis{Redis: supervisor.Redis{Path: path, Dir: dir, Port: ports[0]}, t: t}
	if r.program, err = r.Program(dir + "/log"); err != nil {
		t.Fatal(err)
	}
	r.Start()
	t.Cleanup(r.Stop)
	return r
}

// Start starts the server without data.
func (r *Redis) Start() {
	r.t.Helper()
	var err error
	if r.process, err = supervisor.Start(r.program, func() {}, nil); err != nil {
		r.t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	defer cancel()
	if err := r.Await(ctx); err != nil {
		r.t.Fatal(err)
	}
}

// Stop stops the server. Its data is lost.
func (r *Redis) Stop() { r.process.Stop() }

// PID returns the process id.
func (r *Redis) PID() int { return r.process.PID() }
