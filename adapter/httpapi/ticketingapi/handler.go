package ticketingapi

import (
	"log/slog"
	"net/http"

	"github.com/gorilla/mux"

	"github.com/onsale-tickets/onsale/adapter/httpapi"
	"github.com/onsale-tickets/onsale/domain"
	"github.com/onsale-tickets/onsale/domain/ticketing"
	"github.com/onsale-tickets/onsale/port"
	"github.com/onsale-tickets/onsale/usecase/account"
	usecase "github.com/onsale-tickets/onsale/usecase/ticketing"
)

// Uses has the use cases and ports of the routes.
type Uses struct {
	Register       *account.Register
	LogIn          *account.LogIn
	LogOut         *account.LogOut
	ChangePassword *account.ChangePassword
	CurrentUser    *account.CurrentUser
	CreateEvent    *usecase.CreateEvent
	ChangeEvent    *usecase.ChangeEvent
	OwnEvents      *usecase.OwnEvents
	Events         port.Events // for routes that anybody may read
	Catalogue      port.Catalogue
}

type handler struct {
	Uses
	sessions *httpapi.Sessions
	log      *slog.Logger
	proxies  Proxies
	layouts  layouts
}

// NewHandler returns the routes of event-ticketing-service.
func NewHandler(uses Uses, sessions *httpapi.Sessions, proxies Proxies, log *slog.Logger) http.Handler {
	h := &handler{Uses: uses, sessions: sessions, proxies: proxies, log: log}
	router := httpapi.NewRouter()
	router.HandleFunc("/v1/events/{id}/sales/stream", func(w http.ResponseWriter, r *http.Request) {
		h.streamSales(w, r, mux.Vars(r)["id"])
	}).Methods(http.MethodGet)
	return httpapi.Guard(HandlerWithOptions(h, GorillaServerOptions{
		BaseRouter: router, ErrorHandlerFunc: httpapi.BadParameter(log)}))
}

func (h *handler) respond(w http.ResponseWriter, r *http.Request, status int, body any, err error) {
	if err != nil {
		httpapi.WriteError(w, r, h.log, err)
		return
	}
	httpapi.WriteJSON(w, status, body)
}

func money(amount int64, c domain.Currency) Money {
	return Money{Amount: amount, Currency: Currency(c)}
}

func counts(c ticketing.Counts) Counts {
	return Counts{Available: c.Available, Reserved: c.Reserved, Sold: c.Sold}
}
