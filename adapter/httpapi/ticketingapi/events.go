package ticketingapi

import (
	"net/http"

	"github.com/onsale-tickets/onsale/adapter/httpapi"
	"github.com/onsale-tickets/onsale/domain"
	"github.com/onsale-tickets/onsale/domain/account"
	"github.com/onsale-tickets/onsale/domain/ticketing"
	"github.com/onsale-tickets/onsale/port"
	usecase "github.com/onsale-tickets/onsale/usecase/ticketing"
)

// CreateEvent creates an event of a seller.
func (h *handler) CreateEvent(w http.ResponseWriter, r *http.Request) {
	var in newEvent
	e, err := func() (ticketing.Event, error) {
		seller, err := h.sessions.As(r, account.Seller)
		if err != nil {
			return ticketing.Event{}, err
		}
		if err := decode(w, r, &in); err != nil {
			return ticketing.Event{}, err
		}
		return h.Uses.CreateEvent.Handle(r.Context(), usecase.Creation{Seller: seller, Event: in.event()})
	}()
	h.respond(w, r, http.StatusCreated, event(e), err)
}

// GetEvent returns one event.
func (h *handler) GetEvent(w http.ResponseWriter, r *http.Request, id EventID) {
	e, err := h.event(r, id)
	h.respond(w, r, http.StatusOK, event(e), err)
}

func (h *handler) event(r *http.Request, id EventID) (ticketing.Event, error) {
	n, err := eventID(id)
	if err != nil {
		return ticketing.Event{}, err
	}
	return h.Events.Event(r.Context(), n)
}

// eventID reads the id of an event in a path.
func eventID(id EventID) (domain.EventID, error) {
	n, ok := httpapi.PathID(id)
	if !ok {
		return 0, httpapi.UnknownEvent
	}
	return domain.EventID(n), nil
}

// ListEvents returns a page of the events on sale, or of a seller's own events.
func (h *handler) ListEvents(w http.ResponseWriter, r *http.Request, params ListEventsParams) {
	page, err := h.listEvents(r, params)
	h.respond(w, r, http.StatusOK, page, err)
}

func (h *handler) listEvents(r *http.Request, params ListEventsParams) (EventPage, error) {
	var f port.EventFilter
	if params.Mine != nil && *params.Mine == "true" {
		seller, err := h.sessions.As(r, account.Seller)
		if err != nil {
			return EventPage{}, err
		}
		f.Seller = seller.User
	}
	var q httpapi.Query
	if params.Mine != nil && *params.Mine != "true" && *params.Mine != "false" {
		q.Refuse("mine", "invalid", "true or false")
	}
	f.Limit = q.Limit(params.Limit)
	if at := q.Cursor(params.Cursor); at != "" {
		id, ok := httpapi.PathID(at)
		if !ok {
			q.BadCursor()
		}
		f.Before = domain.EventID(id)
	}
	if err := q.Err(); err != nil {
		return EventPage{}, err
	}
	events, next, err := httpapi.Page(f.Limit, func(limit int) ([]ticketing.Event, error) {
		f.Limit = limit
		return h.Events.List(r.Context(), f)
	}, func(e ticketing.Event) string { return e.ID.String() })
	if err != nil {
		return EventPage{}, err
	}
	page := EventPage{Items: make([]EventSummary, len(events)), NextCursor: next}
	for i, e := range events {
		page.Items[i] = summary(e)
	}
	return page, nil
}

func event(e ticketing.Event) Event {
	s := summary(e)
	out := Event{Counts: s.Counts, CreatedAt: s.CreatedAt, Currency: s.Currency, Description: s.Description, ID: s.ID,
		MaxTicketsPerBooking: s.MaxTicketsPerBooking, Name: s.Name, Seller: s.Seller, StartsAt: s.StartsAt, Status: s.Status,
		TimeZone: s.TimeZone, VenueName: s.VenueName, Sections: make([]EventSection, len(e.Sections))}
	for i, section := range e.Sections {
		out.Sections[i] = EventSection{Name: section.Layout.Name, Price: money(section.Price, e.Currency),
			Subsections: len(section.Layout.Subsections), Counts: counts(e.Counts[i])}
	}
	return out
}

func summary(e ticketing.Event) EventSummary {
	return EventSummary{Counts: counts(e.Total()), CreatedAt: e.CreatedAt, Currency: Currency(e.Currency), Description: e.Description,
		ID: int64(e.ID), MaxTicketsPerBooking: e.MaxTickets, Name: e.Name, Seller: Seller{ID: int64(e.SellerID), Name: e.SellerName},
		StartsAt: e.StartsAt, Status: EventStatus(e.Status), TimeZone: e.TimeZone, VenueName: e.VenueName}
}
