package ticketingapi

import (
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/onsale-tickets/onsale/domain/seating"
	"github.com/onsale-tickets/onsale/domain/ticketing"
)

// A kept layout has the present prices.
func TestLayouts(t *testing.T) {
	var kept layouts
	section := ticketing.CatalogueSection{Layout: seating.SectionLayout{Name: "A"}, Price: 100}
	e := ticketing.CatalogueEvent{ID: 1, Revision: 1, Currency: "EUR", Sections: []ticketing.CatalogueSection{section}}
	says := func(text string) {
		t.Helper()
		document, err := kept.of(e)
		if err != nil {
			t.Fatal(err)
		}
		w := httptest.NewRecorder()
		document.ServeHTTP(w, httptest.NewRequest("GET", "/", nil))
		if !strings.Contains(w.Body.String(), text) {
			t.Errorf("%s, want %s", w.Body, text)
		}
	}

	says(`"amount":100`)
	section.Price = 200
	e.Revision, e.Sections = 2, []ticketing.CatalogueSection{section}
	says(`"amount":200`)
	for range 2 * mostLayouts {
		e.ID++
		says(`"amount":200`)
	}
	if len(kept.made) > mostLayouts {
		t.Errorf("%d layouts are kept", len(kept.made))
	}
}
