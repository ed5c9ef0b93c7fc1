// Command seat-reservation-service owns the live state of every seat and picks
// seats.
package main

import (
	"github.com/onsale-tickets/onsale/wire/process"
	"github.com/onsale-tickets/onsale/wire/reservation"
)

func main() { process.Main(reservation.Program, reservation.New) }
