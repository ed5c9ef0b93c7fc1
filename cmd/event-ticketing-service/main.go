// Command event-ticketing-service owns accounts, events, prices and the tickets
// of record.
package main

import (
	"github.com/onsale-tickets/onsale/wire/process"
	"github.com/onsale-tickets/onsale/wire/ticketing"
)

func main() { process.Main(ticketing.Program, ticketing.New) }
