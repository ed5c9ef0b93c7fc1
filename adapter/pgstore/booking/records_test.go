package booking_test

import (
	"testing"

	"github.com/onsale-tickets/onsale/port"
	"github.com/onsale-tickets/onsale/port/porttest"
)

func TestRecords(t *testing.T) {
	porttest.BookingRecords(t, func(t *testing.T) interface {
		port.Bookings
		port.BookingInputs
		port.BookingRecords
	} {
		return open(t)
	})
}
