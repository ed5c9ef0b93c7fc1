package ticketingapi

import (
	"net/http"

	"github.com/google/uuid"

	"github.com/onsale-tickets/onsale/adapter/httpapi"
	"github.com/onsale-tickets/onsale/domain"
	"github.com/onsale-tickets/onsale/domain/account"
	"github.com/onsale-tickets/onsale/domain/ticketing"
	"github.com/onsale-tickets/onsale/port"
	usecase "github.com/onsale-tickets/onsale/usecase/ticketing"
)

// ListTickets returns a page of the tickets of a seller's event.
func (h *handler) ListTickets(w http.ResponseWriter, r *http.Request, id EventID, params ListTicketsParams) {
	page, err := h.listTickets(r, id, params)
	h.respond(w, r, http.StatusOK, page, err)
}

func (h *handler) listTickets(r *http.Request, id EventID, params ListTicketsParams) (TicketPage, error) {
	e, err := h.ownEvent(r, id)
	if err != nil {
		return TicketPage{}, err
	}
	f, err := ticketPage(e.Event, params)
	if err != nil {
		return TicketPage{}, err
	}
	listed, next, err := httpapi.Page(f.Limit, func(limit int) ([]ticketing.Listed, error) {
		f.Limit = limit
		return e.Tickets(r.Context(), f)
	}, func(t ticketing.Listed) string { return t.Seat.String() })
	if err != nil {
		return TicketPage{}, err
	}
	page := TicketPage{Items: make([]Ticket, len(listed)), NextCursor: next}
	for i, t := range listed {
		page.Items[i] = ticket(e.Event, t)
	}
	return page, nil
}

// seller returns the claims of a seller, or a refusal.
func (h *handler) seller(r *http.Request) (port.Claims, error) {
	return h.sessions.As(r, account.Seller)
}

// eventOf opens an event to its seller.
func (h *handler) eventOf(r *http.Request, seller port.Claims, id EventID) (usecase.OwnEvent, error) {
	n, err := eventID(id)
	if err != nil {
		return usecase.OwnEvent{}, err
	}
	return h.OwnEvents.Open(r.Context(), seller, n)
}

// ownEvent opens an event to the seller who asks for it.
func (h *handler) ownEvent(r *http.Request, id EventID) (usecase.OwnEvent, error) {
	seller, err := h.seller(r)
	if err != nil {
		return usecase.OwnEvent{}, err
	}
	return h.eventOf(r, seller, id)
}

func ticketPage(e ticketing.Event, params ListTicketsParams) (port.TicketFilter, error) {
	var q httpapi.Query
	f := ticketFilter(&q, e, params.Section, params.Subsection, params.Status)
	f.Limit = q.Limit(params.Limit)
	if at := q.Cursor(params.Cursor); at != "" {
		seat, err := domain.ParseSeatID(at)
		if _, _, ok := e.Section(seat.Section); err != nil || !ok {
			q.BadCursor()
		}
		f.After = seat
	}
	return f, q.Err()
}

// ticketFilter reads the parameters that choose tickets.
func ticketFilter(q *httpapi.Query, e ticketing.Event, section, subsection, status *string) port.TicketFilter {
	f := port.TicketFilter{Subsection: int(q.Number("subsection", subsection, 1, domain.MaxNumber))}
	if section != nil {
		f.Section = *section
		if _, _, ok := e.Section(f.Section); !ok {
			q.Refuse("section", "unknown_section", "the event has no such section")
		}
	}
	if status != nil {
		s, ok := ticketing.ParseStatus(*status)
		if !ok {
			q.Refuse("status", "invalid", "available, reserved or sold")
		}
		f.Status = &s
	}
	return f
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
