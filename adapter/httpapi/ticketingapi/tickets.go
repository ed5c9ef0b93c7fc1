package ticketingapi

import (
	"net/http"

	"github.com/google/uuid"

	"github.com/onsale-tickets/onsale/adapter/httpapi"
	"github.com/onsale-tickets/onsale/domain"
	"github.com/onsale-tickets/onsale/domain/account"
	"github.com/onsale-tickets/onsale/domain/ticketing"
	"github.com/onsale-tickets/onsale/port"
)

// ListTickets answers a page of the tickets of a seller's event.
func (h *handler) ListTickets(w http.ResponseWriter, r *http.Request, id EventID, params ListTicketsParams) {
	page, err := h.listTickets(r, id, params)
	h.answer(w, r, http.StatusOK, page, err)
}

func (h *handler) listTickets(r *http.Request, id EventID, params ListTicketsParams) (TicketPage, error) {
	e, err := h.ownEvent(r, id)
	if err != nil {
		return TicketPage{}, err
	}
	f, err := ticketFilter(e, params)
	if err != nil {
		return TicketPage{}, err
	}
	listed, next, err := httpapi.Page(f.Limit, func(limit int) ([]ticketing.Listed, error) {
		f.Limit = limit
		return h.Tickets.List(r.Context(), e.ID, f)
	}, func(t ticketing.Listed) string { return t.Seat.String() })
	if err != nil {
		return TicketPage{}, err
	}
	page := TicketPage{Items: make([]Ticket, len(listed)), NextCursor: next}
	for i, t := range listed {
		page.Items[i] = ticket(e, t)
	}
	return page, nil
}

// seller answers who is asking, if it is a seller.
func (h *handler) seller(r *http.Request) (port.Claims, error) {
	return h.sessions.As(r, account.Seller)
}

// eventOf finds an event of a seller; somebody else's is unknown.
func (h *handler) eventOf(r *http.Request, seller port.Claims, id EventID) (ticketing.Event, error) {
	e, err := h.event(r, id)
	if err == nil && e.SellerID != seller.User {
		err = httpapi.UnknownEvent
	}
	return e, err
}

// ownEvent finds an event of the seller who asks.
func (h *handler) ownEvent(r *http.Request, id EventID) (ticketing.Event, error) {
	seller, err := h.seller(r)
	if err != nil {
		return ticketing.Event{}, err
	}
	return h.eventOf(r, seller, id)
}

func ticketFilter(e ticketing.Event, params ListTicketsParams) (port.TicketFilter, error) {
	var q httpapi.Query
	f := port.TicketFilter{Limit: q.Limit(params.Limit), Subsection: int(q.Number("subsection", params.Subsection, 1, domain.MaxNumber))}
	if params.Section != nil {
		f.Section = *params.Section
		if _, _, ok := e.Section(f.Section); !ok {
			q.Refuse("section", "unknown_section", "the event has no such section")
		}
	}
	if params.Status != nil {
		status, ok := ticketing.ParseStatus(*params.Status)
		if !ok {
			q.Refuse("status", "invalid", "available, reserved or sold")
		}
		f.Status = &status
	}
	if at := q.Cursor(params.Cursor); at != "" {
		seat, err := domain.ParseSeatID(at)
		if _, _, ok := e.Section(seat.Section); err != nil || !ok {
			q.BadCursor()
		}
		f.After = seat
	}
	return f, q.Err()
}

func ticket(e ticketing.Event, t ticketing.Listed) Ticket {
	out := Ticket{TicketID: domain.TicketID(e.ID, t.Seat), SeatID: t.Seat.String(), Section: t.Seat.Section, Subsection: t.Seat.Subsection,
		Row: t.Seat.Row, Seat: t.Seat.Seat, Price: money(t.Price, e.Currency), Status: SeatStatus(t.Status.String())}
	if t.Status != ticketing.Available {
		id := uuid.UUID(t.BookingID)
		out.BookingID = &id
		out.Holder = &Holder{UserID: int64(t.HolderID), Name: t.HolderName, Email: t.HolderEmail}
	}
	return out
}
