package faults_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/onsale-tickets/onsale/cmd/onsale/internal/e2e"
)

// PostgreSQL is restored from yesterday's copy, while journals, messages and
// RocksDB are today's (docs/operations.md). Seats of lost bookings become
// available again, unless they were paid: verify names those.
func TestPostgresOfYesterday(t *testing.T) {
	t.Parallel()
	in := e2e.Start(t, e2e.Embedded)
	event := in.Register("seller", "seller@example.com").CreateHall(5, 10)
	buyer := in.Minted(1)[0]
	book := func(section string) e2e.Booking {
		b := buyer.Book(map[string]any{"event_id": event, "section": section, "seat_selection_mode": "best_available", "quantity": 2})
		return buyer.Answered(b.ID)
	}
	pay := func(b e2e.Booking) {
		buyer.OK("POST", "/v1/bookings/"+b.ID+"/payment", map[string]any{"payment_token": "tok_ok"}, 200, nil)
	}
	old, waiting := book("A"), book("A")
	pay(old)
	in.Verify() // waits until everything is applied
	in.Down()
	postgres, yesterday := filepath.Join(in.Data, "postgres"), filepath.Join(in.Data, "postgres-yesterday")
	copyTree(t, postgres, yesterday)
	in.Up()

	lost, lostPaid := book("B"), book("B")
	pay(lostPaid)
	pay(waiting)
	in.Verify()
	in.Down()
	if err := os.RemoveAll(postgres); err != nil {
		t.Fatal(err)
	}
	if err := os.Rename(yesterday, postgres); err != nil {
		t.Fatal(err)
	}
	in.Up()

	free := func(section string) (n int) {
		var counts struct {
			Sections []struct {
				Name        string
				Subsections []struct{ Available int }
			}
		}
		buyer.OK("GET", "/v1/events/1/seats", nil, 200, &counts)
		for _, s := range counts.Sections {
			for _, sub := range s.Subsections {
				if s.Name == section {
					n += sub.Available
				}
			}
		}
		return n
	}
	total := free("A") + 4
	in.Eventually("the seats of a booking that is lost and unpaid come back", time.Minute, func() bool { return free("B") == total-2 })
	if b := buyer.Booking(old.ID); b.Status != "paid" {
		t.Errorf("what yesterday knew is %+v", b)
	}
	if b := book("B"); b.Status != "pending_payment" || b.Seats[0] != lost.Seats[0] {
		t.Errorf("a new booking got %+v, free again are %v", b, lost.Seats)
	}
	out, err := exec.Command(filepath.Join(in.Bin, "onsale"), "verify", "--data-dir", in.Data, "--rest", "5s").CombinedOutput()
	if err == nil {
		t.Error("verify finds nothing, but a paid booking is lost")
	}
	for _, id := range []string{lostPaid.ID, waiting.ID} {
		if !strings.Contains(string(out), id) {
			t.Errorf("verify does not name booking %s, which was paid:\n%s", id, out)
		}
	}
	t.Logf("verify:\n%s", out)
}

func copyTree(t *testing.T, from, to string) {
	t.Helper()
	if out, err := exec.Command("cp", "-a", from, to).CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
}
