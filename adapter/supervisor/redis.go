package supervisor

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"syscall"
)

// Redis is a Redis server that we run. It stores nothing on disk, because nothing
// in it has to survive it.
type Redis struct {
	Path string
	Dir  string
	Port int
}

// RedisPath returns the path of redis-server.
func RedisPath() (string, error) {
	path, err := exec.LookPath("redis-server")
	if err != nil {
		return "", errors.New("Redis is not installed (redis-server); scripts/install.sh installs it")
	}
	return path, nil
}

// Addr returns host:port.
func (r Redis) Addr() string { return "127.0.0.1:" + strconv.Itoa(r.Port) }

// Program returns the program that runs the server on 127.0.0.1.
func (r Redis) Program(log string) (Program, error) {
	if err := os.MkdirAll(r.Dir, 0o700); err != nil {
		return Program{}, err
	}
	return Program{Name: RedisProcess, Path: r.Path, Dir: r.Dir, Log: log, Stop: syscall.SIGTERM, Orphaned: syscall.SIGKILL,
		Args: []string{"--bind", "127.0.0.1", "--port", strconv.Itoa(r.Port), "--save", "", "--appendonly", "no", "--dir", r.Dir}}, nil
}

// Await blocks until the server answers a PING.
func (r Redis) Await(ctx context.Context) error {
	return await(ctx, func(ctx context.Context) error {
		var d net.Dialer
		c, err := d.DialContext(ctx, "tcp", r.Addr())
		if err != nil {
			return err
		}
		defer c.Close()
		if end, ok := ctx.Deadline(); ok {
			_ = c.SetDeadline(end)
		}
		if _, err := fmt.Fprint(c, "PING\r\n"); err != nil {
			return err
		}
		line, err := bufio.NewReader(c).ReadString('\n')
		if err == nil && !strings.HasPrefix(line, "+PONG") {
			err = fmt.Errorf("Redis answered PING with %q", line)
		}
		return err
	})
}
