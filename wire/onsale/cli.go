// Package onsale binds the commands of the onsale binary: it runs all of Onsale on
// one machine, verifies it and measures it.
package onsale

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"slices"
	"syscall"

	"github.com/alecthomas/kong"

	"github.com/onsale-tickets/onsale/adapter/buildinfo"
	"github.com/onsale-tickets/onsale/adapter/terminal"
)

type commands struct {
	Up      up               `cmd:"" help:"Run PostgreSQL, Redis, a Kafka-protocol broker and the three services on this machine, behind one address."`
	Verify  verify           `cmd:"" help:"Check an installation, running or stopped, against the invariants. Exit 1 if any is violated."`
	Archive archive          `cmd:"" help:"Put an event whose sale is closed into a file, and remove its topics from the brokers."`
	Bench   bench            `cmd:"" help:"Measure on an installation made for the benchmark."`
	Version kong.VersionFlag `name:"version" help:"Print the version and exit."`
	Broker  broker           `cmd:"" hidden:"" help:"Run the embedded broker alone."`
}

// Main runs a command and returns the exit code.
func Main() int {
	var c commands
	parser := kong.Must(&c, kong.Name("onsale"), kong.Vars{"kafka_brokers": "", "buyers": "1000", "version": "onsale " + buildinfo.Read().String()},
		kong.Description("Onsale sells the seats of an event in the minutes after they go on sale. A flag takes precedence over its environment variable, and that over the default."))
	parsed, err := parser.Parse(words(os.Args[1:]))
	if err != nil {
		return misused(err)
	}
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGINT, syscall.SIGTERM)
	defer stop()
	parsed.BindTo(ctx, (*context.Context)(nil))
	err = parsed.Run()
	switch {
	case err == nil:
		return 0
	case errors.Is(err, terminal.ErrViolations): // the report has said so
	case errors.Is(err, context.Canceled) && ctx.Err() != nil:
		fmt.Fprintln(os.Stderr, "onsale: interrupted")
	case ctx.Err() != nil:
		fmt.Fprintln(os.Stderr, "onsale: interrupted:", err)
	default:
		fmt.Fprintln(os.Stderr, "onsale:", err)
	}
	return 1
}

// words lets help and version be written as commands: `onsale help up` is
// `onsale up --help`.
func words(args []string) []string {
	switch {
	case len(args) > 0 && args[0] == "help":
		return append(slices.Clone(args[1:]), "--help")
	case len(args) == 1 && args[0] == "version":
		return []string{"--version"}
	}
	return args
}

// misused says what is wrong with the arguments and where help is. It returns the
// exit code.
func misused(err error) int {
	command, code := "onsale", 1
	var wrong *kong.ParseError
	if errors.As(err, &wrong) {
		code = wrong.ExitCode()
		if of := wrong.Context.Selected(); of != nil {
			command = "onsale " + of.Path()
		}
	}
	fmt.Fprintf(os.Stderr, "onsale: error: %v\nsee %s --help\n", err, command)
	return code
}

// binaries returns the directory of Onsale's programs, which is the one of this
// program.
func binaries() (string, error) {
	self, err := os.Executable()
	return filepath.Dir(self), err
}
