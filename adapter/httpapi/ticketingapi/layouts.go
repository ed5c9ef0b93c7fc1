package ticketingapi

import (
	"encoding/json"
	"net/http"
	"sync"

	"github.com/onsale-tickets/onsale/adapter/httpapi"
	"github.com/onsale-tickets/onsale/domain"
	"github.com/onsale-tickets/onsale/domain/ticketing"
)

// mostLayouts is the number of events whose layout is kept.
const mostLayouts = 64

// layouts keeps encoded and compressed layouts, because all buyers of an event ask
// for the same layout in the same minutes.
type layouts struct {
	mu   sync.Mutex
	made map[domain.EventID]madeLayout
}

type madeLayout struct {
	revision int64 // of the event; a new price is a new revision
	document httpapi.Document
}

// of returns the layout of an event, and makes it if the event has changed.
func (l *layouts) of(e ticketing.CatalogueEvent) (httpapi.Document, error) {
	l.mu.Lock()
	defer l.mu.Unlock() // one caller makes the layout, the others wait for it
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

// GetLayout returns the rows and seats of an event.
func (h *handler) GetLayout(w http.ResponseWriter, r *http.Request, id EventID) {
	document, err := func() (httpapi.Document, error) {
		n, err := eventID(id)
		if err != nil {
			return httpapi.Document{}, err
		}
		e, err := h.Catalogue.Event(r.Context(), n)
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
