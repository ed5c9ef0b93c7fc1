package e2e

import (
	"bytes"
	"errors"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"syscall"
	"testing"
	"time"

	"github.com/onsale-tickets/onsale/adapter/supervisor"
)

// Installation is a running `onsale up` with its own data and port.
type Installation struct {
	T      testing.TB // the test that uses it
	Bin    string     // directory of the programs
	Data   string     // its data directory
	Args   []string   // further arguments of onsale up
	Cmd    *exec.Cmd  // onsale up
	Done   chan struct{}
	sharer int64 // which of several tests uses it, from 1; 0: the only one
	broker Broker
	env    []string
	port   int
	out    *bytes.Buffer
}

// Config is what a test decides about an installation.
type Config struct {
	Broker   Broker
	Args     []string // further arguments of `onsale up`
	Env      []string // further environment, as name=value
	Binaries func() (string, error)
}

// Start starts an installation without the demo's accounts and event, and stops
// it when the test ends. args are further arguments of `onsale up`.
func Start(t testing.TB, on Broker, args ...string) *Installation {
	t.Helper()
	return StartWith(t, Config{Broker: on, Args: append([]string{"--no-demo"}, args...), Binaries: Binaries})
}

// StartDemo starts an installation with the demo's accounts and event.
func StartDemo(t testing.TB, on Broker) *Installation {
	t.Helper()
	in := StartWith(t, Config{Broker: on, Binaries: Binaries})
	nobody := Person{In: in}
	in.Eventually("the demo's event is on sale", time.Minute, func() bool {
		status, body := nobody.Call("GET", "/v1/events", nil)
		return status == http.StatusOK && bytes.Contains(body, []byte("The on-sale"))
	})
	return in
}

// StartWith starts an installation and stops it when the test ends.
func StartWith(t testing.TB, c Config) *Installation {
	t.Helper()
	in := Prepare(t, c)
	in.Up()
	return in
}

// Prepare returns an installation that is not started. It is stopped when the
// test ends, if it was started.
func Prepare(t testing.TB, c Config) *Installation {
	t.Helper()
	takeSlot(t)
	in, err := prepare(c, filepath.Join(t.TempDir(), "data"))
	if err != nil {
		t.Fatal(err)
	}
	in.T = t
	t.Cleanup(func() {
		if err := in.stop(); err != nil {
			t.Error(err)
		}
		if t.Failed() {
			in.showLogs()
		}
	})
	return in
}

func prepare(c Config, data string) (*Installation, error) {
	bin, err := c.Binaries()
	if err != nil {
		return nil, err
	}
	ports, err := supervisor.FreePorts(1)
	if err != nil {
		return nil, err
	}
	return &Installation{Bin: bin, Data: data, Args: c.Args, env: c.Env, broker: c.Broker, port: ports[0]}, nil
}

// Attach returns an installation that the test runs itself, on a data directory
// and a port for the proxy.
func Attach(t testing.TB, data string, port int) *Installation {
	t.Helper()
	takeSlot(t)
	bin, err := Binaries()
	if err != nil {
		t.Fatal(err)
	}
	in := &Installation{T: t, Bin: bin, Data: data, port: port}
	t.Cleanup(func() {
		if err := in.races(); err != nil {
			t.Error(err)
		}
		if t.Failed() {
			in.showLogs()
		}
	})
	return in
}

// stop stops the installation and looks for races in what it logged.
func (in *Installation) stop() error { return errors.Join(in.down(), in.races()) }

// Up starts the installation and waits until its services answer.
func (in *Installation) Up() {
	in.T.Helper()
	if err := in.up(); err != nil {
		in.T.Fatal(err)
	}
}

func (in *Installation) up() error {
	args := append([]string{"up", "--data-dir", in.Data, "--port", strconv.Itoa(in.port), "--broker", string(in.broker)}, in.Args...)
	in.Cmd = exec.Command(filepath.Join(in.Bin, "onsale"), args...)
	in.Cmd.Env = append(append(os.Environ(), "ONSALE_KAFKA_JARS="+Root("bin", "kafka")), in.env...)
	if in.broker == Apache && os.Getenv("JAVA_TOOL_OPTIONS") == "" {
		// A node that lives for a minute need not be compiled twice.
		in.Cmd.Env = append(in.Cmd.Env, "JAVA_TOOL_OPTIONS=-XX:TieredStopAtLevel=1")
	}
	in.out = &bytes.Buffer{}
	in.Cmd.Stdout, in.Cmd.Stderr = in.out, in.out
	done, err := startChild(in.Cmd)
	if err != nil {
		return err
	}
	in.Done = done
	tick := time.NewTicker(50 * time.Millisecond)
	defer tick.Stop()
	for limit := time.After(3 * time.Minute); ; {
		if resp, err := http.Get(in.URL("/v1/events")); err == nil {
			resp.Body.Close()
			if resp.StatusCode == http.StatusOK {
				return nil
			}
		}
		select {
		case <-tick.C:
		case <-in.Done:
			return fmt.Errorf("onsale up ended:\n%s", in.out)
		case <-limit:
			return errors.New("the services do not answer within 90 s")
		}
	}
}

// Setenv adds to the environment of the next Up.
func (in *Installation) Setenv(nameValue string) { in.env = append(in.env, nameValue) }

// Down stops the installation as Ctrl-C does, and waits until it has stopped.
func (in *Installation) Down() {
	in.T.Helper()
	if err := in.down(); err != nil {
		in.T.Error(err)
	}
}

func (in *Installation) down() error {
	if in.Cmd == nil || in.Cmd.Process == nil {
		return nil
	}
	select {
	case <-in.Done:
		return nil
	default:
	}
	in.Cmd.Process.Signal(syscall.SIGINT)
	select {
	case <-in.Done:
		return nil
	case <-time.After(60 * time.Second):
		in.Cmd.Process.Kill()
		return fmt.Errorf("onsale up did not stop within 60 s of Ctrl-C:\n%s", in.out)
	}
}

// Output returns what `onsale up` has printed. It may be called once the
// installation is down.
func (in *Installation) Output() string { return in.out.String() }

// URL returns the address of a path behind the proxy.
func (in *Installation) URL(path string) string {
	return "http://127.0.0.1:" + strconv.Itoa(in.port) + path
}

// races returns an error if a process found a race in itself.
func (in *Installation) races() error {
	var err error
	for name, content := range in.logs() {
		if i := bytes.Index(content, []byte("WARNING: DATA RACE")); i >= 0 {
			err = errors.Join(err, fmt.Errorf("%s:\n%.4000s", name, content[i:]))
		}
	}
	return err
}

func (in *Installation) showLogs() {
	for name, content := range in.logs() {
		if len(content) > 3000 {
			content = content[len(content)-3000:]
		}
		in.T.Logf("%s:\n%s", name, content)
	}
}

// logs returns the log of each part by its name.
func (in *Installation) logs() map[string][]byte {
	all := map[string][]byte{}
	paths, _ := filepath.Glob(filepath.Join(in.Data, "logs", "*.log"))
	for _, path := range paths {
		all[filepath.Base(path)], _ = os.ReadFile(path)
	}
	return all
}

// Log returns what a part has logged.
func (in *Installation) Log(part string) string { return string(in.logs()[part+".log"]) }

// For returns the same installation for a subtest, which fails where the
// installation's own test would. It must not be stopped or started through it.
func (in *Installation) For(t testing.TB) *Installation {
	sub := *in
	sub.T = t
	return &sub
}

// Eventually polls until ok returns true, and fails the test after the limit.
func (in *Installation) Eventually(what string, limit time.Duration, ok func() bool) {
	in.T.Helper()
	deadline := time.After(limit)
	tick := time.NewTicker(50 * time.Millisecond)
	defer tick.Stop()
	for !ok() {
		select {
		case <-tick.C:
		case <-deadline:
			in.T.Fatalf("waited %s: %s", limit, what)
		}
	}
}

// FreePort returns a port that nothing listens on.
func FreePort(t testing.TB) int {
	t.Helper()
	ports, err := supervisor.FreePorts(1)
	if err != nil {
		t.Fatal(err)
	}
	return ports[0]
}
