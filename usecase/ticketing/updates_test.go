package ticketing_test

import (
	"context"
	"testing"

	"github.com/onsale-tickets/onsale/adapter/memory"
	"github.com/onsale-tickets/onsale/domain"
	"github.com/onsale-tickets/onsale/domain/message"
	rules "github.com/onsale-tickets/onsale/domain/ticketing"
	"github.com/onsale-tickets/onsale/port"
	"github.com/onsale-tickets/onsale/usecase/ticketing"
)

// staleCatalogue cannot read the catalogue at present.
type staleCatalogue struct{ *memory.Catalogue }

func (staleCatalogue) Event(context.Context, domain.EventID) (rules.CatalogueEvent, error) {
	return rules.CatalogueEvent{}, domain.Refuse(domain.Unavailable, "catalogue_unavailable", "the catalogue cannot be read at present")
}

func TestUpdates(t *testing.T) {
	t.Run("go on while the catalogue cannot be read", func(t *testing.T) {
		h := newHouse()
		if _, err := h.create.Handle(t.Context(), creation()); err != nil {
			t.Fatal(err)
		}
		updates := ticketing.NewUpdates(h.store, staleCatalogue{h.catalogue}, h.letters)
		if _, err := updates.Assigned(t.Context(), 1, map[port.Input]int64{input: 0}); err != nil {
			t.Fatal(err)
		}

		err := updates.Deliver(t.Context(), 1, []port.Delivery{{Input: input, Envelope: message.Envelope{Body: paid(5), Time: now}}})

		if e, _ := h.store.Event(t.Context(), 1); err != nil || e.Counts[1].Sold != 1 {
			t.Errorf("%v, %+v", err, e.Counts)
		}
	})
	t.Run("wait for the catalogue record of an event that this server has not heard of", func(t *testing.T) {
		h := newHouse()
		if _, err := h.create.Handle(t.Context(), creation()); err != nil {
			t.Fatal(err)
		}
		updates := ticketing.NewUpdates(h.store, staleCatalogue{memory.NewCatalogue()}, h.letters)
		if _, err := updates.Assigned(t.Context(), 1, map[port.Input]int64{input: 0}); err != nil {
			t.Fatal(err)
		}
		batch := []port.Delivery{{Input: input, Envelope: message.Envelope{Body: paid(5), Time: now}}}

		if err := updates.Deliver(t.Context(), 1, batch); err == nil {
			t.Error("a section without a known position was answered")
		}
	})
}
