package feedhub_test

import (
	"sync"
	"testing"

	"github.com/onsale-tickets/onsale/adapter/feedhub"
	"github.com/onsale-tickets/onsale/domain"
	"github.com/onsale-tickets/onsale/domain/booking"
)

func of(buyer domain.UserID, id byte, revision int64) booking.Booking {
	return booking.Booking{ID: domain.BookingID{15: id}, BuyerID: buyer, Revision: revision}
}

func TestBookings(t *testing.T) {
	h := feedhub.NewBookings()
	mine, other := h.Subscribe(1), h.Subscribe(2)
	defer mine.Close()
	defer other.Close()

	h.Changed([]booking.Booking{of(1, 1, 2), of(1, 2, 2), of(3, 3, 2)})
	h.Changed([]booking.Booking{of(1, 1, 3)})
	h.Changed([]booking.Booking{of(1, 1, 2)}) // late, from another server

	<-mine.Ready()
	revisions := map[byte]int64{}
	for _, b := range mine.Take() {
		revisions[b.ID[15]] = b.Revision
	}
	if len(revisions) != 2 || revisions[1] != 3 || revisions[2] != 2 {
		t.Errorf("got %v", revisions)
	}
	if len(mine.Take()) != 0 || len(other.Take()) != 0 {
		t.Error("a change is passed on twice, or to another buyer")
	}
}

func TestBookingsUnderWay(t *testing.T) {
	h := feedhub.NewBookings()
	var all sync.WaitGroup
	for n := range 50 {
		all.Go(func() {
			s := h.Subscribe(domain.UserID(n % 5))
			h.Changed([]booking.Booking{of(domain.UserID(n%5), byte(n), 2)})
			<-s.Ready()
			s.Take()
			s.Close()
		})
	}
	all.Wait()
}
