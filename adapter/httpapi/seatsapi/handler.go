package seatsapi

import (
	"log/slog"
	"net/http"

	"github.com/onsale-tickets/onsale/adapter/httpapi"
	"github.com/onsale-tickets/onsale/domain"
	"github.com/onsale-tickets/onsale/domain/seating"
	"github.com/onsale-tickets/onsale/domain/ticketing"
	"github.com/onsale-tickets/onsale/port"
	"github.com/onsale-tickets/onsale/usecase/reservation"
)

// handler answers requests from what this server has read of the journal.
type handler struct {
	server    *reservation.Server
	catalogue port.Catalogue
	maps      port.SeatMaps
	log       *slog.Logger
}

// NewHandler makes the routes of seat-reservation-service.
func NewHandler(server *reservation.Server, catalogue port.Catalogue, maps port.SeatMaps, log *slog.Logger) http.Handler {
	h := &handler{server, catalogue, maps, log}
	router := httpapi.NewRouter()
	router.HandleFunc("/v1/events/{id}/seats/stream", h.streamSeats).Methods(http.MethodGet)
	return httpapi.Guard(HandlerWithOptions(h, GorillaServerOptions{BaseRouter: router, ErrorHandlerFunc: httpapi.BadParameter(log)}))
}

// errUnavailable is the refusal of every question about seats until all of them were
// read: an answer with sections missing would be wrong.
var errUnavailable = domain.Refuse(domain.Unavailable, "seats_unavailable", "the seats cannot be read at present")

// GetSeats returns the counts of all subsections, or the seats of one.
func (h *handler) GetSeats(w http.ResponseWriter, r *http.Request, id EventID, params GetSeatsParams) {
	answer, err := h.seats(r, id, params)
	if err != nil {
		httpapi.WriteError(w, r, h.log, err)
		return
	}
	httpapi.WriteJSON(w, http.StatusOK, answer)
}

func (h *handler) seats(r *http.Request, id EventID, params GetSeatsParams) (any, error) {
	event, err := h.event(r, id)
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
	part := partOf(&q, event, params.Section, params.Subsection)
	if err := q.Err(); err != nil {
		return nil, err
	}
	return h.subsection(r, event, part)
}

func (h *handler) event(r *http.Request, id EventID) (ticketing.CatalogueEvent, error) {
	n, ok := httpapi.PathID(id)
	if !ok {
		return ticketing.CatalogueEvent{}, httpapi.UnknownEvent
	}
	event, err := h.catalogue.Event(r.Context(), domain.EventID(n))
	if err == nil && event.Archived {
		return event, ticketing.NoLiveSeats
	}
	return event, err
}

// part is a part of an event: a section, or a subsection of it. Zero values mean all.
type part struct {
	section    string
	subsection int
}

func partOf(q *httpapi.Query, event ticketing.CatalogueEvent, section, subsection *string) part {
	p := part{subsection: int(q.Number("subsection", subsection, 1, domain.MaxNumber))}
	if section == nil {
		return p
	}
	p.section = *section
	s, _, ok := event.Section(p.section)
	switch {
	case !ok:
		q.Refuse("section", "unknown_section", "the event has no such section")
	case p.subsection != 0 && !s.Layout.HasSubsection(p.subsection):
		q.Refuse("subsection", "unknown_subsection", "the section has no such subsection")
	}
	return p
}

func (h *handler) counts(r *http.Request, event ticketing.CatalogueEvent) (SeatCounts, error) {
	counts, err := h.server.Counts(r.Context(), event.ID, names(event))
	if err != nil {
		return SeatCounts{}, errUnavailable
	}
	answer := SeatCounts{Sections: make([]SectionCounts, 0, len(counts))}
	for _, c := range counts {
		answer.Sections = append(answer.Sections, sectionCounts(c.Section, c.Subsections))
	}
	return answer, nil
}

func (h *handler) subsection(r *http.Request, event ticketing.CatalogueEvent, p part) (SubsectionSeats, error) {
	seats, err := h.server.Seats(r.Context(), event.ID, names(event), p.section, p.subsection)
	if err != nil {
		return SubsectionSeats{}, errUnavailable
	}
	answer := SubsectionSeats{Section: p.section, Subsection: p.subsection, Seats: make([]Seat, len(seats))}
	for i, s := range seats {
		answer.Seats[i] = Seat{SeatID: s.SeatID.String(), Status: SeatStatus(s.Status.String())}
	}
	return answer, nil
}

func names(event ticketing.CatalogueEvent) []string {
	out := make([]string, len(event.Sections))
	for i, s := range event.Sections {
		out[i] = s.Layout.Name
	}
	return out
}

func sectionCounts(name string, counts []seating.SubsectionCount) SectionCounts {
	section := SectionCounts{Name: name, Subsections: make([]SubsectionCounts, len(counts))}
	for i, s := range counts {
		section.Subsections[i] = SubsectionCounts{Number: s.Number, Available: s.Available, Reserved: s.Reserved, Sold: s.Sold}
	}
	return section
}
