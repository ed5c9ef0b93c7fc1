package terminal

import (
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"

	"github.com/onsale-tickets/onsale/domain"
)

// Up prints what `onsale up` does, for the person who started it.
type Up struct{ Out io.Writer }

// Started says that a process is ready.
func (u Up) Started(process string, took time.Duration) {
	fmt.Fprintf(u.Out, "  %-26s ready after %.1f s\n", process, took.Seconds())
}

// Restarted says that a process ended by itself and was started again, or why it
// could not be. times counts this in a row. A process that ends again and again is
// named after 1, 2, 4, 8 … times only.
func (u Up) Restarted(process, log string, times int, ended, failed error) {
	if times&(times-1) != 0 {
		return
	}
	how := "exit status 0"
	if ended != nil {
		how = ended.Error()
	}
	if wd, err := os.Getwd(); err == nil {
		if short, err := filepath.Rel(wd, log); err == nil && filepath.IsLocal(short) {
			log = short
		}
	}
	again := "started again"
	switch {
	case failed != nil:
		again = fmt.Sprintf("it cannot be started again (%v), trying on", failed)
	case times > 1:
		again = fmt.Sprintf("started again, %d times in a row now", times)
	}
	fmt.Fprintf(u.Out, "%s ended (%s); %s, log: %s\n", process, how, again, log)
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
