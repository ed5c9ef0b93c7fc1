// Command booking-service takes bookings and payments.
package main

import (
	"github.com/onsale-tickets/onsale/wire/booking"
	"github.com/onsale-tickets/onsale/wire/process"
)

func main() { process.Main(booking.Program, booking.New) }
