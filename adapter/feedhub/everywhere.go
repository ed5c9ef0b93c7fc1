package feedhub

import (
	"github.com/onsale-tickets/onsale/domain/booking"
	"github.com/onsale-tickets/onsale/port"
)

// OtherServers tells the other servers of a service about changes.
type OtherServers interface {
	port.BookingFeed
	// Complete reports whether their changes arrive here, too, at present.
	Complete() bool
}

// Everywhere tells the streams of this server about changes at once, and the
// other servers.
type Everywhere struct {
	*Bookings
	others OtherServers
}

var (
	_ port.BookingFeed    = Everywhere{}
	_ port.BookingStreams = Everywhere{}
)

// NewEverywhere binds the feeds.
func NewEverywhere(here *Bookings, others OtherServers) Everywhere { return Everywhere{here, others} }

// Changed tells this server first.
func (e Everywhere) Changed(bookings []booking.Booking) {
	e.Bookings.Changed(bookings)
	e.others.Changed(bookings)
}

// Complete reports whether changes of other servers arrive at present.
func (e Everywhere) Complete() bool { return e.others.Complete() }
