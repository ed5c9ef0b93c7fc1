package cluster_test

import (
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/confluentinc/confluent-kafka-go/v2/kafka"

	"github.com/onsale-tickets/onsale/cmd/onsale/internal/e2e"
)

// An event that is over becomes a file. Its topics and groups go, and what buyers and
// sellers look at stays.
func TestArchive(t *testing.T) {
	t.Parallel()
	e2e.OnEach(t, func(t *testing.T, on e2e.Broker) {
		t.Parallel()
		in := e2e.Start(t, on, "--sleep-after", "15s", "--payment-window", "1m")
		seller, buyer := in.Register("seller", "seller@example.com"), in.Register("buyer", "buyer@example.com")
		sold, quiet, next := seller.CreateHall(5, 10), seller.CreateHall(5, 10), seller.CreateHall(5, 10)
		paid := sell(buyer, sold)
		sell(buyer, next)
		open := buyer.Book(wishOf(next))
		buyer.Answered(open.ID)

		archived := func(id int64) string {
			t.Helper()
			out, code := in.Onsale("archive", "--data-dir", in.Data, fmt.Sprint(id))
			if code != 0 {
				t.Fatalf("archive of event %d: exit %d\n%s", id, code, out)
			}
			return filepath.Join(in.Data, "archives", fmt.Sprintf("event-%d.zst", id))
		}
		refused := func(id int64, why string) {
			t.Helper()
			if out, code := in.Onsale("archive", "--data-dir", in.Data, fmt.Sprint(id)); code == 0 || !strings.Contains(out, why) {
				t.Errorf("archive of event %d: exit %d, not %q\n%s", id, code, why, out)
			}
		}
		refused(sold, "the sale is not closed")
		seller.RefusedWith(t, "POST", fmt.Sprintf("/v1/events/%d/archive", sold), nil, 409, "event_on_sale")
		for _, id := range []int64{sold, quiet, next} {
			seller.OK("POST", fmt.Sprintf("/v1/events/%d/closure", id), nil, 200, nil)
		}
		refused(next, "bookings of the event are still open")
		before := brokerHas(in, sold)
		if before != 13 {
			t.Errorf("the brokers have %d topics and groups of an event that is awake, not 13", before)
		}

		files := []string{archived(sold), asked(seller, quiet)}

		if n := brokerHas(in, sold); n != 0 {
			t.Errorf("the brokers have %d topics and groups of an archived event", n)
		}
		for i, file := range files {
			if out, code := in.Onsale("verify", "--archive", file); code != 0 || !strings.Contains(out, "No violation found") {
				t.Errorf("verify --archive of file %d: exit %d\n%s", i, code, out)
			}
		}
		flipped(t, in, files[0])
		readable(t, seller, buyer, sold, paid)
		buyer.RefusedWith(t, "POST", "/v1/bookings", wishOf(sold), 409, "event_closed")
		seller.RefusedWith(t, "PATCH", fmt.Sprintf("/v1/events/%d", sold), map[string]any{"name": "Another"}, 409, "event_archived")
		in.Verify()

		// Every part may die while the third event is archived, and so may the archive.
		buyer.OK("POST", "/v1/bookings/"+open.ID+"/payment", map[string]any{"payment_token": "tok_ok"}, 200, nil)
		for i, part := range services {
			interrupted(in, next, time.Duration(i)*400*time.Millisecond, part)
		}
		file := archived(next)
		if n := brokerHas(in, next); n != 0 {
			t.Errorf("the brokers have %d topics and groups after archives that were interrupted", n)
		}
		if out, code := in.Onsale("verify", "--archive", file); code != 0 {
			t.Errorf("verify --archive: exit %d\n%s", code, out)
		}
		in.Down()
		in.Up()
		readable(t, seller, buyer, sold, paid)
		archived(next) // a repeat changes nothing
		in.Verify()
	})
}

// asked lets the seller ask for an archive, and waits until it is there.
func asked(seller e2e.Person, event int64) (file string) {
	seller.In.T.Helper()
	var e struct{ Status string }
	seller.OK("POST", fmt.Sprintf("/v1/events/%d/archive", event), nil, 202, &e)
	if e.Status != "archiving" {
		seller.In.T.Errorf("the status is %q after the request", e.Status)
	}
	file = filepath.Join(seller.In.Data, "archives", fmt.Sprintf("event-%d.zst", event))
	seller.In.Eventually("the event that the seller asked about is archived, with its file", 2*time.Minute, func() bool {
		seller.OK("GET", fmt.Sprintf("/v1/events/%d", event), nil, 200, &e)
		_, err := os.Stat(file)
		return e.Status == "archived" && err == nil && brokerHas(seller.In, event) == 0
	})
	seller.OK("POST", fmt.Sprintf("/v1/events/%d/archive", event), nil, 202, &e) // a repeat changes nothing
	return file
}

func wishOf(event int64) map[string]any {
	return map[string]any{"event_id": event, "section": "A", "seat_selection_mode": "best_available", "quantity": 2}
}

// sell sells two seats, and takes back two that were held. It returns the paid booking.
func sell(buyer e2e.Person, event int64) (paid string) {
	b, gone := buyer.Book(wishOf(event)), buyer.Book(wishOf(event))
	buyer.Answered(b.ID)
	buyer.Answered(gone.ID)
	buyer.OK("POST", "/v1/bookings/"+b.ID+"/payment", map[string]any{"payment_token": "tok_ok"}, 200, nil)
	buyer.OK("POST", "/v1/bookings/"+gone.ID+"/cancellation", nil, 200, nil)
	return b.ID
}

// brokerHas returns how many topics and consumer groups the brokers have of an event.
func brokerHas(in *e2e.Installation, event int64) (n int) {
	in.T.Helper()
	admin, err := kafka.NewAdminClient(&kafka.ConfigMap{"bootstrap.servers": in.Kafka(), "enable.metrics.push": false})
	if err != nil {
		in.T.Fatal(err)
	}
	defer admin.Close()
	found, err := admin.GetMetadata(nil, true, 10_000)
	if err != nil {
		in.T.Fatal(err)
	}
	mark := fmt.Sprintf("event-id-%d__", event)
	for name := range found.Topics {
		if strings.HasPrefix(name, mark) {
			n++
		}
	}
	groups, err := admin.ListConsumerGroups(in.T.Context())
	if err != nil {
		in.T.Fatal(err)
	}
	for _, g := range groups.Valid {
		if strings.HasPrefix(g.GroupID, mark) {
			n++
		}
	}
	return n
}

// flipped checks that a byte that is not as it was written is found.
func flipped(t *testing.T, in *e2e.Installation, file string) {
	t.Helper()
	content, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	content[len(content)/2] ^= 1
	damaged := filepath.Join(t.TempDir(), filepath.Base(file))
	if err := os.WriteFile(damaged, content, 0o600); err != nil {
		t.Fatal(err)
	}
	if out, code := in.Onsale("verify", "--archive", damaged); code != 1 || !strings.Contains(out, "damaged") {
		t.Errorf("a flipped byte: exit %d\n%s", code, out)
	}
}

// readable checks what can be read of an archived event, and that its live seats cannot.
func readable(t *testing.T, seller, buyer e2e.Person, event int64, paid string) {
	t.Helper()
	var e struct{ Status string }
	path := fmt.Sprintf("/v1/events/%d", event)
	seller.OK("GET", path, nil, 200, &e)
	if e.Status != "archived" {
		t.Errorf("the event is %s", e.Status)
	}
	for _, at := range []string{path + "/layout", path + "/tickets", path + "/tickets.csv", path + "/sales"} {
		if status, body := seller.Call("GET", at, nil); status != http.StatusOK {
			t.Errorf("GET %s: %d %s", at, status, body)
		}
	}
	if b := buyer.Booking(paid); b.Status != "paid" || len(b.Seats) != 2 {
		t.Errorf("the paid booking: %+v", b)
	}
	if status, pdf := buyer.Call("GET", "/v1/bookings/"+paid+"/tickets.pdf", nil); status != http.StatusOK || !strings.HasPrefix(string(pdf), "%PDF") {
		t.Errorf("the tickets: %d", status)
	}
	for _, at := range []string{"/seats", "/seats?section=A&subsection=1", "/seats/stream"} {
		buyer.In.Eventually("the live seats are gone", 20*time.Second, func() bool {
			status, body := buyer.Call("GET", path+at, nil)
			return status == http.StatusGone && strings.Contains(string(body), "event_archived")
		})
	}
}

// interrupted begins an archive, kills a service after a while, and the archive itself
// a moment later.
func interrupted(in *e2e.Installation, event int64, after time.Duration, part string) {
	in.T.Helper()
	c := exec.Command(filepath.Join(in.Bin, "onsale"), "archive", "--data-dir", in.Data, fmt.Sprint(event))
	if err := c.Start(); err != nil {
		in.T.Fatal(err)
	}
	time.Sleep(after) // any moment will do: it is not waited for
	in.Kill(part)
	time.Sleep(after)
	_ = c.Process.Kill()
	_ = c.Wait()
}
