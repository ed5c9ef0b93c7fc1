package terminal

import (
	"fmt"
	"io"
	"time"

	"github.com/onsale-tickets/onsale/domain"
)

// Up prints what `onsale up` does, for the person who started it.
type Up struct{ Out io.Writer }

// Started says that a process is ready.
func (u Up) Started(process string, took time.Duration) {
	fmt.Fprintf(u.Out, "  %-26s ready after %.1f s\n", process, took.Seconds())
}

// Open says where the pages and the API are.
func (u Up) Open(url string) {
	fmt.Fprintf(u.Out, "\nOnsale is open at %s — Ctrl-C stops it.\n", url)
}

// Stopping says that the processes are being stopped.
func (u Up) Stopping() { fmt.Fprintln(u.Out, "stopping …") }

// Stopped says that all processes have ended.
func (u Up) Stopped(dataDir string) {
	fmt.Fprintln(u.Out, "stopped; the data stays in", dataDir)
}

// Demo says what can be tried with the demo's accounts and event.
func (u Up) Demo(url string, event domain.EventID, buyer, seller, password string) {
	fmt.Fprintf(u.Out, `
Try (password %s):
  buyer  %s
  seller %s

  curl -s %s/v1/events/%d
  TOKEN=$(curl -s %s/v1/sessions -d '{"email": "%s", "password": "%s"}' | sed 's/.*"token":"\([^"]*\)".*/\1/')
  curl -s %s/v1/bookings -H "Authorization: Bearer $TOKEN" -d '{"event_id": %d, "section": "A", "seat_selection_mode": "best_available", "quantity": 2}'
  curl -s %s/v1/bookings -H "Authorization: Bearer $TOKEN"
`, password, buyer, seller, url, event, url, buyer, password, url, event, url)
}
