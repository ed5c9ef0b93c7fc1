package httpapi

import (
	"log/slog"
	"net/http"
	"strings"

	"github.com/gorilla/mux"

	"github.com/onsale-tickets/onsale/domain"
	"github.com/onsale-tickets/onsale/domain/ticketing"
)

// NewRouter returns a router that responds to unknown routes and methods with a
// problem document, and measures the others.
func NewRouter() *mux.Router {
	router := mux.NewRouter()
	router.NotFoundHandler = http.HandlerFunc(notFound)
	router.MethodNotAllowedHandler = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Allow", strings.Join(allowed(router, r), ", "))
		writeProblem(w, problem{Status: http.StatusMethodNotAllowed, Code: "method_not_allowed", Detail: "this route has other methods; see the header Allow"})
	})
	router.Use(measured)
	return router
}

var methods = []string{http.MethodGet, http.MethodHead, http.MethodPost, http.MethodPut, http.MethodPatch, http.MethodDelete, http.MethodOptions}

// allowed returns the methods that the path of a request has.
func allowed(router *mux.Router, r *http.Request) []string {
	var out []string
	for _, method := range methods {
		try := *r
		try.Method = method
		var match mux.RouteMatch
		if router.Match(&try, &match) && match.MatchErr == nil {
			out = append(out, method)
		}
	}
	return out
}

func notFound(w http.ResponseWriter, _ *http.Request) {
	writeProblem(w, problem{Status: http.StatusNotFound, Code: "not_found", Detail: "there is no such route"})
}

// BadParameter refuses a parameter that the generated server could not read,
// for example one that was sent twice.
func BadParameter(log *slog.Logger) func(http.ResponseWriter, *http.Request, error) {
	return func(w http.ResponseWriter, r *http.Request, err error) {
		WriteError(w, r, log, domain.Refuse(domain.Invalid, "invalid_request", err.Error()))
	}
}

// Refusals of ids in a path.
var (
	UnknownEvent   = ticketing.UnknownEvent
	UnknownSection = ticketing.UnknownSection
	UnknownTicket  = domain.Refuse(domain.NotFound, "ticket_not_found", "the booking has no such ticket")
)
