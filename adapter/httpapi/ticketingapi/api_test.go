package ticketingapi_test

import (
	"context"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/onsale-tickets/onsale/adapter/httpapi"
	"github.com/onsale-tickets/onsale/adapter/httpapi/ticketingapi"
	"github.com/onsale-tickets/onsale/adapter/memory"
	store "github.com/onsale-tickets/onsale/adapter/pgstore/ticketing"
	"github.com/onsale-tickets/onsale/adapter/sessiontoken"
	"github.com/onsale-tickets/onsale/adapter/supervisor/teststores"
	"github.com/onsale-tickets/onsale/domain"
	"github.com/onsale-tickets/onsale/domain/account"
	"github.com/onsale-tickets/onsale/domain/ticketing"
	"github.com/onsale-tickets/onsale/port"
	usecase "github.com/onsale-tickets/onsale/usecase/ticketing"
)

// client has small buffers.
var client = &http.Client{Transport: &http.Transport{DisableKeepAlives: true, DialContext: (&net.Dialer{Control: func(_, _ string, c syscall.RawConn) error {
	var failed error
	err := c.Control(func(fd uintptr) {
		failed = syscall.SetsockoptInt(int(fd), syscall.SOL_SOCKET, syscall.SO_RCVBUF, 16<<10)
	})
	return errors.Join(err, failed)
}}).DialContext}}

// stored has the ports of a store.
type stored struct {
	port.Users
	port.NewEvents
	port.EventChanges
	port.Events
	port.Sales
	port.TicketInputs
	tickets port.Tickets
}

func inMemory() stored {
	s, users := memory.NewTicketing(), &memory.Users{}
	return stored{users, s, s, s, s, s, memory.TicketList{Ticketing: s, Users: users}}
}

// service is event-ticketing-service with one seller and one event.
type service struct {
	stored
	t      *testing.T
	url    string
	event  domain.EventID
	seller string // token
	spent  string // token of a session that has ended
}

func newService(t *testing.T, s stored, rows, seats int) *service {
	t.Helper()
	tokens, err := sessiontoken.New([]byte("0123456789abcdef0123456789abcdef"))
	if err != nil {
		t.Fatal(err)
	}
	out := &service{stored: s, t: t}
	seller := out.user("seller@example.com", "a new seller", account.Seller)
	ended := &memory.EndedSessions{}
	sign := func(session string) string {
		token, err := tokens.Sign(port.Claims{Session: session, User: seller.ID, Role: "seller", Name: seller.Name, OpenedAt: time.Now(), ExpiresAt: time.Now().Add(time.Hour)})
		if err != nil {
			t.Fatal(err)
		}
		return token
	}
	out.seller, out.spent = sign("live"), sign("spent")
	if err := ended.End(t.Context(), "spent", time.Now().Add(time.Hour)); err != nil {
		t.Fatal(err)
	}
	zone := func(name string) bool { return name == "UTC" }
	catalogue := memory.NewCatalogue()
	open := usecase.NewOpenSale(s, catalogue)
	create := usecase.NewCreateEvent(s, s, open, zone, time.Now)
	price, one := int64(100), 1
	e, err := create.Handle(t.Context(), usecase.Creation{Seller: port.Claims{User: seller.ID, Role: "seller", Name: seller.Name}, Event: ticketing.NewEvent{
		Name: "The show", VenueName: "The hall", StartsAt: "2100-01-01T00:00:00Z", Currency: "EUR", Seating: ticketing.NewSeating{Grid: ticketing.Grid{Rows: &rows, SeatsPerRow: &seats},
			Sections: []ticketing.NewSection{{Name: "A", Price: &price, Count: &one}, {Name: "B", Price: &price, Count: &one}}}}})
	if err != nil {
		t.Fatal(err)
	}
	out.event = e.ID
	server := httptest.NewUnstartedServer(ticketingapi.NewHandler(ticketingapi.Uses{CreateEvent: create, ChangeEvent: usecase.NewChangeEvent(s, s, open, zone, time.Now, true),
		OwnEvents: usecase.NewOwnEvents(s, s.tickets, s.Sales), Events: s, Catalogue: catalogue},
		httpapi.NewSessions(tokens, ended), nil, slog.New(slog.NewTextHandler(t.Output(), nil))))
	server.Config.ConnContext = func(ctx context.Context, c net.Conn) context.Context {
		_ = c.(*net.TCPConn).SetWriteBuffer(16 << 10) // or a response would fit into the buffers between server and reader
		return ctx
	}
	server.Start()
	t.Cleanup(server.Close)
	out.url = server.URL
	return out
}

func (s *service) user(email, name string, role account.Role) account.User {
	s.t.Helper()
	u, err := s.Register(s.t.Context(), account.User{Email: email, Name: name, Role: role, CreatedAt: time.Now()}, "hash")
	if err != nil {
		s.t.Fatal(err)
	}
	return u
}

// sell sells a seat.
func (s *service) sell(section string, row, seat int, to account.User) {
	s.t.Helper()
	err := s.Apply(s.t.Context(), s.event, nil, []domain.SeatID{{Section: section, Subsection: 1, Row: row, Seat: seat}}, func(found []ticketing.Ticket) port.TicketChanges {
		sold, _ := found[0].Take(ticketing.Update{To: ticketing.Sold, BookingID: domain.BookingID{15: 1}, HolderID: to.ID, Hold: 1, Price: 1234})
		return port.TicketChanges{Tickets: []ticketing.Ticket{sold}}
	})
	if err != nil {
		s.t.Fatal(err)
	}
}

func (s *service) get(path, token string) *http.Response {
	s.t.Helper()
	r, err := http.NewRequestWithContext(s.t.Context(), "GET", s.url+path, nil)
	if err != nil {
		s.t.Fatal(err)
	}
	if token != "" {
		r.Header.Set("Authorization", "Bearer "+token)
	}
	resp, err := client.Do(r)
	if err != nil {
		s.t.Fatal(err)
	}
	s.t.Cleanup(func() { _ = resp.Body.Close() })
	return resp
}

// On routes that anybody may read, a spent or forged credential counts as none.
func TestSpentCredentialOnPublicRoutes(t *testing.T) {
	s := newService(t, inMemory(), 1, 2)
	for _, path := range []string{"/v1/events", "/v1/events?mine=false", fmt.Sprintf("/v1/events/%d", s.event), fmt.Sprintf("/v1/events/%d/layout", s.event)} {
		want, _ := io.ReadAll(s.get(path, "").Body)
		for _, token := range []string{s.spent, "forged", s.seller} {
			resp := s.get(path, token)
			if got, _ := io.ReadAll(resp.Body); resp.StatusCode != http.StatusOK || string(got) != string(want) {
				t.Errorf("%s: %d %s, want %s", path, resp.StatusCode, got, want)
			}
		}
	}
	for _, path := range []string{"/v1/events?mine=true", fmt.Sprintf("/v1/events/%d/tickets.csv", s.event), fmt.Sprintf("/v1/events/%d/sales/stream", s.event)} {
		if resp := s.get(path, s.spent); resp.StatusCode != http.StatusUnauthorized {
			t.Errorf("%s: %d", path, resp.StatusCode)
		}
	}
	if resp := s.get("/v1/events/99", s.spent); resp.StatusCode != http.StatusNotFound {
		t.Errorf("an unknown event: %d", resp.StatusCode)
	}
}

func TestExport(t *testing.T) {
	s := newService(t, inMemory(), 1, 9)
	for seat, name := range []string{"plain", "=1+1", "+1", "-1", "@a", "a;=b;;+c", "a=b", `say "=hi"`} {
		s.sell("B", 1, seat+1, s.user(fmt.Sprintf("%d@example.com", seat), name, account.Buyer))
	}
	rows := func(query string) [][]string {
		t.Helper()
		resp := s.get(fmt.Sprintf("/v1/events/%d/tickets.csv%s", s.event, query), s.seller)
		text, err := io.ReadAll(resp.Body)
		body, found := strings.CutPrefix(string(text), "\uFEFF")
		if err != nil || resp.StatusCode != http.StatusOK || !found || strings.Count(body, "\n") != strings.Count(body, "\r\n") {
			t.Fatalf("%s: %d %v %q", query, resp.StatusCode, err, text)
		}
		rows, err := csv.NewReader(strings.NewReader(body)).ReadAll()
		if err != nil {
			t.Fatal(err)
		}
		return rows[1:]
	}
	for query, want := range map[string]int{"": 18, "?section=B": 9, "?section=B&status=sold": 8, "?status=available": 10, "?section=A&subsection=1": 9, "?subsection=2": 0, "?section=A&status=sold": 0} {
		if got := len(rows(query)); got != want {
			t.Errorf("%s: %d tickets, want %d", query, got, want)
		}
	}
	var names []string
	for _, row := range rows("?status=sold") {
		names = append(names, row[11])
	}
	if got, want := strings.Join(names, " | "), `plain | '=1+1 | '+1 | '-1 | '@a | a;'=b;;'+c | a=b | say "=hi"`; got != want {
		t.Errorf("%s\nwant %s", got, want)
	}
	if row := strings.Join(rows("?status=sold")[0], ","); row != fmt.Sprintf("%d-B-1-1-1,B-1-1-1,B,1,1,1,12.34,EUR,sold,00000000-0000-0000-0000-000000000001,2,plain,0@example.com", s.event) {
		t.Error(row)
	}
	for _, query := range []string{"?section=Z", "?status=gone", "?subsection=x"} {
		if resp := s.get(fmt.Sprintf("/v1/events/%d/tickets.csv%s", s.event, query), s.seller); resp.StatusCode != http.StatusBadRequest {
			t.Errorf("%s: %d", query, resp.StatusCode)
		}
	}
}

// A reader that is slow gets all rows: no limit of a statement, of a transaction
// or of the server counts the time of the reader. Times are compressed: the
// reader takes several times the limit of a statement.
func TestExportToASlowReader(t *testing.T) {
	pg, err := store.Open(t.Context(), teststores.Postgres(t))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(pg.Close)
	s := newService(t, stored{pg, pg, pg, pg, pg, pg, store.Tickets{Store: pg}}, 100, 100)
	if _, err := pg.Batches.Exec(t.Context(), `UPDATE tickets SET status = 2, booking_id = gen_random_uuid(), holder_id = 1, price = 100`); err != nil {
		t.Fatal(err)
	}
	const limit = time.Second
	pg.Reads.DB.SetMaxOpenConns(1) // one connection, which has the limit, and which the export must not keep
	if _, err := pg.Reads.Exec(fmt.Sprintf("SET statement_timeout = %d; SET idle_in_transaction_session_timeout = %d", limit.Milliseconds(), limit.Milliseconds())); err != nil {
		t.Fatal(err)
	}
	resp := s.get(fmt.Sprintf("/v1/events/%d/tickets.csv", s.event), s.seller)
	began := time.Now()
	slow := &slowReader{from: resp.Body, pause: time.NewTicker(4 * limit / 30), asked: func() {
		ctx, cancel := context.WithTimeout(t.Context(), 10*limit)
		defer cancel()
		if _, err := s.Event(ctx, s.event); err != nil {
			t.Errorf("while the export waits for its reader: %v", err)
		}
	}}
	defer slow.pause.Stop()

	all, err := csv.NewReader(slow).ReadAll()

	if err != nil || len(all) != 20_001 || time.Since(began) < 3*limit {
		t.Fatalf("%d rows in %s: %v", len(all), time.Since(began), err)
	}
	if all[1][1] != "A-1-1-1" || all[20_000][1] != "B-1-100-100" {
		t.Errorf("from %v to %v", all[1], all[20_000])
	}
}

// slowReader reads 64 KiB at each tick, about 50 times for the test's export.
type slowReader struct {
	from  io.Reader
	pause *time.Ticker
	asked func()
	left  int
	n     int
}

func (r *slowReader) Read(p []byte) (int, error) {
	if r.left == 0 {
		<-r.pause.C
		if r.left = 64 << 10; r.n%10 == 0 {
			r.asked()
		}
		r.n++
	}
	n, err := r.from.Read(p[:min(len(p), r.left)])
	r.left -= n
	return n, err
}
