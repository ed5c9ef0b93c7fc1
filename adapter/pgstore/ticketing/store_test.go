package ticketing_test

import (
	"testing"

	store "github.com/onsale-tickets/onsale/adapter/pgstore/ticketing"
	"github.com/onsale-tickets/onsale/adapter/supervisor/teststores"
	"github.com/onsale-tickets/onsale/port/porttest"
)

func TestContract(t *testing.T) {
	porttest.Ticketing(t, func(t *testing.T) porttest.TicketingStore {
		s, err := store.Open(t.Context(), teststores.Postgres(t))
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(s.Close)
		return porttest.TicketingStore{Users: s, NewEvents: s, EventChanges: s, Events: s, Sales: s, Listed: store.Tickets{Store: s}, TicketInputs: s, Outbox: s, DeltaFolding: s, Work: s, Archives: s, Dropped: s}
	})
}
