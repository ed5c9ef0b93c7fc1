package main_test

import (
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
)

// onsale runs the command to its end.
func (in *installation) onsale(args ...string) (string, int) {
	in.t.Helper()
	out, err := exec.Command(filepath.Join(in.bin, "onsale"), args...).CombinedOutput()
	code := 0
	if err != nil {
		exit, ok := err.(*exec.ExitError)
		if !ok {
			in.t.Fatal(err)
		}
		code = exit.ExitCode()
	}
	return string(out), code
}

func TestUpSaysWhatIsWrong(t *testing.T) {
	t.Parallel()
	in := newInstallation(t)
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer taken.Close()
	free := strconv.Itoa(freePort(t))
	other := t.TempDir()
	if err := os.WriteFile(filepath.Join(other, "broker-kind"), []byte("embedded\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		args []string
		says string
	}{
		"a port in use":       {[]string{"up", "--data-dir", t.TempDir(), "--port", strconv.Itoa(taken.Addr().(*net.TCPAddr).Port)}, "choose another port"},
		"the same data":       {[]string{"up", "--data-dir", in.data, "--port", free}, "it is running already"},
		"a window of nothing": {[]string{"up", "--data-dir", t.TempDir(), "--port", free, "--payment-window", "0s"}, "--payment-window"},
		"a port of its own":   {[]string{"up", "--data-dir", t.TempDir(), "--port", "70000"}, "--port"},
		"two brokers":         {[]string{"up", "--data-dir", t.TempDir(), "--port", free, "--broker", "apache", "--kafka-brokers", "127.0.0.1:1"}, "one of the two"},
		"no broker's address": {[]string{"up", "--data-dir", t.TempDir(), "--port", free, "--kafka-brokers", "nonsense"}, "--kafka-brokers"},
		"another broker":      {[]string{"up", "--data-dir", other, "--port", free, "--broker", "apache"}, "it was made with another broker"},
		"no such flag":        {[]string{"up", "--colour", "red"}, "unknown flag --colour"},
		"nothing to verify":   {[]string{"verify", "--data-dir", filepath.Join(t.TempDir(), "none")}, "no installation"},
	} {
		t.Run(name, func(t *testing.T) {
			if out, code := in.onsale(c.args...); code != 1 && code != 80 || !strings.Contains(out, c.says) || strings.Contains(out, "panic") {
				t.Errorf("exit %d, says %q, want %q", code, out, c.says)
			}
		})
	}
	for _, service := range []string{"booking-service", "seat-reservation-service", "event-ticketing-service"} {
		out, err := exec.Command(filepath.Join(in.bin, service), "--help").CombinedOutput()
		if err != nil || !strings.Contains(string(out), "--kafka-brokers") || !strings.Contains(string(out), "ONSALE_HTTP_ADDR") {
			t.Errorf("%s --help: %v %s", service, err, out)
		}
	}
	if out, err := exec.Command(filepath.Join(in.bin, "booking-service"), "--payment-window", "1ns").CombinedOutput(); err == nil || !strings.Contains(string(out), "--payment-window") {
		t.Errorf("a window of a nanosecond: %v %s", err, out)
	}
}

// What `onsale up` started ends with it, however it ends, and the data is as
// good as after Ctrl-C.
func TestUpKilled(t *testing.T) {
	t.Parallel()
	in := newInstallation(t)
	seller, buyer := in.register("seller", "seller@example.com"), in.register("buyer", "buyer@example.com")
	event := seller.createEvent("Killed")
	b := buyer.book(map[string]any{"event_id": event, "section": "A", "seat_selection_mode": "best_available", "quantity": 1})
	in.eventually("the booking is pending", 30*time.Second, func() bool { return buyer.booking(b.ID).Status == "pending_payment" })
	var run struct {
		Processes map[string]int `json:"processes"`
	}
	in.run(&run)
	if len(run.Processes) != 6 {
		t.Fatalf("processes %v", run.Processes)
	}

	if err := in.cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	<-in.done
	for name, pid := range run.Processes {
		in.eventually(name+" has ended", 30*time.Second, func() bool { return syscall.Kill(pid, 0) == syscall.ESRCH })
	}

	in.up()
	if after := buyer.booking(b.ID); after.Status != "pending_payment" {
		t.Errorf("afterwards: %+v", after)
	}
	in.verify()
}

// What drifts apart silently is found: by verify, which names the seat, and by
// the gauges, which differ.
func TestF28_SilentDrift(t *testing.T) {
	t.Parallel()
	in := newInstallation(t)
	event := in.register("seller", "seller@example.com").createHall(2, 5)
	buyer := in.minted(1)[0]
	b := buyer.book(map[string]any{"event_id": event, "section": "A", "seat_selection_mode": "best_available", "quantity": 2})
	buyer.answered(b.ID)
	in.verify()
	gauge := func(service, line string) bool {
		var run struct {
			Services map[string]struct{ Ops string }
		}
		in.run(&run)
		resp, err := http.Get("http://" + run.Services[service].Ops + "/metrics")
		if err != nil {
			t.Fatal(err)
		}
		defer resp.Body.Close()
		text, err := io.ReadAll(resp.Body)
		if err != nil {
			t.Fatal(err)
		}
		return strings.Contains(string(text), line+"\n")
	}
	seats, tickets := `onsale_seats{event_id="1",status="reserved"} 2`, `onsale_tickets{event_id="1",status="reserved"} 2`
	if !gauge("seat-reservation-service", seats) || !gauge("event-ticketing-service", tickets) {
		t.Error("the gauges do not say what is")
	}

	url, err := os.ReadFile(filepath.Join(in.data, "secrets", "event-ticketing-service.url"))
	if err != nil {
		t.Fatal(err)
	}
	c, err := pgx.Connect(t.Context(), string(url))
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close(t.Context())
	for _, drift := range []string{"UPDATE tickets SET status = 0 WHERE row_no = 1 AND seat_no = 1 AND status = 1", "INSERT INTO ticket_deltas VALUES (1, 0, 1, -1, 0, 0, now())"} {
		if _, err := c.Exec(t.Context(), drift); err != nil {
			t.Fatal(err)
		}
	}
	out, code := in.onsale("verify", "--data-dir", in.data, "--rest", "1s")
	if code != 1 || !strings.Contains(out, "I2   VIOLATED") || !strings.Contains(out, "seat A-1-1-1") {
		t.Errorf("exit %d: %s", code, out)
	}
	if gauge("event-ticketing-service", tickets) {
		t.Error("the gauge says what was")
	}
}
