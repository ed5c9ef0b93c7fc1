package reservation_test

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"
	"sync"

	"github.com/onsale-tickets/onsale/adapter/memory"
	"github.com/onsale-tickets/onsale/domain"
	rules "github.com/onsale-tickets/onsale/domain/booking"
)

// promises are what buyers were told: that a request was accepted, that a booking
// is paid or cancelled.
type promises struct {
	mu    sync.Mutex
	byKey map[string]domain.BookingID
	ends  map[domain.BookingID]rules.Status
	found []string
}

// accepted notes the booking that a request under a key was answered with. It must
// be the same each time.
func (p *promises) accepted(key string, id domain.BookingID) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.byKey == nil {
		p.byKey = map[string]domain.BookingID{}
	}
	if first, repeated := p.byKey[key]; repeated && first != id {
		p.found = append(p.found, fmt.Sprintf("key %s was answered with booking %s and with %s", key, first, id))
	}
	p.byKey[key] = id
}

// ended notes a final state.
func (p *promises) ended(b rules.Booking) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.ends == nil {
		p.ends = map[domain.BookingID]rules.Status{}
	}
	p.ends[b.ID] = b.Status
}

// broken returns the promises that the bookings do not keep.
func (p *promises) broken(bookings *memory.Bookings) []string {
	p.mu.Lock()
	defer p.mu.Unlock()
	found := p.found
	for _, key := range slices.Sorted(maps.Keys(p.byKey)) {
		if _, err := bookings.Booking(context.Background(), p.byKey[key]); err != nil {
			found = append(found, fmt.Sprintf("booking %s was accepted: %v", p.byKey[key], err))
		}
	}
	ids := slices.SortedFunc(maps.Keys(p.ends), func(a, b domain.BookingID) int { return cmp.Compare(a.String(), b.String()) })
	for _, id := range ids {
		if b, _ := bookings.Booking(context.Background(), id); b.Status != p.ends[id] {
			found = append(found, fmt.Sprintf("the buyer of booking %s was told that it is %s, it is %s", id, p.ends[id], b.Status))
		}
	}
	return found
}
