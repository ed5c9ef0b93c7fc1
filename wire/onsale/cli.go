// Package onsale is the command line: it runs all of Onsale on one machine, and
// checks it.
package onsale

import (
	"context"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"syscall"

	"github.com/alecthomas/kong"
)

type commands struct {
	Up     up     `cmd:"" help:"Run PostgreSQL, Redis, a Kafka-protocol broker and the three services on this machine, behind one address."`
	Verify verify `cmd:"" help:"Check what an installation recorded against the invariants; exit 1 if any is violated."`
	Bench  bench  `cmd:"" help:"Put load on an installation of its own and measure."`
	Broker broker `cmd:"" hidden:"" help:"Run the embedded broker alone."`
}

// Main runs a command and answers the exit code.
func Main() int {
	var c commands
	parsed := kong.Parse(&c, kong.Name("onsale"), kong.UsageOnError(), kong.Vars{"kafka_brokers": ""},
		kong.Description("Onsale sells the seats of an event in the minutes after they go on sale. A flag goes before its environment variable, that before the default."))
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGINT, syscall.SIGTERM)
	defer stop()
	parsed.BindTo(ctx, (*context.Context)(nil))
	if err := parsed.Run(); err != nil {
		fmt.Fprintln(os.Stderr, "onsale:", err)
		return 1
	}
	return 0
}

// binaries is the directory of Onsale's own programs: beside this one.
func binaries() (string, error) {
	self, err := os.Executable()
	return filepath.Dir(self), err
}
