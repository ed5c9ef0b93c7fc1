package main_test

import (
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

// What is stopped is judged as of when it stopped: nobody is there to end a
// payment window, the directory of a server of an earlier run says nothing, and
// what was ended by force lags behind the journal.
func TestVerifyStopped(t *testing.T) {
	t.Parallel()
	in := newInstallation(t, "--payment-window", "3s", "--servers", "2")
	event := in.register("seller", "seller@example.com").createHall(5, 10)
	buyer := in.minted(1)[0]
	book := func() booking {
		b := buyer.book(map[string]any{"event_id": event, "section": "A", "seat_selection_mode": "best_available", "quantity": 2})
		return buyer.answered(b.ID)
	}
	pay := func(b booking) {
		buyer.ok("POST", "/v1/bookings/"+b.ID+"/payment", map[string]any{"payment_token": "tok_ok"}, 200, nil)
	}
	pay(book())
	in.down()

	in.args = append(broker(), "--no-demo", "--payment-window", "3s", "--servers", "1")
	in.up()
	in.kill("seat-reservation-service")
	for range 10 {
		pay(book())
	}
	book()
	if err := in.cmd.Process.Signal(syscall.SIGKILL); err != nil { // in the midst of it
		t.Fatal(err)
	}
	<-in.done
	stopped := time.Now()
	in.eventually("the window is long over", time.Minute, func() bool { return time.Since(stopped) > 15*time.Second })

	out, code := in.onsale("verify", "--data-dir", in.data)
	if code != 0 || !strings.Contains(out, "I15  not judged") || !strings.Contains(out, "I16  not judged") {
		t.Errorf("exit %d:\n%s", code, out)
	}
	t.Log(out)
	in.up()
	in.verify()
}

// Where no installation is, verify makes none.
func TestVerifyOfNothing(t *testing.T) {
	t.Parallel()
	bin, err := binaries()
	if err != nil {
		t.Fatal(err)
	}
	in := &installation{t: t, bin: bin, data: t.TempDir()}
	for _, dir := range []string{in.data, filepath.Join(in.data, "none")} {
		if out, code := in.onsale("verify", "--data-dir", dir); code != 1 || !strings.Contains(out, "there is no installation at "+dir) {
			t.Errorf("exit %d: %s", code, out)
		}
	}
	if made, err := os.ReadDir(in.data); err != nil || len(made) > 0 {
		t.Errorf("it made %v (%v)", made, err)
	}
}
