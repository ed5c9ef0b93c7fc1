package ticketing

import (
	"testing"

	"github.com/onsale-tickets/onsale/adapter/supervisor/teststores"
	"github.com/onsale-tickets/onsale/domain"
)

func TestTotalsCountsTheEventsItIsAskedFor(t *testing.T) {
	s := opening(t, teststores.Postgres(t))
	one, another := onSale(t, s), onSale(t, s)

	some, err := s.Totals(t.Context(), []domain.EventID{another})
	if err != nil {
		t.Fatal(err)
	}
	none, err := s.Totals(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}

	if _, counted := some[one]; counted || len(some) != 1 || some[another].Available == 0 {
		t.Errorf("event %d alone: %v", another, some)
	}
	if len(none) != 0 {
		t.Errorf("no event: %v", none)
	}
}
