package main_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/onsale-tickets/onsale/adapter/sessiontoken"
	"github.com/onsale-tickets/onsale/domain"
	"github.com/onsale-tickets/onsale/port"
)

// minted are buyers with sessions signed by the installation's key: as many as
// an on-sale has, without the hashing of as many passwords.
func (in *installation) minted(n int) []person {
	in.t.Helper()
	key, err := os.ReadFile(filepath.Join(in.data, "secrets", "session-key"))
	if err != nil {
		in.t.Fatal(err)
	}
	signer, err := sessiontoken.New(sessiontoken.Key(strings.TrimSpace(string(key))))
	if err != nil {
		in.t.Fatal(err)
	}
	people := make([]person, n)
	for i := range people {
		id := domain.UserID(1_000_000 + i)
		token, err := signer.Sign(port.Claims{Session: "minted-" + id.String(), User: id, Role: "buyer", Name: "a new buyer", OpenedAt: time.Now(), ExpiresAt: time.Now().Add(time.Hour)})
		if err != nil {
			in.t.Fatal(err)
		}
		people[i] = person{in: in, token: token, id: int64(id)}
	}
	return people
}

// answered waits until a booking has its answer.
func (p person) answered(id string) (b booking) {
	p.in.t.Helper()
	p.in.eventually("booking "+id+" has its answer", 60*time.Second, func() bool {
		b = p.booking(id)
		return b.Status != "" && b.Status != "processing"
	})
	return b
}

// 1,000 buyers want 100 seats, by hand and best available: each seat is sold
// once, everyone else is told why not.
func TestThousandBuyersHundredSeats(t *testing.T) {
	t.Parallel()
	in := newInstallation(t)
	seller := in.register("seller", "seller@example.com")
	event := seller.createHall(5, 10) // section A has 100 seats
	people := in.minted(1000)
	var all sync.WaitGroup
	outcomes := make([]booking, len(people))
	for i, p := range people {
		all.Go(func() {
			ask := map[string]any{"event_id": event, "section": "A", "seat_selection_mode": "best_available", "quantity": 1}
			if i%2 == 0 {
				ask = map[string]any{"event_id": event, "section": "A", "subsection": 1 + i%4/2, "seat_selection_mode": "manual",
					"seat_positions": []string{fmt.Sprintf("%d-%d", 1+i%5, 1+i%10)}}
			}
			b := p.book(ask)
			if b.ID == "" {
				return
			}
			outcomes[i] = p.answered(b.ID)
			if outcomes[i].Status == "pending_payment" {
				if status, body := p.call("POST", "/v1/bookings/"+b.ID+"/payment", map[string]any{"payment_token": "tok_ok"}); status != 200 {
					t.Errorf("pay: %d %s", status, body)
				}
			}
		})
	}
	all.Wait()
	holders, reasons := map[string]int{}, map[string]int{}
	for i, b := range outcomes {
		for _, seat := range b.Seats {
			if other, taken := holders[seat]; taken {
				t.Errorf("seat %s has %d and %d", seat, other, i)
			}
			holders[seat] = i
		}
		if b.Status == "failed" {
			reasons[b.FailureReason]++
		}
	}
	if len(holders) != 100 || reasons["sold_out"]+reasons["seats_taken"] != 900 {
		t.Errorf("%d seats sold, %v", len(holders), reasons)
	}
	in.verify()
}

func TestF22_OneKey64Times(t *testing.T) {
	t.Parallel()
	in := newInstallation(t)
	event := in.register("seller", "seller@example.com").createHall(5, 10)
	buyer := in.minted(1)[0]
	post := func(body string) (int, []byte) {
		req, _ := http.NewRequest("POST", in.url("/v1/bookings"), strings.NewReader(body))
		req.Header.Set("Idempotency-Key", "one")
		status, _, answer, err := buyer.do(req)
		if err != nil {
			t.Error(err)
		}
		return status, answer
	}
	body := fmt.Sprintf(`{"event_id": %d, "section": "A", "seat_selection_mode": "best_available", "quantity": 2}`, event)
	answers := make([][]byte, 64)
	var all sync.WaitGroup
	for i := range answers {
		all.Go(func() {
			status, answer := post(body)
			if status != 200 {
				t.Errorf("%d %s", status, answer)
			}
			answers[i] = answer
		})
	}
	all.Wait()
	var b booking
	decode(t, answers[0], &b)
	buyer.answered(b.ID)
	_, after := post(body) // after the seats were held, too
	for _, answer := range append(answers, after) {
		if !bytes.Equal(answer, answers[0]) {
			t.Fatalf("%s\n%s", answer, answers[0])
		}
	}
	if status, answer := post(strings.Replace(body, "2}", "3}", 1)); status != 422 || !bytes.Contains(answer, []byte("idempotency_key_reused")) {
		t.Errorf("another body: %d %s", status, answer)
	}
	if status, _ := post(strings.Replace(body, "2}", "99}", 1)); status != 400 {
		t.Errorf("a bad body: %d", status)
	}
	in.verify()
}

// An event is booked within moments of its creation, many times in a row: 200
// with ONSALE_LONG_TESTS set.
func TestF34_BookedRightAfterCreation(t *testing.T) {
	t.Parallel()
	in := newInstallation(t)
	seller, buyer := in.register("seller", "seller@example.com"), in.minted(1)[0]
	times := 25 // each event has eleven topics and three groups
	switch {
	case os.Getenv("ONSALE_LONG_TESTS") != "":
		times = 200
	case os.Getenv("ONSALE_TEST_BROKER") != "":
		times = 10 // Apache Kafka takes longer over topics
	}
	for n := range times {
		event := seller.createHall(1, 4)
		b := buyer.book(map[string]any{"event_id": event, "section": "B", "seat_selection_mode": "best_available", "quantity": 2})
		if got := buyer.answered(b.ID); len(got.Seats) != 2 {
			t.Fatalf("event %d: %+v", n, got)
		}
	}
	in.verify()
}

// More than the service can take is refused before anything is stored, and what
// is accepted is not lost.
func TestF24_Overload(t *testing.T) {
	t.Parallel()
	in := newInstallation(t)
	event := in.register("seller", "seller@example.com").createEvent("Overload")
	people := in.minted(4000)
	at := in.serviceURL("booking-service")
	var accepted, refused atomic.Int64
	ids := make([]string, len(people))
	client := &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: 100}, Timeout: time.Minute}
	// A connection whose request comes late is closed: who gets no answer asks
	// again by the same key.
	ask := func(token string, key int, body string) (resp *http.Response, err error) {
		for range 5 {
			req, _ := http.NewRequest("POST", at+"/v1/bookings", strings.NewReader(body))
			req.Header.Set("Authorization", "Bearer "+token)
			req.Header.Set("Idempotency-Key", strconv.Itoa(key))
			if resp, err = client.Do(req); err == nil {
				break
			}
		}
		return resp, err
	}
	var all sync.WaitGroup
	for i, p := range people {
		all.Go(func() {
			resp, err := ask(p.token, i, fmt.Sprintf(
				`{"event_id": %d, "section": %q, "seat_selection_mode": "best_available", "quantity": 1}`, event, string(rune('A'+i%10))))
			if err != nil {
				t.Error(err)
				return
			}
			defer resp.Body.Close()
			switch resp.StatusCode {
			case 200:
				var b booking
				if err := json.NewDecoder(resp.Body).Decode(&b); err != nil {
					t.Error(err)
				}
				ids[i] = b.ID
				accepted.Add(1)
			case 503:
				if resp.Header.Get("Retry-After") == "" {
					t.Error("503 without Retry-After")
				}
				refused.Add(1)
			default:
				t.Errorf("answered by %d", resp.StatusCode)
			}
		})
	}
	all.Wait()
	t.Logf("%d accepted, %d refused", accepted.Load(), refused.Load())
	if accepted.Load() < 1000 {
		t.Error("hardly anything was accepted")
	}
	in.verify() // among others, that nothing is without an answer
	for i, id := range ids {
		if id != "" && people[i].booking(id).Status != "pending_payment" {
			t.Errorf("booking %s is %+v", id, people[i].booking(id))
		}
	}
}

// A service that is asked to end under load answers what it has begun: each 200
// is found afterwards.
func TestF31_SIGTERMUnderLoad(t *testing.T) {
	t.Parallel()
	in := newInstallation(t)
	event := in.register("seller", "seller@example.com").createEvent("Drain")
	buyer := in.minted(1)[0]
	ctx, cancel := context.WithCancel(context.Background())
	var all sync.WaitGroup
	acknowledged := make(chan string, 100_000)
	for n := range 32 {
		all.Go(func() {
			for i := 0; ctx.Err() == nil; i++ {
				status, body, err := buyer.try("POST", "/v1/bookings", map[string]any{"event_id": event, "section": string(rune('A' + (n+i)%10)), "seat_selection_mode": "best_available", "quantity": 1})
				var b booking
				if err == nil && status == 200 && json.Unmarshal(body, &b) == nil {
					acknowledged <- b.ID
				}
			}
		})
	}
	for range 100 {
		<-acknowledged
	}
	pid := in.pid("booking-service")
	began := time.Now()
	if err := syscall.Kill(pid, syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	in.eventually("the process has ended", 20*time.Second, func() bool { return syscall.Kill(pid, 0) == syscall.ESRCH })
	if took := time.Since(began); took > 10*time.Second {
		t.Errorf("it took %s", took)
	}
	cancel()
	all.Wait()
	close(acknowledged)
	in.eventually("it is back", 30*time.Second, func() bool {
		status, _, err := buyer.try("GET", "/v1/bookings", nil)
		return err == nil && status == 200
	})
	for id := range acknowledged {
		buyer.answered(id)
	}
	in.verify()
}

// Redis is stopped, flushed and absent: nothing is cancelled early, nothing is
// missed.
func TestF15_WithoutRedis(t *testing.T) {
	t.Parallel()
	in := newInstallation(t, "--payment-window", "4s")
	event := in.register("seller", "seller@example.com").createEvent("Redis")
	buyer := in.minted(1)[0]
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	book := func(n int) []booking {
		var held []booking
		for i := range n {
			b := buyer.book(map[string]any{"event_id": event, "section": string(rune('A' + i%10)), "seat_selection_mode": "best_available", "quantity": 1})
			held = append(held, buyer.answered(b.ID))
		}
		return held
	}
	kept := func(what string, held []booking) {
		t.Helper()
		for _, b := range held {
			var ends time.Time
			in.eventually("a booking ends ("+what+")", 30*time.Second, func() bool {
				now := buyer.booking(b.ID)
				if now.Status == "pending_payment" {
					return false
				}
				ends = time.Now()
				deadline, err := time.Parse(time.RFC3339Nano, now.ExpiresAt)
				if err != nil || ends.Before(deadline) {
					t.Errorf("%s: cancelled before %s (%v)", what, now.ExpiresAt, err)
				}
				return now.Status == "cancelled"
			})
		}
	}
	pid := in.pid("redis")
	if err := syscall.Kill(pid, syscall.SIGSTOP); err != nil { // paused
		t.Fatal(err)
	}
	settled := buyer.watch(ctx)
	held := book(5)
	wait(t, settled, held[0].ID, "cancelled") // streams read the database meanwhile
	kept("paused", held)
	if os.Getenv("ONSALE_LONG_TESTS") != "" { // a whole minute
		for began := time.Now(); time.Since(began) < time.Minute; {
			kept("paused", book(10))
		}
	}
	if err := syscall.Kill(pid, syscall.SIGCONT); err != nil {
		t.Fatal(err)
	}
	held = book(5)
	in.kill("redis") // flushed: it comes back empty
	kept("flushed", held)
	in.verify()
}
