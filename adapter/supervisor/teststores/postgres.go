// Package teststores starts the real stores for tests: one server for each test
// process, an empty database for each call.
package teststores

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"runtime"
	"strconv"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
)

// postgres is the server of this process.
type postgres struct {
	port int
	err  error
}

var (
	startPostgres = sync.OnceValue(runPostgres)
	databases     atomic.Int64
)

// Postgres answers the URL of a new, empty database. It fails the test, with
// what is missing, if PostgreSQL cannot be started.
func Postgres(t testing.TB) (url string) {
	t.Helper()
	server := startPostgres()
	if server.err != nil {
		t.Fatalf("PostgreSQL for tests: %v", server.err)
	}
	name := "test" + strconv.FormatInt(databases.Add(1), 10)
	admin, err := pgx.Connect(t.Context(), server.url("postgres"))
	if err != nil {
		t.Fatal(err)
	}
	defer admin.Close(context.Background())
	if _, err := admin.Exec(t.Context(), "CREATE DATABASE "+name); err != nil {
		t.Fatal(err)
	}
	return server.url(name)
}

func (p postgres) url(database string) string {
	return fmt.Sprintf("postgres://onsale@127.0.0.1:%d/%s?sslmode=disable", p.port, database)
}

// binDir is where Debian puts the server's programs; they are not on the PATH.
func binDir() (string, error) {
	dirs, _ := filepath.Glob("/usr/lib/postgresql/*/bin")
	if len(dirs) == 0 {
		return "", errors.New("/usr/lib/postgresql/*/bin is not there; scripts/install.sh installs it")
	}
	return dirs[len(dirs)-1], nil
}

func runPostgres() postgres {
	bin, err := binDir()
	if err != nil {
		return postgres{err: err}
	}
	removeLeftovers()
	dir, err := os.MkdirTemp("", dirPrefix)
	if err != nil {
		return postgres{err: err}
	}
	attr, err := owner(dir)
	if err != nil {
		return postgres{err: err}
	}
	data := filepath.Join(dir, "data")
	initdb := exec.Command(filepath.Join(bin, "initdb"), "-D", data, "-U", "onsale", "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8", "--no-sync")
	initdb.SysProcAttr, initdb.Dir = attr, dir
	if out, err := initdb.CombinedOutput(); err != nil {
		return postgres{err: fmt.Errorf("initdb: %w\n%s", err, out)}
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return postgres{err: err}
	}
	p := postgres{port: listener.Addr().(*net.TCPAddr).Port}
	listener.Close()
	server := exec.Command(filepath.Join(bin, "postgres"), "-D", data, "-p", strconv.Itoa(p.port), "-c", "listen_addresses=127.0.0.1",
		"-c", "unix_socket_directories=", "-c", "max_connections=200", "-c", "fsync=off")
	server.SysProcAttr, server.Dir = attr, dir
	if p.err = startBound(server); p.err == nil {
		p.err = p.await()
	}
	return p
}

const dirPrefix = "onsale-postgres-"

// removeLeftovers removes the data of servers that ended with their test
// process, which had nobody left to clean up.
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

// owner is how to run as somebody who is not root, which PostgreSQL refuses.
// The files are that user's; the directory above may be closed to it, hence the
// capability.
func owner(dir string) (*syscall.SysProcAttr, error) {
	attr := &syscall.SysProcAttr{Pdeathsig: syscall.SIGQUIT}
	if os.Getuid() != 0 {
		return attr, nil
	}
	u, err := user.Lookup("postgres")
	if err != nil {
		return nil, err
	}
	uid, _ := strconv.Atoi(u.Uid)
	gid, _ := strconv.Atoi(u.Gid)
	attr.Credential = &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}
	const dacOverride = 1 // CAP_DAC_OVERRIDE
	attr.AmbientCaps = []uintptr{dacOverride}
	return attr, os.Chown(dir, uid, gid)
}

// startBound starts a server that ends with this process: the signal of the
// parent's death is tied to the thread that started it, which therefore stays.
func startBound(cmd *exec.Cmd) error {
	started := make(chan error)
	go func() {
		runtime.LockOSThread()
		err := cmd.Start()
		started <- err
		if err == nil {
			_ = cmd.Wait()
			_ = os.RemoveAll(cmd.Dir)
		}
	}()
	return <-started
}

func (p postgres) await() error {
	ctx, cancel := context.WithTimeout(context.Background(), 60*time.Second)
	defer cancel()
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for {
		c, err := pgx.Connect(ctx, p.url("postgres"))
		if err == nil {
			return c.Close(ctx)
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			return fmt.Errorf("it does not answer: %w", err)
		}
	}
}
