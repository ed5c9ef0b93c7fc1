// Package onsale binds the commands of the onsale binary: it runs all of Onsale on
// one machine, verifies it and measures it.
package onsale

import (
	"context"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"syscall"

	"github.com/alecthomas/kong"

	"github.com/onsale-tickets/onsale/adapter/buildinfo"
)

type commands struct {
	Up      up               `cmd:"" help:"Run PostgreSQL, Redis, a Kafka-protocol broker and the three services on this machine, behind one address."`
	Verify  verify           `cmd:"" help:"Check an installation, running or stopped, against the invariants. Exit 1 if any is violated."`
	Bench   bench            `cmd:"" help:"Measure on an installation made for the benchmark."`
	Version kong.VersionFlag `name:"version" help:"Print the version and exit."`
	Broker  broker           `cmd:"" hidden:"" help:"Run the embedded broker alone."`
}

// Main runs a command and returns the exit code.
func Main() int {
	var c commands
	parsed := kong.Parse(&c, kong.Name("onsale"), kong.UsageOnError(), kong.Vars{"kafka_brokers": "", "version": "onsale " + buildinfo.Read().String()},
		kong.Description("Onsale sells the seats of an event in the minutes after they go on sale. A flag takes precedence over its environment variable, and that over the default."))
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGINT, syscall.SIGTERM)
	defer stop()
	parsed.BindTo(ctx, (*context.Context)(nil))
	if err := parsed.Run(); err != nil {
		fmt.Fprintln(os.Stderr, "onsale:", err)
		return 1
	}
	return 0
}

// binaries returns the directory of Onsale's programs, which is the one of this
// program.
func binaries() (string, error) {
	self, err := os.Executable()
	return filepath.Dir(self), err
}
