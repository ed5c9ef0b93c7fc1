package bench

import (
	"context"
	"fmt"
	"sync"
	"time"

	"github.com/onsale-tickets/onsale/domain"
	"github.com/onsale-tickets/onsale/domain/message"
	"github.com/onsale-tickets/onsale/port"
)

// SeatDesk asks the seat owner for seats and takes its answers, in the place of
// booking-service. It keeps nothing: an answer counts once, and one that nobody waits
// for is passed over.
type SeatDesk struct {
	publisher port.Publisher
	newID     func() domain.BookingID

	mu       sync.Mutex
	next     map[port.Input]int64
	waiting  map[domain.BookingID]bool
	answered chan error // of a request that is no longer waited for
}

var _ port.Inbox = (*SeatDesk)(nil)

// NewSeatDesk returns a desk.
func NewSeatDesk(p port.Publisher, newID func() domain.BookingID) *SeatDesk {
	return &SeatDesk{publisher: p, newID: newID, next: map[port.Input]int64{}, waiting: map[domain.BookingID]bool{}, answered: make(chan error, mostAsked)}
}

const (
	mostAsked = 10_000           // requests that wait for an answer
	silence   = 30 * time.Second // without an answer; then the seat owner is taken for dead
)

// ask reserves one seat n times, at most so many at once, and returns how long that
// takes. The requests go round the sections.
func (d *SeatDesk) ask(ctx context.Context, event domain.EventID, n, most int, progress func(accepted, answered int)) (time.Duration, error) {
	began := time.Now()
	for sent, got := 0, 0; got < n; {
		if sent < n && sent-got < most {
			d.send(event, sent)
			sent++
			continue
		}
		select {
		case err := <-d.answered:
			if err != nil {
				return 0, err
			}
			if got++; got%100 == 0 || got == n {
				progress(sent, got)
			}
		case <-time.After(silence):
			return 0, fmt.Errorf("no answer for %s, after %d of %d requests", silence, got, n)
		case <-ctx.Done():
			return 0, ctx.Err()
		}
	}
	return time.Since(began), nil
}

func (d *SeatDesk) send(event domain.EventID, n int) {
	id, section := d.newID(), n%tenSections
	d.mu.Lock()
	d.waiting[id] = true
	d.mu.Unlock()
	now := time.Now()
	d.publisher.Send(message.Envelope{ID: "ask-" + id.String(), Time: now, Partition: domain.SectionPartition(section),
		Body: message.TicketReservedRequest{EventID: event, BookingID: id, BuyerID: firstBuyer, Section: sections(tenSections)[section],
			Mode: message.BestAvailable, Quantity: 1, UnitPrice: domain.Money{Amount: 100, Currency: "EUR"}, RequestedAt: now}},
		func(err error) {
			if err != nil {
				d.end(id, err)
			}
		})
}

// end ends the wait for an answer.
func (d *SeatDesk) end(id domain.BookingID, err error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.waiting[id] {
		delete(d.waiting, id)
		d.answered <- err
	}
}

// Assigned implements port.Inbox.
func (d *SeatDesk) Assigned(_ context.Context, _ domain.EventID, ends map[port.Input]int64) (map[port.Input]int64, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	from := map[port.Input]int64{}
	for input := range ends {
		from[input] = d.next[input]
	}
	return from, nil
}

// Revoked implements port.Inbox.
func (d *SeatDesk) Revoked(domain.EventID, []port.Input) {}

// Deliver implements port.Inbox.
func (d *SeatDesk) Deliver(_ context.Context, _ domain.EventID, batch []port.Delivery) error {
	for _, delivery := range batch {
		switch m := delivery.Envelope.Body.(type) {
		case message.BookingUpdatedToPendingPayment:
			d.end(m.BookingID, nil)
		case message.BookingUpdatedToFailed:
			d.end(m.BookingID, fmt.Errorf("no seat: %s", m.Reason))
		}
		d.mu.Lock()
		d.next[delivery.Input] = delivery.Offset + 1
		d.mu.Unlock()
	}
	return nil
}
