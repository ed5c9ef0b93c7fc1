package api_test

import (
	"bufio"
	"bytes"
	"context"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/tmaxmax/go-sse"

	"github.com/onsale-tickets/onsale/cmd/onsale/internal/e2e"
)

// The whole life of bookings over HTTP and SSE: one is paid, one is declined, one
// is cancelled, one expires. Their seats become available and are sold again.
func TestWholeLife(t *testing.T) { e2e.OnEach(t, testWholeLife) }

func testWholeLife(t *testing.T, on e2e.Broker) {
	t.Parallel()
	in := e2e.Start(t, on, "--payment-window", "3s")
	seller, buyer, other := in.Register("seller", "seller@example.com"), in.Register("buyer", "buyer@example.com"), in.Register("buyer", "other@example.com")
	event := seller.CreateHall(2, 5)
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Minute)
	defer cancel()
	m, settled, others := other.WatchMap(ctx, event, ""), buyer.Watch(ctx), other.Watch(ctx)
	manual := func(p e2e.Person, seats ...string) e2e.Booking {
		return p.Book(map[string]any{"event_id": event, "section": "A", "subsection": 1, "seat_selection_mode": "manual", "seat_positions": seats})
	}
	eventually := func(what string, ok func() bool) { t.Helper(); in.Eventually(what, 20*time.Second, ok) }

	// One booking is paid, after a card was declined.
	paid := manual(buyer, "1-1", "1-2")
	held := e2e.Wait(t, settled, paid.ID, "pending_payment")
	eventually("the map shows the seats held", func() bool { return m.Status("A-1-1-1") == "reserved" && m.Status("A-1-1-2") == "reserved" })
	pay := "/v1/bookings/" + paid.ID + "/payment"
	if status, body := buyer.Call("POST", pay, map[string]any{"payment_token": "tok_declined"}); status != 402 {
		t.Errorf("declined: %d %s", status, body)
	}
	if again := buyer.Booking(paid.ID); again.ExpiresAt != held.ExpiresAt || again.Status != "pending_payment" {
		t.Errorf("a declined card changed the booking: %+v", again)
	}
	buyer.Refused(t, "GET", "/v1/bookings/"+paid.ID+"/tickets.pdf", 409, "booking_not_paid")
	buyer.OK("POST", pay, map[string]any{"payment_token": "tok_ok"}, 200, nil)
	e2e.Wait(t, settled, paid.ID, "paid")
	buyer.RefusedWith(t, "POST", pay, map[string]any{"payment_token": "tok_ok"}, 409, "already_paid")
	buyer.Refused(t, "POST", "/v1/bookings/"+paid.ID+"/cancellation", 409, "already_paid")
	eventually("the map shows them sold", func() bool { return m.Status("A-1-1-1") == "sold" })

	// One booking finds its seats taken, another gets the rest of its seats.
	none := manual(other, "1-1")
	if b := e2e.Wait(t, others, none.ID, "failed"); b.FailureReason != "seats_taken" {
		t.Errorf("%+v", b)
	}
	other.RefusedWith(t, "POST", "/v1/bookings/"+none.ID+"/payment", map[string]any{"payment_token": "tok_ok"}, 409, "booking_failed")
	some := manual(other, "1-2", "1-3")
	if b := e2e.Wait(t, others, some.ID, "pending_payment"); fmt.Sprint(b.Seats) != "[A-1-1-3]" {
		t.Errorf("%+v", b)
	}

	// That one is cancelled, and the next buyer gets the seat.
	other.OK("POST", "/v1/bookings/"+some.ID+"/cancellation", nil, 200, nil)
	other.Refused(t, "POST", "/v1/bookings/"+some.ID+"/cancellation", 409, "booking_cancelled")
	other.RefusedWith(t, "POST", "/v1/bookings/"+some.ID+"/payment", map[string]any{"payment_token": "tok_ok"}, 409, "booking_cancelled")
	eventually("the seat is free again", func() bool { return m.Status("A-1-1-3") == "available" })
	third := manual(buyer, "1-3")
	e2e.Wait(t, settled, third.ID, "pending_payment")

	// That booking expires.
	began := time.Now()
	late := e2e.Wait(t, settled, third.ID, "cancelled")
	if took := time.Since(began); took < 2*time.Second || took > 8*time.Second {
		t.Errorf("the window of 3 s ended after %s", took)
	}
	if late.ExpiresAt == "" || len(late.Seats) != 1 {
		t.Errorf("the history of an expired booking: %+v", late)
	}
	buyer.RefusedWith(t, "POST", "/v1/bookings/"+third.ID+"/payment", map[string]any{"payment_token": "tok_ok"}, 410, "payment_window_over")
	eventually("the seat is free once more", func() bool { return m.Status("A-1-1-3") == "available" })
	fourth := manual(other, "1-3")
	e2e.Wait(t, others, fourth.ID, "pending_payment")
	other.OK("POST", "/v1/bookings/"+fourth.ID+"/payment", map[string]any{"card_number": "4242424242424242"}, 200, nil)

	// The seller watches the sales live.
	sales := watchSales(seller, ctx, event)
	eventually("the stream says what was sold", func() bool { return sales.Load() == 3 })

	// The seller changes a price and closes the sale.
	seller.OK("PUT", fmt.Sprintf("/v1/events/%d/sections/B/price", event), map[string]any{"price": 4000}, 200, nil)
	eventually("the price is in force", func() bool {
		b := other.Book(map[string]any{"event_id": event, "section": "B", "seat_selection_mode": "best_available", "quantity": 1})
		var full struct {
			UnitPrice struct {
				Amount int64 `json:"amount"`
			} `json:"unit_price"`
		}
		other.OK("GET", "/v1/bookings/"+b.ID, nil, 200, &full)
		return full.UnitPrice.Amount == 4000
	})
	seller.OK("PATCH", fmt.Sprintf("/v1/events/%d", event), map[string]any{"name": "The other show"}, 200, nil)
	seller.OK("POST", fmt.Sprintf("/v1/events/%d/closure", event), nil, 200, nil)
	seller.OK("POST", fmt.Sprintf("/v1/events/%d/closure", event), nil, 200, nil)
	ask := map[string]any{"event_id": event, "section": "A", "seat_selection_mode": "best_available", "quantity": 1}
	eventually("the sale is closed", func() bool { status, _ := buyer.Call("POST", "/v1/bookings", ask); return status == 409 })

	t.Run("sales, tickets, map and counts agree", func(t *testing.T) { agree(in, t, seller, event, m) })
	t.Run("a reader that comes again gets what it missed", func(t *testing.T) {
		m.Mu.Lock()
		last := m.LastID
		m.Mu.Unlock()
		if kind := firstFrame(in, t, event, last); kind != "heartbeat" {
			t.Errorf("it was at the end and got a %s", kind)
		}
		if kind := firstFrame(in, t, event, "another-1"); kind != "snapshot" {
			t.Errorf("of another map it got a %s", kind)
		}
	})
	t.Run("what a buyer takes along", func(t *testing.T) { papers(buyer, t, paid.ID) })
	t.Run("the map in bits", func(t *testing.T) { bits(in, t, event, m) })
	t.Run("CSV", func(t *testing.T) {
		_, body := seller.Call("GET", fmt.Sprintf("/v1/events/%d/tickets.csv", event), nil)
		lines := strings.Split(strings.TrimSuffix(string(body), "\r\n"), "\r\n")
		if len(lines) != 41 || !strings.HasPrefix(lines[0], "\ufeffticket_id,") || !strings.Contains(lines[1], "A-1-1-1,A,1,1,1,50.00,EUR,sold,"+paid.ID) {
			t.Errorf("%d lines: %q %q", len(lines), lines[0], lines[1])
		}
	})
	in.Verify()
}

// watchSales follows the sales stream of an event and keeps the number of sold
// seats.
func watchSales(p e2e.Person, ctx context.Context, event int64) *atomic.Int64 {
	var sold atomic.Int64
	req, _ := http.NewRequestWithContext(ctx, "GET", p.URL(fmt.Sprintf("/v1/events/%d/sales/stream", event)), nil)
	req.Header.Set("Authorization", "Bearer "+p.Token)
	conn := sse.NewConnection(req)
	conn.SubscribeToAll(func(e sse.Event) {
		var frame struct{ Sold int64 }
		if err := json.Unmarshal([]byte(e.Data), &frame); err != nil {
			p.In.T.Errorf("sales: %v in %s", err, e.Data)
		}
		sold.Store(frame.Sold)
	})
	go conn.Connect()
	return &sold
}

// firstFrame returns the kind of the first frame that a reader with a
// Last-Event-ID gets from the map: snapshot, change, heartbeat, or none within a
// second.
func firstFrame(in *e2e.Installation, t *testing.T, event int64, lastID string) string {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), time.Second)
	defer cancel()
	req, _ := http.NewRequestWithContext(ctx, "GET", in.URL(fmt.Sprintf("/v1/events/%d/seats/stream?heartbeat=event", event)), nil)
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

// agree compares sales, tickets and map of an event at rest.
func agree(in *e2e.Installation, t *testing.T, seller e2e.Person, event int64, m *e2e.SeatMap) {
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
	in.Eventually("sales, tickets and map are at rest and agree", 20*time.Second, func() bool {
		seller.OK("GET", fmt.Sprintf("/v1/events/%d/sales", event), nil, 200, &sales)
		var page struct{ Items []ticket }
		seller.OK("GET", fmt.Sprintf("/v1/events/%d/tickets?limit=200", event), nil, 200, &page)
		counts, revenue := map[string]int{}, int64(0)
		for _, x := range page.Items {
			counts[x.Status]++
			if x.Status == "sold" {
				revenue += x.Price.Amount
			}
			if m.Status(x.SeatID) != x.Status {
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

func papers(p e2e.Person, t *testing.T, id string) {
	_, pdf := p.Call("GET", "/v1/bookings/"+id+"/tickets.pdf", nil)
	if !bytes.HasPrefix(pdf, []byte("%PDF-")) {
		t.Errorf("no PDF: %.100s", pdf)
	}
	if _, svg := p.Call("GET", "/v1/bookings/"+id+"/tickets/A-1-1-1.svg", nil); !bytes.HasPrefix(svg, []byte("<svg")) {
		t.Errorf("no code: %.100s", svg)
	}
	p.Refused(t, "GET", "/v1/bookings/"+id+"/tickets/A-2-2-5.svg", 404, "ticket_not_found")
	_, ical := p.Call("GET", "/v1/bookings/"+id+"/calendar.ics", nil)
	if !bytes.Contains(ical, []byte("UID:booking-"+id+"@onsale\r\n")) || !bytes.Contains(ical, []byte("DTSTART:21000101T193000Z\r\n")) ||
		!bytes.Contains(ical, []byte("SUMMARY:The other show\r\n")) {
		t.Errorf("calendar:\n%s", ical)
	}
	if _, ical := p.Call("GET", "/v1/bookings/"+id+"/calendar.ics?lang=zh-Hant", nil); !bytes.Contains(ical, []byte("座位")) {
		t.Errorf("calendar in Chinese:\n%s", ical)
	}
	p.Refused(t, "GET", "/v1/bookings/"+id+"/tickets.pdf?lang=xx", 400, "invalid_request")
}

// bits reads one snapshot of the map in the format bits and compares it with the
// map.
func bits(in *e2e.Installation, t *testing.T, event int64, m *e2e.SeatMap) {
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
	defer cancel()
	req, _ := http.NewRequestWithContext(ctx, "GET", in.URL(fmt.Sprintf("/v1/events/%d/seats/stream?format=bits&section=A", event)), nil)
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
		e2e.Decode(t, []byte(data), &snapshot)
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
		if status != m.Status(seat) {
			t.Errorf("seat %s is %s in bits, %s in the map", seat, status, m.Status(seat))
		}
	}
}
