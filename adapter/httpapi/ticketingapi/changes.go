package ticketingapi

import (
	"context"
	"net/http"

	"github.com/onsale-tickets/onsale/adapter/httpapi"
	"github.com/onsale-tickets/onsale/domain"
	"github.com/onsale-tickets/onsale/domain/ticketing"
	"github.com/onsale-tickets/onsale/port"
)

// changes is EventChanges with the time as text, which the domain parses.
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
	seller, e, err := h.ownEventWith(w, r, id, &in)
	if err == nil {
		e, err = h.ChangeEvent.Describe(r.Context(), seller, e.ID, ticketing.Changes{Name: in.Name, Description: in.Description,
			VenueName: in.VenueName, StartsAt: in.StartsAt, TimeZone: in.TimeZone})
	}
	h.respond(w, r, http.StatusOK, event(e), err)
}

// SetSectionPrice sets the price of a section.
func (h *handler) SetSectionPrice(w http.ResponseWriter, r *http.Request, id EventID, section SectionName) {
	var in struct {
		Price *int64 `json:"price"`
	}
	seller, e, err := h.ownEventWith(w, r, id, &in, section)
	if err == nil {
		e, err = h.ChangeEvent.SetPrice(r.Context(), seller, e.ID, section, in.Price)
	}
	h.respond(w, r, http.StatusOK, event(e), err)
}

// CloseEvent closes the sale.
func (h *handler) CloseEvent(w http.ResponseWriter, r *http.Request, id EventID) {
	h.changeStatus(w, r, id, http.StatusOK, h.ChangeEvent.Close)
}

// ArchiveEvent asks for an archive.
func (h *handler) ArchiveEvent(w http.ResponseWriter, r *http.Request, id EventID) {
	h.changeStatus(w, r, id, http.StatusAccepted, h.ChangeEvent.Archive)
}

// changeStatus serves a change that has no body.
func (h *handler) changeStatus(w http.ResponseWriter, r *http.Request, id EventID, done int,
	to func(context.Context, port.Claims, domain.EventID) (ticketing.Event, error)) {
	e, err := func() (ticketing.Event, error) {
		seller, err := h.seller(r)
		if err != nil {
			return ticketing.Event{}, err
		}
		n, err := eventID(id)
		if err != nil {
			return ticketing.Event{}, err
		}
		return to(r.Context(), seller, n)
	}()
	h.respond(w, r, done, event(e), err)
}

// ownEventWith returns the seller and the event, and reads the body. It keeps the
// order of refusal: a user who may not ask is refused before the body is read,
// and an unknown id before the body is parsed.
func (h *handler) ownEventWith(w http.ResponseWriter, r *http.Request, id EventID, into any, sections ...string) (port.Claims, ticketing.Event, error) {
	seller, err := h.seller(r)
	if err != nil {
		return seller, ticketing.Event{}, err
	}
	body, err := httpapi.ReadBody(w, r)
	if err != nil {
		return seller, ticketing.Event{}, err
	}
	e, err := h.eventOf(r, seller, id)
	if err != nil {
		return seller, ticketing.Event{}, err
	}
	for _, name := range sections {
		if _, _, ok := e.Section(name); !ok {
			return seller, ticketing.Event{}, httpapi.UnknownSection
		}
	}
	return seller, e.Event, httpapi.Decode(body, into)
}
