package ticketing_test

import (
	"testing"

	store "github.com/onsale-tickets/onsale/adapter/pgstore/ticketing"
	"github.com/onsale-tickets/onsale/adapter/supervisor/teststores"
	"github.com/onsale-tickets/onsale/port"
	"github.com/onsale-tickets/onsale/port/porttest"
)

func TestRecords(t *testing.T) {
	porttest.TicketRecords(t, func(t *testing.T) (porttest.TicketingStore, port.TicketRecords) {
		s, err := store.Open(t.Context(), teststores.Postgres(t))
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(s.Close)
		return porttest.TicketingStore{Users: s, NewEvents: s, EventChanges: s, TicketInputs: s, DeltaFolding: s}, s
	})
}
