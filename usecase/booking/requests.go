package booking

import (
	"context"
	"sync"

	"github.com/onsale-tickets/onsale/domain"
	"github.com/onsale-tickets/onsale/domain/message"
	"github.com/onsale-tickets/onsale/domain/ticketing"
	"github.com/onsale-tickets/onsale/port"
)

// Requests sends requests to the seat owner. An event that is woken for the first time
// has no topics yet: its requests wait here until it has. They may be lost, since the
// bookings are rows, and Resend sends them again.
type Requests struct {
	catalogue port.Catalogue
	publisher port.Publisher

	mu      sync.Mutex
	waiting map[domain.EventID][]message.Envelope
	count   int // of all events
}

// mostWaiting is how many requests wait on a server. Those beyond are sent again by
// Resend.
const mostWaiting = 20_000

// NewRequests binds the ports.
func NewRequests(c port.Catalogue, p port.Publisher) *Requests {
	return &Requests{catalogue: c, publisher: p, waiting: map[domain.EventID][]message.Envelope{}}
}

// Run sends what waits once its event has topics, until ctx is done.
func (r *Requests) Run(ctx context.Context) error {
	err := r.catalogue.Follow(ctx, func(e ticketing.CatalogueEvent) {
		if e.HasTopics() {
			r.release(e.ID)
		}
	})
	if ctx.Err() != nil {
		return nil
	}
	return err
}

// Send sends a request of an event, at once or when the event has topics. It does not
// wait for the brokers.
func (r *Requests) Send(event ticketing.CatalogueEvent, request message.Envelope) {
	if event.HasTopics() {
		r.publisher.Send(request, func(error) {})
		return
	}
	r.wait(event.ID, request)
	if now, _ := r.catalogue.Known(event.ID); now.HasTopics() { // they were made meanwhile
		r.release(event.ID)
	}
}

func (r *Requests) wait(id domain.EventID, request message.Envelope) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.count < mostWaiting {
		r.waiting[id] = append(r.waiting[id], request)
		r.count++
	}
}

func (r *Requests) release(id domain.EventID) {
	r.mu.Lock()
	requests := r.waiting[id]
	delete(r.waiting, id)
	r.count -= len(requests)
	r.mu.Unlock()
	for _, request := range requests {
		r.publisher.Send(request, func(error) {})
	}
}
