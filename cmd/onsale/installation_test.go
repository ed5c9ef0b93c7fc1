package main_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/onsale-tickets/onsale/adapter/supervisor"
)

// buildFlags are those of the binaries: tests that look for races run binaries
// that do.
var buildFlags []string

// binaries builds the four programs once for all tests of the package.
var binaries = sync.OnceValues(func() (string, error) {
	dir, err := os.MkdirTemp("", "onsale-bin-")
	if err != nil {
		return "", err
	}
	for _, name := range []string{"onsale", "booking-service", "seat-reservation-service", "event-ticketing-service"} {
		args := append([]string{"build", "-o", filepath.Join(dir, name)}, buildFlags...)
		out, err := exec.Command("go", append(args, "../"+name)...).CombinedOutput()
		if err != nil {
			return "", fmt.Errorf("go build %s: %w\n%s", name, err, out)
		}
	}
	return dir, nil
})

func TestMain(m *testing.M) {
	if jars, err := filepath.Abs("../../bin/kafka"); err == nil {
		os.Setenv("ONSALE_KAFKA_JARS", jars) // where scripts/install.sh puts them
	}
	code := m.Run()
	if dir, err := binaries(); err == nil {
		os.RemoveAll(dir)
	}
	os.Exit(code)
}

// installation is an `onsale up` of its own, on its own data and port.
type installation struct {
	t    testing.TB
	bin  string
	data string
	port int
	args []string // more for onsale up
	cmd  *exec.Cmd
	out  *bytes.Buffer
	done chan struct{}
}

func newInstallation(t testing.TB, args ...string) *installation {
	t.Helper()
	return start(t, append([]string{"--no-demo"}, args...)...)
}

// newDemo is one with the demo's accounts and event.
func newDemo(t testing.TB) *installation {
	t.Helper()
	in := start(t)
	nobody := person{in: in}
	in.eventually("the demo's event is on sale", time.Minute, func() bool {
		status, body := nobody.call("GET", "/v1/events", nil)
		return status == http.StatusOK && bytes.Contains(body, []byte("The on-sale"))
	})
	return in
}

func start(t testing.TB, args ...string) *installation {
	t.Helper()
	bin, err := binaries()
	if err != nil {
		t.Fatal(err)
	}
	in := &installation{t: t, bin: bin, data: filepath.Join(t.TempDir(), "data"), port: freePort(t)}
	in.args = append(broker(), args...)
	in.up()
	t.Cleanup(func() {
		in.down()
		in.noRace()
		if t.Failed() {
			in.showLogs()
		}
	})
	return in
}

// broker are the flags of the broker that the tests run on: with
// ONSALE_TEST_BROKER=apache an Apache Kafka node for each installation.
func broker() []string {
	if kind := os.Getenv("ONSALE_TEST_BROKER"); kind != "" {
		return []string{"--broker", kind}
	}
	return nil
}

// up starts it and waits until the three services answer through the door.
func (in *installation) up() {
	in.t.Helper()
	args := append([]string{"up", "--data-dir", in.data, "--port", strconv.Itoa(in.port)}, in.args...)
	in.cmd = exec.Command(filepath.Join(in.bin, "onsale"), args...)
	in.out = &bytes.Buffer{}
	in.cmd.Stdout, in.cmd.Stderr = in.out, in.out
	if err := in.cmd.Start(); err != nil {
		in.t.Fatal(err)
	}
	in.done = make(chan struct{})
	go func(cmd *exec.Cmd, done chan struct{}) { cmd.Wait(); close(done) }(in.cmd, in.done)
	in.eventually("the door answers", 90*time.Second, func() bool {
		select {
		case <-in.done:
			in.t.Fatalf("onsale up ended:\n%s", in.out)
		default:
		}
		resp, err := http.Get(in.url("/v1/events"))
		if err != nil {
			return false
		}
		resp.Body.Close()
		return resp.StatusCode == http.StatusOK
	})
}

// down is Ctrl-C, waited for.
func (in *installation) down() {
	in.t.Helper()
	select {
	case <-in.done:
		return
	default:
	}
	in.cmd.Process.Signal(syscall.SIGINT)
	select {
	case <-in.done:
	case <-time.After(60 * time.Second):
		in.cmd.Process.Kill()
		in.t.Errorf("onsale up did not stop within 60 s of Ctrl-C:\n%s", in.out)
	}
}

func (in *installation) url(path string) string {
	return "http://127.0.0.1:" + strconv.Itoa(in.port) + path
}

// verify runs `onsale verify` and fails the test if it finds anything.
func (in *installation) verify(args ...string) {
	in.t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Minute)
	defer cancel()
	out, err := exec.CommandContext(ctx, filepath.Join(in.bin, "onsale"), append([]string{"verify", "--data-dir", in.data}, args...)...).CombinedOutput()
	if err != nil {
		in.t.Fatalf("onsale verify: %v\n%s", err, out)
	}
	in.t.Logf("verify: %s", bytes.TrimSpace(out))
}

// noRace fails the test if a process found a race in itself.
func (in *installation) noRace() {
	logs, _ := filepath.Glob(filepath.Join(in.data, "logs", "*.log"))
	for _, path := range logs {
		content, _ := os.ReadFile(path)
		if i := bytes.Index(content, []byte("WARNING: DATA RACE")); i >= 0 {
			in.t.Errorf("%s:\n%.4000s", filepath.Base(path), content[i:])
		}
	}
}

func (in *installation) showLogs() {
	logs, _ := filepath.Glob(filepath.Join(in.data, "logs", "*.log"))
	for _, path := range logs {
		content, _ := os.ReadFile(path)
		if len(content) > 3000 {
			content = content[len(content)-3000:]
		}
		in.t.Logf("%s:\n%s", filepath.Base(path), content)
	}
}

// eventually polls until ok, or fails the test after the limit.
func (in *installation) eventually(what string, limit time.Duration, ok func() bool) {
	in.t.Helper()
	deadline := time.After(limit)
	tick := time.NewTicker(50 * time.Millisecond)
	defer tick.Stop()
	for !ok() {
		select {
		case <-tick.C:
		case <-deadline:
			in.t.Fatalf("waited %s: %s", limit, what)
		}
	}
}

func freePort(t testing.TB) int {
	ports, err := supervisor.FreePorts(1)
	if err != nil {
		t.Fatal(err)
	}
	return ports[0]
}

// person is a user with a session.
type person struct {
	in    *installation
	token string
	id    int64
	at    string // base of URLs; empty: the door
}

func (p person) url(path string) string {
	if p.at != "" {
		return p.at + path
	}
	return p.in.url(path)
}

// register makes an account and logs in.
func (in *installation) register(role, email string) person {
	in.t.Helper()
	nobody := person{in: in}
	status, body := nobody.call("POST", "/v1/users", map[string]any{"email": email, "password": password, "name": "a new " + role, "role": role})
	if status != http.StatusCreated {
		in.t.Fatalf("register %s: %d %s", email, status, body)
	}
	return in.logIn(email)
}

const password = "correct horse"

// logIn opens a session.
func (in *installation) logIn(email string) person {
	in.t.Helper()
	nobody := person{in: in}
	status, body := nobody.call("POST", "/v1/sessions", map[string]any{"email": email, "password": password})
	if status != http.StatusOK {
		in.t.Fatalf("log in %s: %d %s", email, status, body)
	}
	var session struct {
		Token string `json:"token"`
		User  struct {
			ID int64 `json:"id"`
		} `json:"user"`
	}
	decode(in.t, body, &session)
	return person{in: in, token: session.Token, id: session.User.ID}
}

// call makes one request; nothing of it is repeated.
func (p person) call(method, path string, in any) (int, []byte) {
	status, body, err := p.try(method, path, in)
	if err != nil {
		p.in.t.Errorf("%s %s: %v", method, path, err)
	}
	return status, body
}

func (p person) try(method, path string, in any) (int, []byte, error) {
	var body io.Reader
	if in != nil {
		encoded, err := json.Marshal(in)
		if err != nil {
			return 0, nil, err
		}
		body = bytes.NewReader(encoded)
	}
	req, err := http.NewRequest(method, p.url(path), body)
	if err != nil {
		return 0, nil, err
	}
	if in != nil {
		req.Header.Set("Content-Type", "application/json")
	}
	status, _, out, err := p.do(req)
	return status, out, err
}

// do sends a request and holds the answer against openapi.yaml.
func (p person) do(req *http.Request) (int, http.Header, []byte, error) {
	if p.token != "" {
		req.Header.Set("Authorization", "Bearer "+p.token)
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return 0, nil, nil, err
	}
	defer resp.Body.Close()
	out, err := io.ReadAll(resp.Body)
	if err == nil {
		err = contradicts(req, resp, out)
	}
	return resp.StatusCode, resp.Header, out, err
}

func decode(t testing.TB, body []byte, into any) {
	t.Helper()
	if err := json.Unmarshal(body, into); err != nil {
		t.Fatalf("%v in %s", err, body)
	}
}

// pid is the process of a part now; 0 between two runs.
func (in *installation) pid(name string) int {
	content, err := os.ReadFile(filepath.Join(in.data, "run.json"))
	if err != nil {
		return 0
	}
	var run struct {
		Processes map[string]int `json:"processes"`
	}
	if json.Unmarshal(content, &run) != nil {
		return 0
	}
	return run.Processes[name]
}
