package bookingapi

import (
	"log/slog"
	"net/http"

	"github.com/onsale-tickets/onsale/adapter/httpapi"
	"github.com/onsale-tickets/onsale/port"
	usecase "github.com/onsale-tickets/onsale/usecase/booking"
)

// Uses are the use cases and ports behind the routes.
type Uses struct {
	Accept   *usecase.AcceptBooking
	Pay      *usecase.PayBooking
	Cancel   *usecase.CancelBooking
	Get      *usecase.GetBooking
	Tickets  *usecase.GetTickets
	Bookings port.Bookings // the buyer's history
	Clock    port.Clock
	Streams  port.BookingStreams
	Signer   port.TicketSigner
}

type handler struct {
	Uses
	sessions *httpapi.Sessions
	log      *slog.Logger
	alone    *alone
}

// NewHandler makes the routes of booking-service.
func NewHandler(uses Uses, sessions *httpapi.Sessions, log *slog.Logger) http.Handler {
	h := &handler{uses, sessions, log, &alone{}}
	h.alone.complete = func() bool { return h.Streams.Complete() }
	router := httpapi.NewRouter()
	router.HandleFunc("/v1/bookings/stream", h.streamBookings).Methods(http.MethodGet) // before /v1/bookings/{id}
	return httpapi.Guard(HandlerWithOptions(h, GorillaServerOptions{
		BaseRouter: router, ErrorHandlerFunc: httpapi.BadParameter(log)}))
}

func (h *handler) answer(w http.ResponseWriter, r *http.Request, body any, err error) {
	if err != nil {
		httpapi.WriteError(w, r, h.log, err)
		return
	}
	httpapi.WriteJSON(w, http.StatusOK, body)
}
