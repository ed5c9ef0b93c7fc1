package memory_test

import (
	"testing"

	"github.com/onsale-tickets/onsale/adapter/memory"
	"github.com/onsale-tickets/onsale/port"
	"github.com/onsale-tickets/onsale/port/porttest"
)

func TestSeatStore(t *testing.T) {
	porttest.SeatStore(t, func(*testing.T) port.SeatStore { return memory.NewSeatStore() }, nil)
}
