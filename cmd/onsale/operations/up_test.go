package operations_test

import (
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/onsale-tickets/onsale/cmd/onsale/internal/e2e"
)

func TestUpSaysWhatIsWrong(t *testing.T) {
	t.Parallel()
	in := e2e.Shared(t)
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer taken.Close()
	free := strconv.Itoa(e2e.FreePort(t))
	other := t.TempDir()
	if err := os.WriteFile(filepath.Join(other, "broker-kind"), []byte("embedded\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		args []string
		says string
	}{
		"a port in use":       {[]string{"up", "--data-dir", t.TempDir(), "--port", strconv.Itoa(taken.Addr().(*net.TCPAddr).Port)}, "choose another port"},
		"the same data":       {[]string{"up", "--data-dir", in.Data, "--port", free}, "it is running already"},
		"a window of nothing": {[]string{"up", "--data-dir", t.TempDir(), "--port", free, "--payment-window", "0s"}, "--payment-window"},
		"a port of its own":   {[]string{"up", "--data-dir", t.TempDir(), "--port", "70000"}, "--port"},
		"two brokers":         {[]string{"up", "--data-dir", t.TempDir(), "--port", free, "--broker", "apache", "--kafka-brokers", "127.0.0.1:1"}, "one of the two"},
		"no broker's address": {[]string{"up", "--data-dir", t.TempDir(), "--port", free, "--kafka-brokers", "nonsense"}, "--kafka-brokers"},
		"another broker":      {[]string{"up", "--data-dir", other, "--port", free, "--broker", "apache"}, "it was made with another broker"},
		"no such flag":        {[]string{"up", "--colour", "red"}, "unknown flag --colour\nsee onsale up --help\n"},
		"no such command":     {[]string{"down"}, "see onsale --help\n"},
		"a file for the data": {[]string{"up", "--data-dir", "/etc/passwd", "--port", free}, "/etc/passwd is not a directory"},
		"a file to verify":    {[]string{"verify", "--data-dir", "/etc/passwd"}, "/etc/passwd is not a directory"},
		"no broker there":     {[]string{"up", "--data-dir", t.TempDir(), "--port", free, "--kafka-brokers", "127.0.0.1:9"}, "onsale: no Kafka broker answers at 127.0.0.1:9 (Connect to ipv4#127.0.0.1:9 failed: Connection refused)\n"},
		"nothing to verify":   {[]string{"verify", "--data-dir", filepath.Join(t.TempDir(), "none")}, "no installation"},
	} {
		t.Run(name, func(t *testing.T) {
			if out, code := in.Onsale(c.args...); code != 1 && code != 80 || !strings.Contains(out, c.says) || strings.Contains(out, "panic") || strings.Count(out, "\n") > 2 {
				t.Errorf("exit %d, says %q, want %q", code, out, c.says)
			}
		})
	}
	for word, flags := range map[string]string{"help": "--help", "help up": "up --help", "version": "--version"} {
		says, code := in.Onsale(strings.Fields(word)...)
		if want, _ := in.Onsale(strings.Fields(flags)...); code != 0 || says != want || says == "" {
			t.Errorf("onsale %s: exit %d, %s", word, code, says)
		}
	}
	for _, service := range []string{"booking-service", "seat-reservation-service", "event-ticketing-service"} {
		out, err := exec.Command(filepath.Join(in.Bin, service), "--help").CombinedOutput()
		if err != nil || !strings.Contains(string(out), "--kafka-brokers") || !strings.Contains(string(out), "ONSALE_HTTP_ADDR") {
			t.Errorf("%s --help: %v %s", service, err, out)
		}
	}
	if out, err := exec.Command(filepath.Join(in.Bin, "booking-service"), "--payment-window", "1ns").CombinedOutput(); err == nil || !strings.Contains(string(out), "--payment-window") {
		t.Errorf("a window of a nanosecond: %v %s", err, out)
	}
}

// All processes of `onsale up` end when it is killed, and the data is as good as
// after Ctrl-C.
func TestUpKilled(t *testing.T) {
	t.Parallel()
	in := e2e.Start(t, e2e.Embedded)
	seller, buyer := in.Register("seller", "seller@example.com"), in.Register("buyer", "buyer@example.com")
	event := seller.CreateEvent("Killed")
	b := buyer.Book(map[string]any{"event_id": event, "section": "A", "seat_selection_mode": "best_available", "quantity": 1})
	in.Eventually("the booking is pending", 30*time.Second, func() bool { return buyer.Booking(b.ID).Status == "pending_payment" })
	var run struct {
		Processes map[string]int `json:"processes"`
	}
	in.Run(&run)
	if len(run.Processes) != 6 {
		t.Fatalf("processes %v", run.Processes)
	}

	if err := in.Cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	<-in.Done
	for name, pid := range run.Processes {
		in.Eventually(name+" has ended", 30*time.Second, func() bool { return syscall.Kill(pid, 0) == syscall.ESRCH })
	}

	in.Up()
	if after := buyer.Booking(b.ID); after.Status != "pending_payment" {
		t.Errorf("afterwards: %+v", after)
	}
	in.Verify()
}
