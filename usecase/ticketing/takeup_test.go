package ticketing_test

import (
	"context"
	"errors"
	"slices"
	"testing"

	"github.com/onsale-tickets/onsale/domain"
	"github.com/onsale-tickets/onsale/usecase/ticketing"
)

// One event that cannot be opened does not keep the others from being opened,
// wherever it is in the list.
func TestTakeUpGoesOnBehindAFailure(t *testing.T) {
	h := newHouse()
	h.topics.Fault = errors.New("no broker")
	for range 3 {
		if _, err := h.create.Handle(t.Context(), creation()); err == nil {
			t.Fatal("the fault did not happen")
		}
	}
	h.topics.Fault = nil
	errBad := errors.New("this event fails")
	topics := topicsOf(func(ctx context.Context, id domain.EventID) (string, error) {
		if id == 1 {
			return "", errBad
		}
		return h.topics.Create(ctx, id)
	})
	takeUp := ticketing.NewTakeUp(h.store, ticketing.NewOpenSale(h.store, topics, h.sent, h.catalogue))

	err := takeUp.Handle(t.Context())

	if !errors.Is(err, errBad) {
		t.Errorf("the failure is not reported: %v", err)
	}
	left, err := h.store.Unpublished(t.Context())
	if err != nil || !slices.Equal(left, []domain.EventID{1}) {
		t.Errorf("not opened: %v (%v)", left, err)
	}
}
