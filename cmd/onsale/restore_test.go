package main_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// PostgreSQL is restored from yesterday, while journals, messages and RocksDB
// are today's: docs/operations.md. Seats of bookings that nobody knows any more
// come back unless they were paid, and those are named.
func TestPostgresOfYesterday(t *testing.T) {
	t.Parallel()
	in := newInstallation(t)
	event := in.register("seller", "seller@example.com").createHall(5, 10)
	buyer := in.minted(1)[0]
	book := func(section string) booking {
		b := buyer.book(map[string]any{"event_id": event, "section": section, "seat_selection_mode": "best_available", "quantity": 2})
		return buyer.answered(b.ID)
	}
	pay := func(b booking) {
		buyer.ok("POST", "/v1/bookings/"+b.ID+"/payment", map[string]any{"payment_token": "tok_ok"}, 200, nil)
	}
	old, waiting := book("A"), book("A")
	pay(old)
	in.verify() // at rest
	in.down()
	postgres, yesterday := filepath.Join(in.data, "postgres"), filepath.Join(in.data, "postgres-yesterday")
	copyTree(t, postgres, yesterday)
	in.up()

	lost, lostPaid := book("B"), book("B")
	pay(lostPaid)
	pay(waiting)
	in.verify()
	in.down()
	if err := os.RemoveAll(postgres); err != nil {
		t.Fatal(err)
	}
	if err := os.Rename(yesterday, postgres); err != nil {
		t.Fatal(err)
	}
	in.up()

	free := func(section string) (n int) {
		var counts struct {
			Sections []struct {
				Name        string
				Subsections []struct{ Available int }
			}
		}
		buyer.ok("GET", "/v1/events/1/seats", nil, 200, &counts)
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
	in.eventually("the seats of a booking that is lost and unpaid come back", time.Minute, func() bool { return free("B") == total-2 })
	if b := buyer.booking(old.ID); b.Status != "paid" {
		t.Errorf("what yesterday knew is %+v", b)
	}
	if b := book("B"); b.Status != "pending_payment" || b.Seats[0] != lost.Seats[0] {
		t.Errorf("a new booking got %+v, free again are %v", b, lost.Seats)
	}
	out, err := exec.Command(filepath.Join(in.bin, "onsale"), "verify", "--data-dir", in.data, "--rest", "5s").CombinedOutput()
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
