package operations_test

import (
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/onsale-tickets/onsale/cmd/onsale/internal/e2e"
)

// A stopped installation is judged as of when it stopped: no service was there to
// expire bookings, the RocksDB of a server that no longer exists does not count,
// and RocksDB may be behind the journal after a kill.
func TestVerifyStopped(t *testing.T) {
	t.Parallel()
	in := e2e.Start(t, e2e.Embedded, "--payment-window", "3s", "--servers", "2")
	event := in.Register("seller", "seller@example.com").CreateHall(5, 10)
	buyer := in.Minted(1)[0]
	book := func() e2e.Booking {
		b := buyer.Book(map[string]any{"event_id": event, "section": "A", "seat_selection_mode": "best_available", "quantity": 2})
		return buyer.Answered(b.ID)
	}
	pay := func(b e2e.Booking) {
		buyer.OK("POST", "/v1/bookings/"+b.ID+"/payment", map[string]any{"payment_token": "tok_ok"}, 200, nil)
	}
	pay(book())
	in.Down()

	in.Args = []string{"--no-demo", "--payment-window", "3s", "--servers", "1"}
	in.Up()
	in.Kill("seat-reservation-service")
	for range 10 {
		pay(book())
	}
	book()
	if err := in.Cmd.Process.Signal(syscall.SIGKILL); err != nil { // in the middle of work
		t.Fatal(err)
	}
	<-in.Done
	stopped := time.Now()
	in.Eventually("the window is long over", time.Minute, func() bool { return time.Since(stopped) > 15*time.Second })

	out, code := in.Onsale("verify", "--data-dir", in.Data)
	if code != 0 || !strings.Contains(out, "I15  not judged") || !strings.Contains(out, "I16  not judged") {
		t.Errorf("exit %d:\n%s", code, out)
	}
	t.Log(out)
	in.Up()
	in.Verify()
}

// An installation that is always at work is never at rest. Bookings that expire while
// it is audited contradict no invariant.
func TestVerifyAtWork(t *testing.T) {
	t.Parallel()
	in := e2e.Start(t, e2e.Embedded, "--payment-window", "1s")
	event := in.Register("seller", "seller@example.com").CreateEvent("At work")
	load := in.Load(event, in.Minted(20), 1, time.Second)
	in.Eventually("bookings expire", time.Minute, func() bool { return len(load.Told) > 50 })

	out, code := in.Onsale("verify", "--data-dir", in.Data, "--rest", "20s")

	load.End()
	if code != 0 {
		t.Errorf("exit %d:\n%s", code, out)
	}
	t.Log(out)
	in.Resolved(load.Told)
	in.Verify()
}

// verify creates nothing where there is no installation.
func TestVerifyOfNothing(t *testing.T) {
	t.Parallel()
	bin, err := e2e.Binaries()
	if err != nil {
		t.Fatal(err)
	}
	in := &e2e.Installation{T: t, Bin: bin, Data: t.TempDir()}
	for _, dir := range []string{in.Data, filepath.Join(in.Data, "none")} {
		if out, code := in.Onsale("verify", "--data-dir", dir); code != 1 || !strings.Contains(out, "there is no installation at "+dir) {
			t.Errorf("exit %d: %s", code, out)
		}
	}
	if made, err := os.ReadDir(in.Data); err != nil || len(made) > 0 {
		t.Errorf("it made %v (%v)", made, err)
	}
}
