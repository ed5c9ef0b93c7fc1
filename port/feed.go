package port

import (
	"github.com/onsale-tickets/onsale/domain"
	"github.com/onsale-tickets/onsale/domain/booking"
)

//go:generate go tool mockgen -source=feed.go -destination=portmock/feed.go -package=portmock

// BookingFeed hears of changes after they are durable.
type BookingFeed interface {
	// Changed gets bookings as they are now. It never blocks and may forget: who
	// needs all of them reads the store as well. The slice stays the caller's.
	Changed(bookings []booking.Booking)
}

// BookingStreams lets open streams hear of their buyers' bookings.
type BookingStreams interface {
	// Subscribe hears of a buyer's bookings from now on, until Close.
	Subscribe(buyer domain.UserID) BookingSubscription
	// Complete tells whether changes made by other servers arrive at present.
	Complete() bool
}

// BookingSubscription gathers what changed since it was last asked.
type BookingSubscription interface {
	// Ready yields when there is something to take.
	Ready() <-chan struct{}
	// Take answers the latest state of each booking that changed since the last
	// Take.
	Take() []booking.Booking
	Close()
}
