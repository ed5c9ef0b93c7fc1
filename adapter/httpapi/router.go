package httpapi

import (
	"log/slog"
	"net/http"

	"github.com/gorilla/mux"

	"github.com/onsale-tickets/onsale/domain"
)

// NewRouter has answers for what is no route, and counts what it answers.
func NewRouter() *mux.Router {
	router := mux.NewRouter()
	router.NotFoundHandler, router.MethodNotAllowedHandler = NotFound, MethodNotAllowed
	router.Use(measured)
	return router
}

// BadParameter answers a parameter that the generated server could not read:
// one that is there twice, or is no text.
func BadParameter(log *slog.Logger) func(http.ResponseWriter, *http.Request, error) {
	return func(w http.ResponseWriter, r *http.Request, err error) {
		WriteError(w, r, log, domain.Refuse(domain.Invalid, "invalid_request", err.Error()))
	}
}

// Unknown are the refusals of ids in the path.
var (
	UnknownEvent   = domain.Refuse(domain.NotFound, "event_not_found", "there is no such event")
	UnknownSection = domain.Refuse(domain.NotFound, "section_not_found", "the event has no such section")
	UnknownTicket  = domain.Refuse(domain.NotFound, "ticket_not_found", "the booking has no such ticket")
)
