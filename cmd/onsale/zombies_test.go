package main_test

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"math/rand/v2"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

// A server is stopped for longer than its session and then goes on, as a
// machine does that was frozen: the other server has taken over by then. What
// the zombie still believes to own, has read, or holds in its hands, comes to
// nothing or to the same.
func TestZombies(t *testing.T) {
	t.Parallel()
	in := newInstallation(t, "--servers", "2", "--payment-window", "5s")
	event := in.register("seller", "seller@example.com").createEvent("Zombies")
	people := in.minted(40)
	for i, role := range []struct{ name, service string }{
		{"F6 and F7, the owner of partitions", "seat-reservation-service"},
		{"F10 and F20, the consumer of answers, relay, expiry and capture", "booking-service"},
		{"F10 and F20, the consumer of tickets, and its relay", "event-ticketing-service"},
	} {
		t.Run(role.name, func(t *testing.T) {
			load := in.load(event, people, uint64(i), thinks)
			load.begun(in)
			pid := in.pid(role.service)
			if err := syscall.Kill(pid, syscall.SIGSTOP); err != nil {
				t.Fatal(err)
			}
			awake := people[0]
			awake.at = in.serviceURL("booking-service-2")
			awake.paysEverywhere(event, fmt.Sprintf("zombie-%d", i)) // its partitions have another server
			if role.service == "event-ticketing-service" {
				in.eventually("the other server has all tickets up to date", time.Minute, func() bool { return in.lag("event-ticketing-service-2") == 0 })
			}
			if err := syscall.Kill(pid, syscall.SIGCONT); err != nil {
				t.Fatal(err)
			}
			in.eventually("the zombie finds its place again", time.Minute, func() bool { return in.ready(role.service) })
			load.end()
			in.resolved(load.told)
			in.verify()
			t.Logf("records skipped: %v and %v", in.metric("seat-reservation-service", "onsale_journal_skipped_total"),
				in.metric("seat-reservation-service-2", "onsale_journal_skipped_total"))
		})
		if t.Failed() {
			return
		}
	}
}

// A third server of each service, started by hand, joins and leaves under load:
// in order, and by force.
func TestThirdServer(t *testing.T) {
	t.Parallel()
	in := newInstallation(t, "--servers", "2", "--payment-window", "5s")
	event := in.register("seller", "seller@example.com").createEvent("Third")
	people := in.minted(40)
	load := in.load(event, people, 1, thinks)
	for _, service := range []string{"seat-reservation-service", "booking-service", "event-ticketing-service"} {
		for _, how := range []syscall.Signal{syscall.SIGTERM, syscall.SIGKILL} {
			third := in.byHand(service, "s3")
			in.eventually("the third "+service+" is ready", time.Minute, third.ready)
			if service == "seat-reservation-service" {
				in.eventually("it owns partitions", time.Minute, func() bool { return third.owned() > 0 })
			}
			third.end(how)
			people[0].paysEverywhere(event, fmt.Sprintf("third-%s-%d", service, how))
		}
	}
	in.eventually("the other two own all ten partitions", time.Minute, func() bool {
		return in.metric("seat-reservation-service", "onsale_seat_partitions_owned")+in.metric("seat-reservation-service-2", "onsale_seat_partitions_owned") == 10
	})
	load.end()
	in.resolved(load.told)
	in.verify()
}

// Two servers with one name fight for its place: both say so, and no seat is
// sold twice meanwhile.
func TestF6_OneNameTwice(t *testing.T) {
	t.Parallel()
	in := newInstallation(t, "--payment-window", "5s")
	event := in.register("seller", "seller@example.com").createEvent("One name")
	people := in.minted(20)
	load := in.load(event, people, 1, thinks)
	load.begun(in)
	double := in.byHand("seat-reservation-service", "s1")
	in.eventually("one of them says so", time.Minute, func() bool {
		first, _ := os.ReadFile(filepath.Join(in.data, "logs", "seat-reservation-service.log"))
		return bytes.Contains(append(first, double.log()...), []byte("needs a --server-id of its own"))
	})
	double.end(syscall.SIGTERM)
	people[0].paysEverywhere(event, "one-name")
	load.end()
	in.resolved(load.told)
	in.verify()
}

// load are buyers who book, pay, cancel and go away until the end.
type load struct {
	told chan acknowledged
	stop context.CancelFunc
	all  *sync.WaitGroup
}

// thinks is how long a buyer takes between two bookings, at most.
const thinks = 2 * time.Second

func (in *installation) load(event int64, people []person, seed uint64, thinks time.Duration) load {
	ctx, stop := context.WithCancel(context.Background())
	l := load{told: make(chan acknowledged, 1_000_000), stop: stop, all: &sync.WaitGroup{}}
	in.t.Cleanup(stop)
	for i, p := range people {
		l.all.Go(func() {
			r := rand.New(rand.NewPCG(seed, uint64(i)))
			for n := 0; ; n++ {
				select {
				case <-ctx.Done():
					return
				case <-time.After(time.Duration(r.Int64N(int64(thinks)))): // a buyer thinks
				}
				l.told <- p.visit(event, fmt.Sprintf("%d-%d-%d", seed, i, n), r)
			}
		})
	}
	return l
}

// begun waits until some were there.
func (l load) begun(in *installation) {
	in.t.Helper()
	in.eventually("the first buyers were there", time.Minute, func() bool { return len(l.told) > 20 })
}

func (l load) end() {
	l.stop()
	l.all.Wait()
	close(l.told)
}

// paysEverywhere books and pays a seat in each section.
func (p person) paysEverywhere(event int64, key string) {
	p.in.t.Helper()
	for n := range 10 {
		status, body := p.stubborn("POST", "/v1/bookings", map[string]any{"event_id": event, "section": string(rune('A' + n)),
			"seat_selection_mode": "best_available", "quantity": 1}, fmt.Sprintf("%s-%d", key, n))
		if status != http.StatusOK {
			p.in.t.Errorf("book: %d %s", status, body)
			return
		}
		var b booking
		decode(p.in.t, body, &b)
		if p.answered(b.ID).Status != "pending_payment" {
			p.in.t.Errorf("section %c: %+v", 'A'+n, p.booking(b.ID))
			continue
		}
		if status, body := p.stubborn("POST", "/v1/bookings/"+b.ID+"/payment", map[string]any{"payment_token": "tok_ok"}, ""); status != http.StatusOK {
			p.in.t.Errorf("pay: %d %s", status, body)
		}
	}
}

// server is one that was started by hand, with the settings that
// docs/deployment.md names.
type server struct {
	in      *installation
	cmd     *exec.Cmd
	ended   chan struct{}
	ops     string
	logFile string
}

func (in *installation) byHand(service, id string) *server {
	in.t.Helper()
	var run struct{ Kafka, Redis string }
	in.run(&run)
	s := &server{in: in, ended: make(chan struct{}), ops: "127.0.0.1:" + strconv.Itoa(freePort(in.t)), logFile: filepath.Join(in.data, "logs", service+"-by-hand-"+id+".log")}
	args := []string{"--http-addr", "127.0.0.1:" + strconv.Itoa(freePort(in.t)), "--ops-addr", s.ops, "--kafka-brokers", run.Kafka, "--server-id", id}
	secret := func(name string) string { return filepath.Join(in.data, "secrets", name) }
	switch service {
	case "seat-reservation-service":
		args = append(args, "--data-dir", filepath.Join(in.t.TempDir(), "seats"))
	case "booking-service":
		args = append(args, "--postgres-url-file", secret(service+".url"), "--session-key-file", secret("session-key"),
			"--redis-addr", run.Redis, "--gateway-dir", filepath.Join(in.data, "gateway"), "--payment-window", "5s")
	case "event-ticketing-service":
		args = append(args, "--postgres-url-file", secret(service+".url"), "--session-key-file", secret("session-key"))
	}
	log, err := os.OpenFile(s.logFile, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		in.t.Fatal(err)
	}
	defer log.Close()
	s.cmd = exec.Command(filepath.Join(in.bin, service), args...)
	s.cmd.Stdout, s.cmd.Stderr = log, log
	if err := s.cmd.Start(); err != nil {
		in.t.Fatal(err)
	}
	go func() { s.cmd.Wait(); close(s.ended) }()
	in.t.Cleanup(func() { s.end(syscall.SIGKILL) })
	return s
}

// end sends a signal and waits for the end.
func (s *server) end(signal syscall.Signal) {
	s.in.t.Helper()
	select {
	case <-s.ended:
		return
	default:
	}
	_ = s.cmd.Process.Signal(signal)
	select {
	case <-s.ended:
	case <-time.After(20 * time.Second):
		s.in.t.Errorf("%s: not ended 20 s after %s", s.cmd.Path, signal)
	}
}

func (s *server) log() []byte {
	content, _ := os.ReadFile(s.logFile)
	return content
}

func (s *server) ready() bool { return isReady(s.ops) }

func (s *server) owned() float64 { return metricAt(s.ops, "onsale_seat_partitions_owned") }

func isReady(ops string) bool {
	resp, err := http.Get("http://" + ops + "/readyz")
	if err != nil {
		return false
	}
	defer resp.Body.Close()
	return resp.StatusCode == http.StatusOK
}

// ops is where a server answers those on call.
func (in *installation) ops(part string) string {
	var run struct {
		Services map[string]struct{ Ops string }
	}
	in.run(&run)
	return run.Services[part].Ops
}

func (in *installation) ready(part string) bool { return isReady(in.ops(part)) }

// metric is the sum over the labels of a metric, -1 if it is not to be had.
func (in *installation) metric(part, name string) float64 { return metricAt(in.ops(part), name) }

func (in *installation) lag(part string) float64 { return in.metric(part, "onsale_kafka_lag_records") }

func metricAt(ops, name string) float64 {
	resp, err := http.Get("http://" + ops + "/metrics")
	if err != nil {
		return -1
	}
	defer resp.Body.Close()
	sum, found := 0.0, false
	for lines := bufio.NewScanner(resp.Body); lines.Scan(); {
		series, value, _ := strings.Cut(lines.Text(), " ")
		if base, _, _ := strings.Cut(series, "{"); base == name {
			n, _ := strconv.ParseFloat(value, 64)
			sum, found = sum+n, true
		}
	}
	if !found {
		return -1
	}
	return sum
}
