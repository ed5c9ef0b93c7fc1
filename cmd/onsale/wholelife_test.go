package main_test

import (
	"bufio"
	"bytes"
	"context"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/tmaxmax/go-sse"
)

// createHall makes a small event: sections A and B of two subsections, rows
// rows of seats each.
func (p person) createHall(rows, seats int) int64 { return p.createNamed("The show", rows, seats) }

// createNamed is createHall under a name.
func (p person) createNamed(name string, rows, seats int) int64 {
	p.in.t.Helper()
	status, body := p.call("POST", "/v1/events", map[string]any{
		"name": name, "venue_name": "The hall", "starts_at": "2100-01-01T19:30:00Z", "currency": "EUR", "time_zone": "Asia/Taipei",
		"seating": map[string]any{"rows": rows, "seats_per_row": seats, "sections": []map[string]any{
			{"name": "A", "price": 5000, "subsections": 2}, {"name": "B", "price": 3000, "subsections": 2}}},
	})
	return p.opened(status, body)
}

// ok calls a route that must answer a status, and reads the answer.
func (p person) ok(method, path string, in any, status int, into any) {
	p.in.t.Helper()
	got, body := p.call(method, path, in)
	if got != status {
		p.in.t.Fatalf("%s %s: %d %s, want %d", method, path, got, body, status)
	}
	if into != nil {
		decode(p.in.t, body, into)
	}
}

// seatMap is what a reader of the map stream knows.
type seatMap struct {
	mu       sync.Mutex
	statuses map[string]string
	lastID   string
	frames   int
}

func (m *seatMap) status(seat string) string {
	m.mu.Lock()
	defer m.mu.Unlock()
	if s, ok := m.statuses[seat]; ok {
		return s
	}
	return "available"
}

// watchMap follows the seats of an event until ctx is done.
func (p person) watchMap(ctx context.Context, event int64, query string) *seatMap {
	m := &seatMap{statuses: map[string]string{}}
	req, _ := http.NewRequestWithContext(ctx, "GET", p.url(fmt.Sprintf("/v1/events/%d/seats/stream%s", event, query)), nil)
	ready := make(chan struct{})
	var once sync.Once
	conn := sse.NewConnection(req)
	conn.SubscribeToAll(func(e sse.Event) {
		var frame struct {
			Seats []struct {
				SeatID string `json:"seat_id"`
				Status string `json:"status"`
			} `json:"seats"`
		}
		if err := json.Unmarshal([]byte(e.Data), &frame); err != nil {
			p.in.t.Errorf("frame: %v in %s", err, e.Data)
		}
		m.mu.Lock()
		defer m.mu.Unlock()
		if e.Type == "snapshot" {
			m.statuses = map[string]string{}
		}
		for _, s := range frame.Seats {
			m.statuses[s.SeatID] = s.Status
		}
		m.lastID = e.LastEventID
		m.frames++
		once.Do(func() { close(ready) })
	})
	go conn.Connect()
	select {
	case <-ready:
	case <-time.After(20 * time.Second):
		p.in.t.Fatal("no snapshot of the map")
	}
	return m
}

// The whole life of bookings over HTTP and SSE: one pays, one is declined, one
// cancels, one lets the window pass; seats come back and are sold again.
func TestWholeLife(t *testing.T) {
	t.Parallel()
	in := newInstallation(t, "--payment-window", "3s")
	seller, buyer, other := in.register("seller", "seller@example.com"), in.register("buyer", "buyer@example.com"), in.register("buyer", "other@example.com")
	event := seller.createHall(2, 5)
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Minute)
	defer cancel()
	m, settled, others := other.watchMap(ctx, event, ""), buyer.watch(ctx), other.watch(ctx)
	manual := func(p person, seats ...string) booking {
		return p.book(map[string]any{"event_id": event, "section": "A", "subsection": 1, "seat_selection_mode": "manual", "seat_positions": seats})
	}
	eventually := func(what string, ok func() bool) { t.Helper(); in.eventually(what, 20*time.Second, ok) }

	// One pays, after a card was declined.
	paid := manual(buyer, "1-1", "1-2")
	held := wait(t, settled, paid.ID, "pending_payment")
	eventually("the map shows the seats held", func() bool { return m.status("A-1-1-1") == "reserved" && m.status("A-1-1-2") == "reserved" })
	pay := "/v1/bookings/" + paid.ID + "/payment"
	if status, body := buyer.call("POST", pay, map[string]any{"payment_token": "tok_declined"}); status != 402 {
		t.Errorf("declined: %d %s", status, body)
	}
	if again := buyer.booking(paid.ID); again.ExpiresAt != held.ExpiresAt || again.Status != "pending_payment" {
		t.Errorf("a declined card changed the booking: %+v", again)
	}
	buyer.refused(t, "GET", "/v1/bookings/"+paid.ID+"/tickets.pdf", 409, "booking_not_paid")
	buyer.ok("POST", pay, map[string]any{"payment_token": "tok_ok"}, 200, nil)
	wait(t, settled, paid.ID, "paid")
	buyer.refusedWith(t, "POST", pay, map[string]any{"payment_token": "tok_ok"}, 409, "already_paid")
	buyer.refused(t, "POST", "/v1/bookings/"+paid.ID+"/cancellation", 409, "already_paid")
	eventually("the map shows them sold", func() bool { return m.status("A-1-1-1") == "sold" })

	// One finds its seats taken, another gets what is left of them.
	none := manual(other, "1-1")
	if b := wait(t, others, none.ID, "failed"); b.FailureReason != "seats_taken" {
		t.Errorf("%+v", b)
	}
	other.refusedWith(t, "POST", "/v1/bookings/"+none.ID+"/payment", map[string]any{"payment_token": "tok_ok"}, 409, "booking_failed")
	some := manual(other, "1-2", "1-3")
	if b := wait(t, others, some.ID, "pending_payment"); fmt.Sprint(b.Seats) != "[A-1-1-3]" {
		t.Errorf("%+v", b)
	}

	// That one cancels; the next buyer has the seat.
	other.ok("POST", "/v1/bookings/"+some.ID+"/cancellation", nil, 200, nil)
	other.refused(t, "POST", "/v1/bookings/"+some.ID+"/cancellation", 409, "booking_cancelled")
	other.refusedWith(t, "POST", "/v1/bookings/"+some.ID+"/payment", map[string]any{"payment_token": "tok_ok"}, 409, "booking_cancelled")
	eventually("the seat is free again", func() bool { return m.status("A-1-1-3") == "available" })
	third := manual(buyer, "1-3")
	wait(t, settled, third.ID, "pending_payment")

	// That one lets the window pass.
	began := time.Now()
	late := wait(t, settled, third.ID, "cancelled")
	if took := time.Since(began); took < 2*time.Second || took > 8*time.Second {
		t.Errorf("the window of 3 s ended after %s", took)
	}
	if late.ExpiresAt == "" || len(late.Seats) != 1 {
		t.Errorf("the history of an expired booking: %+v", late)
	}
	buyer.refusedWith(t, "POST", "/v1/bookings/"+third.ID+"/payment", map[string]any{"payment_token": "tok_ok"}, 410, "payment_window_over")
	eventually("the seat is free once more", func() bool { return m.status("A-1-1-3") == "available" })
	fourth := manual(other, "1-3")
	wait(t, others, fourth.ID, "pending_payment")
	other.ok("POST", "/v1/bookings/"+fourth.ID+"/payment", map[string]any{"card_number": "4242424242424242"}, 200, nil)

	// The seller watches the sales live.
	sales := seller.watchSales(ctx, event)
	eventually("the stream says what was sold", func() bool { return sales.Load() == 3 })

	// The seller changes a price and closes the sale.
	seller.ok("PUT", fmt.Sprintf("/v1/events/%d/sections/B/price", event), map[string]any{"price": 4000}, 200, nil)
	eventually("the price is in force", func() bool {
		b := other.book(map[string]any{"event_id": event, "section": "B", "seat_selection_mode": "best_available", "quantity": 1})
		var full struct {
			UnitPrice struct {
				Amount int64 `json:"amount"`
			} `json:"unit_price"`
		}
		other.ok("GET", "/v1/bookings/"+b.ID, nil, 200, &full)
		return full.UnitPrice.Amount == 4000
	})
	seller.ok("PATCH", fmt.Sprintf("/v1/events/%d", event), map[string]any{"name": "The other show"}, 200, nil)
	seller.ok("POST", fmt.Sprintf("/v1/events/%d/closure", event), nil, 200, nil)
	seller.ok("POST", fmt.Sprintf("/v1/events/%d/closure", event), nil, 200, nil)
	ask := map[string]any{"event_id": event, "section": "A", "seat_selection_mode": "best_available", "quantity": 1}
	eventually("the sale is closed", func() bool { status, _ := buyer.call("POST", "/v1/bookings", ask); return status == 409 })

	t.Run("sales, tickets, map and counts agree", func(t *testing.T) { in.agree(t, seller, event, m) })
	t.Run("a reader that comes again gets what it missed", func(t *testing.T) {
		m.mu.Lock()
		last := m.lastID
		m.mu.Unlock()
		if kind := in.firstFrame(t, event, last); kind != "heartbeat" {
			t.Errorf("it was at the end and got a %s", kind)
		}
		if kind := in.firstFrame(t, event, "another-1"); kind != "snapshot" {
			t.Errorf("of another map it got a %s", kind)
		}
	})
	t.Run("what a buyer takes along", func(t *testing.T) { buyer.papers(t, paid.ID) })
	t.Run("the map in bits", func(t *testing.T) { in.bits(t, event, m) })
	t.Run("CSV", func(t *testing.T) {
		_, body := seller.call("GET", fmt.Sprintf("/v1/events/%d/tickets.csv", event), nil)
		lines := strings.Split(strings.TrimSuffix(string(body), "\r\n"), "\r\n")
		if len(lines) != 41 || !strings.HasPrefix(lines[0], "\ufeffticket_id,") || !strings.Contains(lines[1], "A-1-1-1,A,1,1,1,50.00,EUR,sold,"+paid.ID) {
			t.Errorf("%d lines: %q %q", len(lines), lines[0], lines[1])
		}
	})
	in.verify()
}

// watchSales follows the sales of an event and keeps how many are sold.
func (p person) watchSales(ctx context.Context, event int64) *atomic.Int64 {
	var sold atomic.Int64
	req, _ := http.NewRequestWithContext(ctx, "GET", p.url(fmt.Sprintf("/v1/events/%d/sales/stream", event)), nil)
	req.Header.Set("Authorization", "Bearer "+p.token)
	conn := sse.NewConnection(req)
	conn.SubscribeToAll(func(e sse.Event) {
		var frame struct{ Sold int64 }
		if err := json.Unmarshal([]byte(e.Data), &frame); err != nil {
			p.in.t.Errorf("sales: %v in %s", err, e.Data)
		}
		sold.Store(frame.Sold)
	})
	go conn.Connect()
	return &sold
}

// firstFrame is what a reader of the map gets first that was at an id: a
// snapshot, a change, a heartbeat, or none within a second.
func (in *installation) firstFrame(t *testing.T, event int64, lastID string) string {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), time.Second)
	defer cancel()
	req, _ := http.NewRequestWithContext(ctx, "GET", in.url(fmt.Sprintf("/v1/events/%d/seats/stream?heartbeat=event", event)), nil)
	req.Header.Set("Last-Event-ID", lastID)
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	for lines := bufio.NewScanner(resp.Body); lines.Scan(); {
		if kind, is := strings.CutPrefix(lines.Text(), "event: "); is {
			return kind
		}
	}
	return "none"
}

func (p person) refused(t *testing.T, method, path string, status int, code string) {
	t.Helper()
	p.refusedWith(t, method, path, nil, status, code)
}

func (p person) refusedWith(t *testing.T, method, path string, in any, status int, code string) {
	t.Helper()
	got, body := p.call(method, path, in)
	var doc problem
	if json.Unmarshal(body, &doc) != nil || got != status || doc.Code != code {
		t.Errorf("%s %s: %d %s, want %d %s", method, path, got, body, status, code)
	}
}

// agree compares what a seller sees of an event at rest.
func (in *installation) agree(t *testing.T, seller person, event int64, m *seatMap) {
	var sales struct {
		Available, Reserved, Sold, Bookings int
		Revenue                             struct{ Amount int64 }
		OverTime                            []struct {
			Sold    int
			Revenue struct{ Amount int64 }
		} `json:"over_time"`
	}
	type ticket struct {
		SeatID string `json:"seat_id"`
		Status string
		Price  struct{ Amount int64 }
	}
	in.eventually("sales, tickets and map are at rest and agree", 20*time.Second, func() bool {
		seller.ok("GET", fmt.Sprintf("/v1/events/%d/sales", event), nil, 200, &sales)
		var page struct{ Items []ticket }
		seller.ok("GET", fmt.Sprintf("/v1/events/%d/tickets?limit=200", event), nil, 200, &page)
		counts, revenue := map[string]int{}, int64(0)
		for _, x := range page.Items {
			counts[x.Status]++
			if x.Status == "sold" {
				revenue += x.Price.Amount
			}
			if m.status(x.SeatID) != x.Status {
				return false
			}
		}
		return len(page.Items) == 40 && counts["reserved"] == 0 && sales.Sold == counts["sold"] && sales.Available == counts["available"] && sales.Revenue.Amount == revenue
	})
	if sales.Bookings < 5 {
		t.Errorf("%d bookings were given seats", sales.Bookings)
	}
	sold, revenue := 0, int64(0)
	for _, i := range sales.OverTime {
		sold, revenue = sold+i.Sold, revenue+i.Revenue.Amount
	}
	if sold != sales.Sold || revenue != sales.Revenue.Amount || sold != 3 || revenue != 15000 {
		t.Errorf("over time %d for %d, in all %d for %d", sold, revenue, sales.Sold, sales.Revenue.Amount)
	}
}

func (p person) papers(t *testing.T, id string) {
	_, pdf := p.call("GET", "/v1/bookings/"+id+"/tickets.pdf", nil)
	if !bytes.HasPrefix(pdf, []byte("%PDF-")) {
		t.Errorf("no PDF: %.100s", pdf)
	}
	if _, svg := p.call("GET", "/v1/bookings/"+id+"/tickets/A-1-1-1.svg", nil); !bytes.HasPrefix(svg, []byte("<svg")) {
		t.Errorf("no code: %.100s", svg)
	}
	p.refused(t, "GET", "/v1/bookings/"+id+"/tickets/A-2-2-5.svg", 404, "ticket_not_found")
	_, ical := p.call("GET", "/v1/bookings/"+id+"/calendar.ics", nil)
	if !bytes.Contains(ical, []byte("UID:booking-"+id+"@onsale\r\n")) || !bytes.Contains(ical, []byte("DTSTART:21000101T193000Z\r\n")) ||
		!bytes.Contains(ical, []byte("SUMMARY:The other show\r\n")) {
		t.Errorf("calendar:\n%s", ical)
	}
	if _, ical := p.call("GET", "/v1/bookings/"+id+"/calendar.ics?lang=zh-Hant", nil); !bytes.Contains(ical, []byte("座位")) {
		t.Errorf("calendar in Chinese:\n%s", ical)
	}
	p.refused(t, "GET", "/v1/bookings/"+id+"/tickets.pdf?lang=xx", 400, "invalid_request")
}

// bits reads one snapshot of the map in bits and compares it with the map.
func (in *installation) bits(t *testing.T, event int64, m *seatMap) {
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
	defer cancel()
	req, _ := http.NewRequestWithContext(ctx, "GET", in.url(fmt.Sprintf("/v1/events/%d/seats/stream?format=bits&section=A", event)), nil)
	got := make(chan string, 1)
	conn := sse.NewConnection(req)
	conn.SubscribeEvent("snapshot", func(e sse.Event) { got <- e.Data })
	go conn.Connect()
	var snapshot struct {
		Count int
		Bits  string
	}
	select {
	case data := <-got:
		decode(t, []byte(data), &snapshot)
	case <-ctx.Done():
		t.Fatal("no snapshot")
	}
	raw, err := base64.StdEncoding.DecodeString(snapshot.Bits)
	if err != nil || snapshot.Count != 20 || len(raw) != 5 {
		t.Fatalf("%+v %v", snapshot, err)
	}
	for i := range snapshot.Count {
		seat := fmt.Sprintf("A-%d-%d-%d", 1+i/10, 1+i%10/5, 1+i%5)
		status := []string{"available", "reserved", "sold", "?"}[raw[i/4]>>(2*(i%4))&3]
		if status != m.status(seat) {
			t.Errorf("seat %s is %s in bits, %s in the map", seat, status, m.status(seat))
		}
	}
}
