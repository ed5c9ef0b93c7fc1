package seatsapi

import (
	"log/slog"
	"net/http"

	"github.com/onsale-tickets/onsale/adapter/httpapi"
	"github.com/onsale-tickets/onsale/domain"
	"github.com/onsale-tickets/onsale/domain/ticketing"
	"github.com/onsale-tickets/onsale/port"
	"github.com/onsale-tickets/onsale/usecase/reservation"
)

// handler answers from what this server has read of the journal.
type handler struct {
	server    *reservation.Server
	catalogue port.Catalogue
	log       *slog.Logger
}

// NewHandler makes the routes of seat-reservation-service.
func NewHandler(server *reservation.Server, catalogue port.Catalogue, log *slog.Logger) http.Handler {
	h := &handler{server, catalogue, log}
	return httpapi.Guard(HandlerWithOptions(h, GorillaServerOptions{
		BaseRouter: httpapi.NewRouter(), ErrorHandlerFunc: httpapi.BadParameter(log)}))
}

var errSeats = domain.Refuse(domain.Unavailable, "seats_unavailable", "the seats cannot be read at present")

// GetSeats answers the counts of all subsections, or the seats of one.
func (h *handler) GetSeats(w http.ResponseWriter, r *http.Request, id EventID, params GetSeatsParams) {
	answer, err := h.seats(r, id, params)
	if err != nil {
		httpapi.WriteError(w, r, h.log, err)
		return
	}
	httpapi.WriteJSON(w, http.StatusOK, answer)
}

func (h *handler) seats(r *http.Request, id EventID, params GetSeatsParams) (any, error) {
	n, ok := httpapi.PathID(id)
	if !ok {
		return nil, httpapi.UnknownEvent
	}
	event, err := h.catalogue.Event(r.Context(), domain.EventID(n))
	if err != nil {
		return nil, err
	}
	if params.Section == nil && params.Subsection == nil {
		return h.counts(r, event)
	}
	var q httpapi.Query
	if params.Section == nil {
		q.Refuse("section", "required", "section and subsection go together")
	}
	if params.Subsection == nil {
		q.Refuse("subsection", "required", "section and subsection go together")
	}
	number := int(q.Number("subsection", params.Subsection, 1, domain.MaxNumber))
	if err := q.Err(); err != nil {
		return nil, err
	}
	return h.subsection(r, event, *params.Section, number)
}

func (h *handler) counts(r *http.Request, event ticketing.CatalogueEvent) (SeatCounts, error) {
	names := make([]string, len(event.Sections))
	for i, s := range event.Sections {
		names[i] = s.Layout.Name
	}
	counts, err := h.server.Counts(r.Context(), event.ID, names)
	if err != nil {
		return SeatCounts{}, errSeats
	}
	answer := SeatCounts{Sections: make([]SectionCounts, 0, len(counts))}
	for _, c := range counts {
		section := SectionCounts{Name: c.Section, Subsections: make([]SubsectionCounts, len(c.Subsections))}
		for i, s := range c.Subsections {
			section.Subsections[i] = SubsectionCounts{Number: s.Number, Available: s.Available, Reserved: s.Reserved, Sold: s.Sold}
		}
		answer.Sections = append(answer.Sections, section)
	}
	return answer, nil
}

func (h *handler) subsection(r *http.Request, event ticketing.CatalogueEvent, name string, number int) (SubsectionSeats, error) {
	section, _, ok := event.Section(name)
	if !ok {
		return SubsectionSeats{}, unknown("section")
	}
	if !section.Layout.HasSubsection(number) {
		return SubsectionSeats{}, unknown("subsection")
	}
	seats, found, err := h.server.Seats(r.Context(), event.ID, name, number)
	if err != nil || !found { // the layout has it, the journal is not read that far
		return SubsectionSeats{}, errSeats
	}
	answer := SubsectionSeats{Section: name, Subsection: number, Seats: make([]Seat, len(seats))}
	for i, s := range seats {
		answer.Seats[i] = Seat{SeatID: s.SeatID.String(), Status: SeatStatus(s.Status.String())}
	}
	return answer, nil
}

func unknown(parameter string) error {
	var q httpapi.Query
	q.Refuse(parameter, "unknown_"+parameter, "the event has no such "+parameter)
	return q.Err()
}
