package ticketing_test

import (
	"context"
	"errors"
	"slices"
	"testing"

	"github.com/onsale-tickets/onsale/domain"
	rules "github.com/onsale-tickets/onsale/domain/ticketing"
	"github.com/onsale-tickets/onsale/usecase/ticketing"
)

// One event that cannot be opened does not keep the others from being opened,
// wherever it is in the list.
func TestTakeUpGoesOnBehindAFailure(t *testing.T) {
	h := newHouse()
	for range 3 {
		if _, err := h.store.Create(t.Context(), rules.CatalogueEvent{Revision: 1}); err != nil {
			t.Fatal(err)
		}
	}
	errBad := errors.New("this event fails")
	open := ticketing.NewOpenSale(h.store, catalogueOf(func(ctx context.Context, e rules.CatalogueEvent) error {
		if e.ID == 1 {
			return errBad
		}
		return h.catalogue.PublishEvent(ctx, e)
	}))

	err := ticketing.NewTakeUp(h.store, open).Handle(t.Context())

	if !errors.Is(err, errBad) {
		t.Errorf("the failure is not reported: %v", err)
	}
	left, err := h.store.Unpublished(t.Context())
	if err != nil || !slices.Equal(left, []domain.EventID{1}) {
		t.Errorf("not opened: %v (%v)", left, err)
	}
}
