package api_test

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/getkin/kin-openapi/openapi3"

	"github.com/onsale-tickets/onsale/cmd/onsale/internal/e2e"
)

// right is what each of five people gets from an operation: a visitor, the buyer
// who owns the booking, another buyer, the seller who owns the event, and another
// seller. 2 stands for any success and for 409, which depends on the booking's
// state.
type right [5]int

var (
	anyone    = right{2, 2, 2, 2, 2}
	users     = right{401, 2, 2, 2, 2}
	buyers    = right{401, 2, 2, 403, 403}
	sellers   = right{401, 403, 403, 2, 2}
	itsBuyer  = right{401, 2, 404, 403, 403}
	itsSeller = right{401, 403, 403, 2, 404}
)

// rights has every operation of openapi.yaml.
var rights = map[string]right{
	"registerUser": anyone, "logIn": anyone, "currentUser": users, "logOut": users, "changePassword": users,
	"listEvents": anyone, "getEvent": anyone, "getLayout": anyone, "getSeats": anyone, "streamSeats": anyone,
	"createEvent": sellers, "updateEvent": itsSeller, "setSectionPrice": itsSeller, "closeEvent": itsSeller, "archiveEvent": itsSeller,
	"listTickets": itsSeller, "exportTickets": itsSeller, "getSales": itsSeller, "streamSales": itsSeller,
	"createBooking": buyers, "listBookings": buyers, "streamBookings": buyers,
	"getBooking": itsBuyer, "payBooking": itsBuyer, "cancelBooking": itsBuyer, "getTicketsPDF": itsBuyer, "getTicketCode": itsBuyer, "getCalendar": itsBuyer,
}

func TestOwnership(t *testing.T) {
	t.Parallel()
	in := e2e.Start(t, e2e.Embedded)
	people := []e2e.Person{{In: in}, in.Register("buyer", "buyer@example.com"), in.Register("buyer", "other@example.com"),
		in.Register("seller", "seller@example.com"), in.Register("seller", "rival@example.com")}
	event := people[3].CreateHall(2, 5)
	b := people[1].Book(map[string]any{"event_id": event, "section": "A", "seat_selection_mode": "best_available", "quantity": 1})
	in.Eventually("the booking is pending", 30*time.Second, func() bool { return people[1].Booking(b.ID).Status == "pending_payment" })

	bodies := map[string]string{
		"registerUser":    `{"email": "%d@example.com", "password": "correct horse", "name": "a new buyer", "role": "buyer"}`,
		"logIn":           `{"email": "buyer@example.com", "password": "correct horse"}`,
		"createEvent":     newEvent,
		"updateEvent":     `{}`,
		"setSectionPrice": `{"price": 1}`,
		"createBooking":   fmt.Sprintf(`{"event_id": %d, "section": "A", "seat_selection_mode": "best_available", "quantity": 1}`, event),
		"payBooking":      `{"payment_token": "tok_ok"}`,
	}
	doc, err := openapi3.NewLoader().LoadFromFile(e2e.Root("openapi.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	seen := map[string]bool{}
	last := []string{"closeEvent", "cancelBooking", "changePassword", "logOut"} // these change what the others need
	operations := map[string][2]string{}
	var order []string
	for path, item := range doc.Paths.Map() {
		for method, op := range item.Operations() {
			seen[op.OperationID] = true
			operations[op.OperationID] = [2]string{method, path}
			if !contains(last, op.OperationID) {
				order = append(order, op.OperationID)
			}
		}
	}
	for id := range rights {
		if !seen[id] {
			t.Errorf("there is no operation %s", id)
		}
	}
	for _, id := range append(order, last...) {
		t.Run(id, func(t *testing.T) {
			want, known := rights[id]
			if !known {
				t.Fatal("nobody has said whose this operation is")
			}
			method, path := operations[id][0], operations[id][1]
			if strings.HasPrefix(path, "/v1/bookings/") {
				path = strings.Replace(path, "{id}", b.ID, 1)
			}
			path = strings.NewReplacer("{id}", fmt.Sprint(event), "{section}", "A", "{seat_id}", "A-1-1-1").Replace(path)
			for i, p := range people {
				body := bodies[id]
				if strings.Contains(body, "%d") {
					body = fmt.Sprintf(body, i)
				}
				if id == "changePassword" {
					body = `{"current_password": "correct horse", "new_password": "correct horse"}`
				}
				if status := statusOf(p, t, method, path, body); !want.allows(i, status) {
					t.Errorf("%s %s by person %d: %d, want %d", method, path, i, status, want[i])
				}
				if id == "changePassword" && i > 0 { // a new password ends the session
					people[i] = in.LogIn([]string{"", "buyer", "other", "seller", "rival"}[i] + "@example.com")
				}
			}
		})
	}
}

func contains(list []string, s string) bool {
	for _, x := range list {
		if x == s {
			return true
		}
	}
	return false
}

// allows reports whether a person may get a status. 409 counts as success: only
// those who may use an operation are told that the state forbids it.
func (r right) allows(person, status int) bool {
	if r[person] == 2 {
		return status/100 == 2 || status == http.StatusConflict
	}
	return status == r[person]
}

// statusOf returns the status of the answer and does not read its body.
func statusOf(p e2e.Person, t *testing.T, method, path, body string) int {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, method, p.URL(path), strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	if p.Token != "" {
		req.Header.Set("Authorization", "Bearer "+p.Token)
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	resp.Body.Close()
	return resp.StatusCode
}
