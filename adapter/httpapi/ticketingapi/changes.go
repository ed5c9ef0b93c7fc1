package ticketingapi

import (
	"net/http"

	"github.com/onsale-tickets/onsale/adapter/httpapi"
	"github.com/onsale-tickets/onsale/domain/ticketing"
)

// changes is EventChanges as it is read: a time is text until the domain has
// read it.
type changes struct {
	Name        *string `json:"name"`
	Description *string `json:"description"`
	VenueName   *string `json:"venue_name"`
	StartsAt    *string `json:"starts_at"`
	TimeZone    *string `json:"time_zone"`
}

// UpdateEvent changes the description of an event.
func (h *handler) UpdateEvent(w http.ResponseWriter, r *http.Request, id EventID) {
	var in changes
	e, err := h.ownEventWith(w, r, id, &in)
	if err == nil {
		e, err = h.ChangeEvent.Describe(r.Context(), e.ID, ticketing.Changes{Name: in.Name, Description: in.Description,
			VenueName: in.VenueName, StartsAt: in.StartsAt, TimeZone: in.TimeZone})
	}
	h.answer(w, r, http.StatusOK, event(e), err)
}

// SetSectionPrice sets the price of a section.
func (h *handler) SetSectionPrice(w http.ResponseWriter, r *http.Request, id EventID, section SectionName) {
	var in struct {
		Price *int64 `json:"price"`
	}
	e, err := h.ownEventWith(w, r, id, &in, section)
	if err == nil {
		e, err = h.ChangeEvent.SetPrice(r.Context(), e.ID, section, in.Price)
	}
	h.answer(w, r, http.StatusOK, event(e), err)
}

// CloseEvent closes the sale.
func (h *handler) CloseEvent(w http.ResponseWriter, r *http.Request, id EventID) {
	e, err := h.ownEvent(r, id)
	if err == nil {
		e, err = h.ChangeEvent.Close(r.Context(), e.ID)
	}
	h.answer(w, r, http.StatusOK, event(e), err)
}

// ownEventWith is ownEvent with a body: who may not ask is told before the
// body is read, an unknown id before it is parsed.
func (h *handler) ownEventWith(w http.ResponseWriter, r *http.Request, id EventID, into any, sections ...string) (ticketing.Event, error) {
	seller, err := h.seller(r)
	if err != nil {
		return ticketing.Event{}, err
	}
	body, err := httpapi.ReadBody(w, r, httpapi.MaxBody)
	if err != nil {
		return ticketing.Event{}, err
	}
	e, err := h.eventOf(r, seller, id)
	if err != nil {
		return ticketing.Event{}, err
	}
	for _, name := range sections {
		if _, _, ok := e.Section(name); !ok {
			return ticketing.Event{}, httpapi.UnknownSection
		}
	}
	return e, httpapi.Decode(body, into)
}
