package ticketingapi

import (
	"encoding/json"
	"net/http"
	"sync"

	"github.com/onsale-tickets/onsale/adapter/httpapi"
	"github.com/onsale-tickets/onsale/domain"
	"github.com/onsale-tickets/onsale/domain/ticketing"
)

// mostLayouts is of how many events the layout is kept.
const mostLayouts = 64

// layouts keeps layouts as they are sent, compressed: every buyer of an on-sale
// asks for the same one in the same minute.
type layouts struct {
	mu   sync.Mutex
	made map[domain.EventID]madeLayout
}

type madeLayout struct {
	revision int64 // of the event; prices stand in it
	document httpapi.Document
}

// of makes a layout, or answers that which is there.
func (l *layouts) of(e ticketing.CatalogueEvent) (httpapi.Document, error) {
	l.mu.Lock()
	defer l.mu.Unlock() // one makes it, the others wait for it
	if is, ok := l.made[e.ID]; ok && is.revision == e.Revision {
		return is.document, nil
	}
	encoded, err := json.Marshal(layout(e))
	if err != nil {
		return httpapi.Document{}, err
	}
	if l.made == nil || len(l.made) >= mostLayouts {
		l.made = map[domain.EventID]madeLayout{}
	}
	made := madeLayout{e.Revision, httpapi.NewDocument("application/json", encoded)}
	l.made[e.ID] = made
	return made.document, nil
}

// GetLayout answers the rows and seats of an event.
func (h *handler) GetLayout(w http.ResponseWriter, r *http.Request, id EventID) {
	document, err := func() (httpapi.Document, error) {
		n, ok := httpapi.PathID(id)
		if !ok {
			return httpapi.Document{}, httpapi.UnknownEvent
		}
		e, err := h.Catalogue.Event(r.Context(), domain.EventID(n))
		if err != nil {
			return httpapi.Document{}, err
		}
		return h.layouts.of(e)
	}()
	if err != nil {
		httpapi.WriteError(w, r, h.log, err)
		return
	}
	document.ServeHTTP(w, r)
}

func layout(e ticketing.CatalogueEvent) Layout {
	out := Layout{Sections: make([]LayoutSection, len(e.Sections))}
	for i, s := range e.Sections {
		section := LayoutSection{Name: s.Layout.Name, Price: money(s.Price, e.Currency), Subsections: make([]LayoutSubsection, len(s.Layout.Subsections))}
		for j, sub := range s.Layout.Subsections {
			rows := make([]LayoutRow, len(sub.Rows))
			for k, row := range sub.Rows {
				rows[k] = LayoutRow{Row: row.Number, Seats: row.Seats}
			}
			section.Subsections[j] = LayoutSubsection{Number: sub.Number, Rows: rows}
		}
		out.Sections[i] = section
	}
	return out
}
