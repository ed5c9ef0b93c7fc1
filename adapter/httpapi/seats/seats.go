// Package seats serves the live seats of an event: GET /v1/events/{id}/seats.
package seats

import (
	"encoding/json"
	"net/http"
	"strconv"

	"github.com/gorilla/mux"

	"github.com/onsale-tickets/onsale/domain"
	"github.com/onsale-tickets/onsale/domain/ticketing"
	"github.com/onsale-tickets/onsale/port"
	"github.com/onsale-tickets/onsale/usecase/reservation"
)

// Handler answers from what this server has read of the journal.
type Handler struct {
	server    *reservation.Server
	catalogue port.Catalogue
}

// NewHandler makes the routes.
func NewHandler(server *reservation.Server, catalogue port.Catalogue) http.Handler {
	h := &Handler{server: server, catalogue: catalogue}
	router := mux.NewRouter()
	router.HandleFunc("/v1/events/{id}/seats", h.seats).Methods(http.MethodGet)
	return router
}

type subsectionCounts struct {
	Number    int `json:"number"`
	Available int `json:"available"`
	Reserved  int `json:"reserved"`
	Sold      int `json:"sold"`
}

type sectionCounts struct {
	Name        string             `json:"name"`
	Subsections []subsectionCounts `json:"subsections"`
}

type seatStatus struct {
	SeatID string `json:"seat_id"`
	Status string `json:"status"`
}

// seats answers the counts of all subsections, or the seats of one.
func (h *Handler) seats(w http.ResponseWriter, r *http.Request) {
	id, err := strconv.ParseInt(mux.Vars(r)["id"], 10, 64)
	if err != nil || id <= 0 {
		refuse(w, http.StatusNotFound, "event_not_found", "there is no such event")
		return
	}
	event, err := h.catalogue.Event(r.Context(), domain.EventID(id))
	if refusal, ok := domain.AsRefusal(err); ok {
		status := http.StatusServiceUnavailable
		if refusal.Kind == domain.NotFound {
			status = http.StatusNotFound
		}
		refuse(w, status, refusal.Code, refusal.Detail)
		return
	}
	query := r.URL.Query()
	if query.Has("section") || query.Has("subsection") {
		h.subsection(w, r, event, query.Get("section"), query.Get("subsection"))
		return
	}
	h.counts(w, r, event)
}

func (h *Handler) counts(w http.ResponseWriter, r *http.Request, event ticketing.CatalogueEvent) {
	names := make([]string, len(event.Sections))
	for i, s := range event.Sections {
		names[i] = s.Layout.Name
	}
	counts, err := h.server.Counts(r.Context(), event.ID, names)
	if err != nil {
		refuse(w, http.StatusServiceUnavailable, "seats_unavailable", "the seats cannot be read at present")
		return
	}
	answer := struct {
		Sections []sectionCounts `json:"sections"`
	}{Sections: []sectionCounts{}}
	for _, c := range counts {
		section := sectionCounts{Name: c.Section}
		for _, s := range c.Subsections {
			section.Subsections = append(section.Subsections, subsectionCounts(s))
		}
		answer.Sections = append(answer.Sections, section)
	}
	write(w, http.StatusOK, "application/json", answer)
}

func (h *Handler) subsection(w http.ResponseWriter, r *http.Request, event ticketing.CatalogueEvent, name, number string) {
	n, err := strconv.Atoi(number)
	if err != nil || name == "" {
		refuse(w, http.StatusBadRequest, "invalid_request", "section and subsection go together, subsection is a number")
		return
	}
	seats, found, err := h.server.Seats(r.Context(), event.ID, name, n)
	if err != nil {
		refuse(w, http.StatusServiceUnavailable, "seats_unavailable", "the seats cannot be read at present")
		return
	}
	if !found {
		refuse(w, http.StatusNotFound, "subsection_not_found", "the event has no such subsection")
		return
	}
	answer := struct {
		Section    string       `json:"section"`
		Subsection int          `json:"subsection"`
		Seats      []seatStatus `json:"seats"`
	}{name, n, make([]seatStatus, len(seats))}
	for i, s := range seats {
		answer.Seats[i] = seatStatus{SeatID: s.SeatID.String(), Status: s.Status.String()}
	}
	write(w, http.StatusOK, "application/json", answer)
}

// refuse writes a problem document (RFC 9457).
func refuse(w http.ResponseWriter, status int, code, detail string) {
	if status == http.StatusServiceUnavailable {
		w.Header().Set("Retry-After", "1")
	}
	write(w, status, "application/problem+json", map[string]any{
		"type": "about:blank", "title": http.StatusText(status), "status": status, "code": code, "detail": detail})
}

func write(w http.ResponseWriter, status int, contentType string, body any) {
	w.Header().Set("Content-Type", contentType)
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(body)
}
