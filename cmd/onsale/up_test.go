package main_test

import (
	"net"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
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
	in := newInstallation(t)
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer taken.Close()
	free := strconv.Itoa(freePort(t))
	for name, c := range map[string]struct {
		args []string
		says string
	}{
		"a port in use":       {[]string{"up", "--data-dir", t.TempDir(), "--port", strconv.Itoa(taken.Addr().(*net.TCPAddr).Port)}, "choose another port"},
		"the same data":       {[]string{"up", "--data-dir", in.data, "--port", free}, "it is running already"},
		"a window of nothing": {[]string{"up", "--data-dir", t.TempDir(), "--port", free, "--payment-window", "0s"}, "--payment-window"},
		"a port of its own":   {[]string{"up", "--data-dir", t.TempDir(), "--port", "70000"}, "--port"},
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
