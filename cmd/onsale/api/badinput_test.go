package api_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/onsale-tickets/onsale/cmd/onsale/internal/e2e"
)

// refused is a request and the refusal that must answer it.
type refused struct {
	who          string // nobody, buyer, other buyer, seller, other seller, spent, forged
	method, path string
	body         string
	status       int
	code         string
	pointer      string // of the first field error
	fieldCode    string
}

const newUser = `{"email": "new@example.com", "password": "correct horse", "name": "a new buyer", "role": "buyer"}`

const newEvent = `{"name": "x", "venue_name": "y", "starts_at": "2100-01-01T00:00:00Z", "currency": "EUR", "seating": {"rows": 1, "seats_per_row": 2, "sections": [{"name": "A", "price": 1, "subsections": 1}]}}`

// with replaces a part of a valid body.
func with(body, old, new string) string {
	if !strings.Contains(body, old) {
		panic("there is no " + old + " in " + body)
	}
	return strings.Replace(body, old, new, 1)
}

// badField is a request with a bad field, for methods other than POST.
func badField(method, who, path, body, pointer, code string) refused {
	return refused{who, method, path, body, 400, "invalid_request", pointer, code}
}

func badInput(event int64, booking string) []refused {
	newBooking := fmt.Sprintf(`{"event_id": %d, "section": "A", "subsection": 1, "seat_selection_mode": "manual", "seat_positions": ["1-1"]}`, event)
	best := fmt.Sprintf(`{"event_id": %d, "section": "A", "seat_selection_mode": "best_available", "quantity": 2}`, event)
	pay, own := "/v1/bookings/"+booking+"/payment", fmt.Sprintf("/v1/events/%d", event)
	invalid := func(who, path, body, pointer, code string) refused {
		return refused{who, "POST", path, body, 400, "invalid_request", pointer, code}
	}
	get := func(who, path string, status int, code string) refused {
		return refused{who: who, method: "GET", path: path, status: status, code: code}
	}
	long := strings.Repeat("x", 70<<10)
	return []refused{
		invalid("nobody", "/v1/users", `{`, "", "malformed"),
		invalid("nobody", "/v1/users", `[]`, "", "invalid"),
		invalid("nobody", "/v1/users", `{}`, "/email", "required"),
		invalid("nobody", "/v1/users", with(newUser, `"role"`, `"admin": true, "role"`), "/admin", "unknown_field"),
		invalid("nobody", "/v1/users", with(newUser, `"new@example.com"`, `7`), "/email", "invalid"),
		invalid("nobody", "/v1/users", with(newUser, `"new@example.com"`, `null`), "/email", "null"),
		invalid("nobody", "/v1/users", with(newUser, `new@example.com`, `new example.com`), "/email", "invalid"),
		invalid("nobody", "/v1/users", with(newUser, `correct horse`, `short`), "/password", "too_short"),
		invalid("nobody", "/v1/users", with(newUser, `a new buyer`, `\ud800`), "/name", "invalid_characters"),
		invalid("nobody", "/v1/users", with(newUser, `a new buyer`, `a\u202eb`), "/name", "invalid_characters"),
		invalid("nobody", "/v1/users", with(newUser, `a new buyer`, `e\u0301`), "/name", "not_nfc"),
		invalid("nobody", "/v1/users", with(newUser, `"buyer"}`, `"admin"}`), "/role", "invalid"),
		{"nobody", "POST", "/v1/users", with(newUser, `a new buyer`, long), 413, "body_too_large", "", ""},
		{"nobody", "POST", "/v1/users", with(newUser, `new@example.com`, `BUYER@example.com`), 409, "email_taken", "", ""},
		{"nobody", "POST", "/v1/sessions", `{"email": "buyer@example.com", "password": "wrong horse"}`, 401, "invalid_credentials", "", ""},
		{"nobody", "POST", "/v1/sessions", `{"email": "ghost@example.com", "password": "wrong horse"}`, 401, "invalid_credentials", "", ""},
		invalid("nobody", "/v1/sessions", `{"email": 1}`, "/email", "invalid"),
		invalid("nobody", "/v1/sessions", `{"password": "correct horse"}`, "/email", "required"),
		invalid("nobody", "/v1/sessions", `{"email": "buyer@example.com"}`, "/password", "required"),
		get("nobody", "/v1/users/me", 401, "unauthorized"),
		get("forged", "/v1/users/me", 401, "unauthorized"),
		get("spent", "/v1/users/me", 401, "unauthorized"),
		get("spent", "/v1/bookings", 401, "unauthorized"),
		{"nobody", "DELETE", "/v1/sessions/current", "", 401, "unauthorized", "", ""},

		{"nobody", "POST", "/v1/events", newEvent, 401, "unauthorized", "", ""},
		{"buyer", "POST", "/v1/events", `{`, 403, "wrong_role", "", ""},
		{"buyer", "POST", "/v1/events", strings.Repeat(" ", 3<<20), 403, "wrong_role", "", ""},
		{"seller", "POST", "/v1/events", strings.Repeat(" ", 3<<20), 413, "body_too_large", "", ""},
		invalid("seller", "/v1/events", `{}`, "/name", "required"),
		invalid("seller", "/v1/events", with(newEvent, `"name": "x"`, `"name": " "`), "/name", "required"),
		invalid("seller", "/v1/events", with(newEvent, `2100`, `2001`), "/starts_at", "in_the_past"),
		invalid("seller", "/v1/events", with(newEvent, `2100-01-01T00:00:00Z`, `tomorrow`), "/starts_at", "invalid"),
		invalid("seller", "/v1/events", with(newEvent, `00:00:00Z`, `00:00:00+24:00`), "/starts_at", "invalid"),
		invalid("seller", "/v1/events", with(newEvent, `EUR`, `eur`), "/currency", "unknown"),
		invalid("seller", "/v1/events", with(newEvent, `EUR`, `XXX`), "/currency", "unknown"),
		invalid("seller", "/v1/events", with(newEvent, `"EUR"`, `"EUR", "time_zone": "Mars/Olympus"`), "/time_zone", "unknown"),
		invalid("seller", "/v1/events", with(newEvent, `"EUR"`, `"EUR", "max_tickets_per_booking": 21`), "/max_tickets_per_booking", "out_of_range"),
		invalid("seller", "/v1/events", with(newEvent, `"price": 1`, `"price": 0`), "/seating/sections/0/price", "out_of_range"),
		invalid("seller", "/v1/events", with(newEvent, `"price": 1`, `"price": -5`), "/seating/sections/0/price", "out_of_range"),
		invalid("seller", "/v1/events", with(newEvent, `"price": 1`, `"price": 1.5`), "/seating/sections/0/price", "invalid"),
		invalid("seller", "/v1/events", with(newEvent, `"price": 1`, `"price": 10000000001`), "/seating/sections/0/price", "out_of_range"),
		invalid("seller", "/v1/events", with(newEvent, `"subsections": 1`, `"subsections": "1"`), "/seating/sections/0/subsections", "invalid"),
		invalid("seller", "/v1/events", with(newEvent, `"subsections": 1`, `"subsections": [{"number": 1, "colour": 2}]`), "/seating/sections/0/subsections/0/colour", "unknown_field"),
		invalid("seller", "/v1/events", with(newEvent, `"subsections": 1`, `"subsections": [{"number": 1, "rows": [{"row": 1, "seats": [1, 1]}]}]`), "/seating/sections/0/subsections/0/rows/0/seats/1", "duplicate"),
		invalid("seller", "/v1/events", with(with(newEvent, `"subsections": 1`, `"subsections": 9999`), `"rows": 1`, `"rows": 99`), "/seating", "too_many_seats"),
		get("nobody", "/v1/events/99", 404, "event_not_found"),
		get("nobody", "/v1/events/01", 404, "event_not_found"),
		get("nobody", "/v1/events/x/layout", 404, "event_not_found"),
		get("nobody", "/v1/events/99/seats", 404, "event_not_found"),
		get("nobody", own+"/seats?section=A", 400, "invalid_request"),
		get("nobody", own+"/seats?section=Z&subsection=1", 400, "invalid_request"),
		get("nobody", own+"/seats?section=A&subsection=99", 400, "invalid_request"),
		get("nobody", "/v1/events?limit=0", 400, "invalid_request"),
		get("nobody", "/v1/events?limit=201", 400, "invalid_request"),
		get("nobody", "/v1/events?cursor=!", 400, "invalid_request"),
		get("nobody", "/v1/events?mine=true", 401, "unauthorized"),
		get("buyer", "/v1/events?mine=true", 403, "wrong_role"),
		get("nobody", own+"/tickets", 401, "unauthorized"),
		get("buyer", own+"/tickets", 403, "wrong_role"),
		get("other seller", own+"/tickets", 404, "event_not_found"),
		get("seller", own+"/tickets?section=Z", 400, "invalid_request"),
		get("seller", own+"/tickets?status=gone", 400, "invalid_request"),
		get("seller", own+"/tickets?cursor=QQ", 400, "invalid_request"),
		get("seller", own+"/tickets?cursor=Wi0xLTEtMQ", 400, "invalid_request"), // a seat of another event

		{"nobody", "POST", "/v1/bookings", best, 401, "unauthorized", "", ""},
		{"seller", "POST", "/v1/bookings", best, 403, "wrong_role", "", ""},
		{"buyer", "POST", "/v1/bookings", with(best, `"A"`, `"`+long+`"`), 413, "body_too_large", "", ""},
		{"buyer", "POST", "/v1/bookings", with(best, fmt.Sprint(event), `99`), 404, "event_not_found", "", ""},
		invalid("buyer", "/v1/bookings", `{}`, "/event_id", "required"),
		invalid("buyer", "/v1/bookings", with(best, fmt.Sprint(event), `-1`), "/event_id", "out_of_range"),
		invalid("buyer", "/v1/bookings", with(with(best, fmt.Sprint(event), `99`), `2}`, `0}`), "/quantity", "out_of_range"),
		invalid("buyer", "/v1/bookings", with(best, `2}`, `5}`), "/quantity", "out_of_range"),
		invalid("buyer", "/v1/bookings", with(best, `2}`, `1e30}`), "/quantity", "invalid"),
		invalid("buyer", "/v1/bookings", with(best, `, "quantity": 2`, ``), "/quantity", "required"),
		invalid("buyer", "/v1/bookings", with(best, `best_available`, `best`), "/seat_selection_mode", "unknown_mode"),
		invalid("buyer", "/v1/bookings", with(best, `"A"`, `"Z"`), "/section", "unknown_section"),
		invalid("buyer", "/v1/bookings", with(best, `2}`, `2, "subsection": 99}`), "/subsection", "unknown_subsection"),
		invalid("buyer", "/v1/bookings", with(best, `2}`, `2, "seat_positions": ["1-1"]}`), "/seat_positions", "not_allowed"),
		invalid("buyer", "/v1/bookings", with(best, `2}`, `2, "price": 1}`), "/price", "unknown_field"),
		invalid("buyer", "/v1/bookings", with(newBooking, `"subsection": 1, `, ``), "/subsection", "required"),
		invalid("buyer", "/v1/bookings", with(newBooking, `1-1`, `01-1`), "/seat_positions/0", "malformed"),
		invalid("buyer", "/v1/bookings", with(newBooking, `1-1`, `99-99`), "/seat_positions/0", "unknown_seat"),
		invalid("buyer", "/v1/bookings", with(newBooking, `"1-1"`, `"1-1", "1-1"`), "/seat_positions/1", "duplicate"),
		invalid("buyer", "/v1/bookings", with(newBooking, `["1-1"]`, `["1-1"], "quantity": 2`), "/quantity", "not_allowed"),
		get("buyer", "/v1/bookings?status=lost", 400, "invalid_request"),
		get("buyer", "/v1/bookings?event_id=0", 400, "invalid_request"),
		get("seller", "/v1/bookings", 403, "wrong_role"),
		get("nobody", "/v1/bookings/"+booking, 401, "unauthorized"),
		get("other buyer", "/v1/bookings/"+booking, 404, "booking_not_found"),
		get("buyer", "/v1/bookings/1", 404, "booking_not_found"),
		get("buyer", "/v1/bookings/"+strings.ToUpper(booking), 404, "booking_not_found"),
		get("nobody", "/v1/bookings/stream", 401, "unauthorized"),
		get("seller", "/v1/bookings/stream", 403, "wrong_role"),

		{"nobody", "POST", pay, `{}`, 401, "unauthorized", "", ""},
		{"other buyer", "POST", pay, `{"card_number": "4242424242424242"}`, 404, "booking_not_found", "", ""},
		invalid("buyer", pay, `{}`, "/card_number", "required"),
		invalid("buyer", pay, `{"card_number": "4242424242424241"}`, "/card_number", "invalid"),
		invalid("buyer", pay, `{"card_number": 4242424242424242}`, "/card_number", "invalid"),
		invalid("buyer", pay, `{"card_number": "4242424242424242", "payment_token": "tok_ok"}`, "/payment_token", "not_allowed"),
		invalid("buyer", pay, `{"payment_token": ""}`, "/payment_token", "required"),
		invalid("buyer", pay, `{"card_number": ""}`, "/card_number", "required"),
		invalid("buyer", pay, `{"card_number": "4242424242424242", "cvc": "123"}`, "/cvc", "unknown_field"),
		{"nobody", "POST", "/v1/bookings/" + booking + "/cancellation", "", 401, "unauthorized", "", ""},
		{"other buyer", "POST", "/v1/bookings/" + booking + "/cancellation", "", 404, "booking_not_found", "", ""},
		{"buyer", "POST", "/v1/bookings/0/cancellation", "", 404, "booking_not_found", "", ""},
		get("buyer", "/v1/bookings/"+booking+"/tickets.pdf", 409, "booking_not_paid"),
		get("buyer", "/v1/bookings/"+booking+"/tickets.pdf?lang=xx", 400, "invalid_request"),
		get("buyer", "/v1/bookings/"+booking+"/calendar.ics", 409, "booking_not_paid"),
		get("other buyer", "/v1/bookings/"+booking+"/calendar.ics", 404, "booking_not_found"),
		get("buyer", "/v1/bookings/stream?event_id=x", 400, "invalid_request"),

		badField("PATCH", "seller", own, `{"name": ""}`, "/name", "required"),
		badField("PATCH", "seller", own, `{"name": null}`, "/name", "null"),
		badField("PATCH", "seller", own, `{"currency": "EUR"}`, "/currency", "unknown_field"),
		badField("PATCH", "seller", own, `{"starts_at": "2001-01-01T00:00:00Z"}`, "/starts_at", "in_the_past"),
		badField("PATCH", "seller", own, `{"time_zone": "Mars/Olympus"}`, "/time_zone", "unknown"),
		badField("PATCH", "seller", own, `{"description": "a\u0000"}`, "/description", "invalid_characters"),
		{"seller", "PATCH", own, `{"name": "` + long + `"}`, 413, "body_too_large", "", ""},
		{"other seller", "PATCH", own, `{`, 404, "event_not_found", "", ""},
		{"buyer", "PATCH", own, `{}`, 403, "wrong_role", "", ""},
		badField("PUT", "seller", own+"/sections/A/price", `{}`, "/price", "required"),
		badField("PUT", "seller", own+"/sections/A/price", `{"price": 0}`, "/price", "out_of_range"),
		badField("PUT", "seller", own+"/sections/A/price", `{"price": -1}`, "/price", "out_of_range"),
		badField("PUT", "seller", own+"/sections/A/price", `{"price": 10000000001}`, "/price", "out_of_range"),
		badField("PUT", "seller", own+"/sections/A/price", `{"price": "1"}`, "/price", "invalid"),
		badField("PUT", "seller", own+"/sections/A/price", `{"price": 1, "currency": "EUR"}`, "/currency", "unknown_field"),
		{"seller", "PUT", own + "/sections/Z/price", `{`, 404, "section_not_found", "", ""},
		{"other seller", "PUT", own + "/sections/A/price", `{"price": 1}`, 404, "event_not_found", "", ""},
		{"nobody", "POST", own + "/closure", "", 401, "unauthorized", "", ""},
		{"seller", "POST", "/v1/events/99/closure", "", 404, "event_not_found", "", ""},
		{"nobody", "POST", own + "/archive", "", 401, "unauthorized", "", ""},
		{"seller", "POST", own + "/archive", "", 409, "event_on_sale", "", ""},
		{"seller", "POST", "/v1/events/99/archive", "", 404, "event_not_found", "", ""},
		get("other seller", own+"/sales", 404, "event_not_found"),
		get("other seller", own+"/sales/stream", 404, "event_not_found"),
		get("other seller", own+"/tickets.csv", 404, "event_not_found"),
		get("nobody", own+"/seats/stream?section=Z", 400, "invalid_request"),
		get("nobody", own+"/seats/stream?subsection=1", 400, "invalid_request"),
		get("nobody", own+"/seats/stream?format=xml", 400, "invalid_request"),
		get("nobody", "/v1/events/99/seats/stream", 404, "event_not_found"),
		badField("PUT", "buyer", "/v1/users/me/password", `{"current_password": "correct horse", "new_password": "short"}`, "/new_password", "too_short"),
		badField("PUT", "buyer", "/v1/users/me/password", `{"current_password": "correct horse"}`, "/new_password", "required"),
		{"buyer", "PUT", "/v1/users/me/password", `{"current_password": "wrong horse", "new_password": "another horse"}`, 401, "invalid_credentials", "", ""},
		{"nobody", "PUT", "/v1/users/me/password", `{}`, 401, "unauthorized", "", ""},
		get("nobody", "/v1/nowhere", 404, "not_found"),
		{"nobody", "PUT", "/v1/events", "", 405, "method_not_allowed", "", ""},
	}
}

func TestBadInput(t *testing.T) {
	t.Parallel()
	in := e2e.Start(t, e2e.Embedded)
	people := map[string]e2e.Person{"nobody": {In: in}, "forged": {In: in, Token: "eyJhbGciOiJub25lIn0.e30."},
		"buyer": in.Register("buyer", "buyer@example.com"), "other buyer": in.Register("buyer", "other@example.com"),
		"seller": in.Register("seller", "seller@example.com"), "other seller": in.Register("seller", "rival@example.com"),
		"spent": in.Register("buyer", "spent@example.com")}
	if status, body := people["spent"].Call("DELETE", "/v1/sessions/current", nil); status != http.StatusNoContent {
		t.Fatalf("log out: %d %s", status, body)
	}
	in.Eventually("the session has ended everywhere", 5*time.Second, func() bool {
		one, _ := people["spent"].Call("GET", "/v1/users/me", nil)
		two, _ := people["spent"].Call("GET", "/v1/bookings", nil)
		return one == 401 && two == 401
	})
	event := people["seller"].CreateEvent("Bad input")
	b := people["buyer"].Book(map[string]any{"event_id": event, "section": "A", "seat_selection_mode": "best_available", "quantity": 1})
	in.Eventually("the booking is pending", 30*time.Second, func() bool { return people["buyer"].Booking(b.ID).Status == "pending_payment" })
	before := people["buyer"].Booking(b.ID)

	for _, c := range badInput(event, b.ID) {
		t.Run(fmt.Sprintf("%s/%s/%s/%.60s", c.who, c.method, c.path, c.body), func(t *testing.T) {
			status, header, body := sendRaw(people[c.who], t, c.method, c.path, c.body)
			var p e2e.Problem
			e2e.Decode(t, body, &p)
			if status != c.status || p.Status != c.status || p.Code != c.code || header.Get("Content-Type") != "application/problem+json" {
				t.Fatalf("got %d %s, want %d %s: %s", status, p.Code, c.status, c.code, body)
			}
			if allow := header.Get("Allow"); (status == http.StatusMethodNotAllowed) != (allow != "") {
				t.Errorf("%d with Allow: %s", status, allow)
			}
			if c.fieldCode != "" && (len(p.Errors) == 0 || p.Errors[0].Pointer != c.pointer || p.Errors[0].Code != c.fieldCode || p.Errors[0].Detail == "") {
				t.Errorf("got %+v, want %s %s", p.Errors, c.pointer, c.fieldCode)
			}
		})
	}

	var page struct {
		Items []e2e.Booking `json:"items"`
	}
	_, body := people["buyer"].Call("GET", "/v1/bookings", nil)
	e2e.Decode(t, body, &page)
	if after := people["buyer"].Booking(b.ID); len(page.Items) != 1 || after.Status != before.Status || after.ExpiresAt != before.ExpiresAt {
		t.Errorf("something was stored: %s", body)
	}
	if _, body := people["seller"].Call("GET", "/v1/events?mine=true", nil); strings.Count(string(body), `"venue_name"`) != 1 {
		t.Errorf("an event was stored: %s", body)
	}
	if status, body := people["nobody"].Call("POST", "/v1/sessions", map[string]any{"email": "new@example.com", "password": "correct horse"}); status != 401 {
		t.Errorf("a user was stored: %d %s", status, body)
	}
	in.Verify()
}

// sendRaw sends a body unchanged.
func sendRaw(p e2e.Person, t *testing.T, method, path, body string) (int, http.Header, []byte) {
	t.Helper()
	req, err := http.NewRequest(method, p.In.URL(path), strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	status, header, out, err := p.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	return status, header, out
}
