package bookingapi

import (
	"bytes"
	"net/http"
	"slices"
	"strconv"
	"time"

	"github.com/onsale-tickets/onsale/adapter/httpapi"
	"github.com/onsale-tickets/onsale/adapter/httpapi/bookingapi/paper"
	"github.com/onsale-tickets/onsale/domain"
	"github.com/onsale-tickets/onsale/domain/account"
	"github.com/onsale-tickets/onsale/domain/booking"
	"github.com/onsale-tickets/onsale/domain/ticketing"
)

// GetTicketsPDF answers the tickets of a booking that is paid.
func (h *handler) GetTicketsPDF(w http.ResponseWriter, r *http.Request, id BookingID) {
	h.paper(w, r, id, "application/pdf", "tickets.pdf", func(out *bytes.Buffer, b booking.Booking, e ticketing.CatalogueEvent, holder string) error {
		return paper.Tickets(out, b, e, holder, h.Signer)
	})
}

// GetTicketCode answers the code of one ticket of a booking that is paid.
func (h *handler) GetTicketCode(w http.ResponseWriter, r *http.Request, id BookingID, seatID string) {
	h.paper(w, r, id, "image/svg+xml", "", func(out *bytes.Buffer, b booking.Booking, _ ticketing.CatalogueEvent, _ string) error {
		seat, err := domain.ParseSeatID(seatID)
		if err != nil || !slices.Contains(b.Seats, seat) {
			return httpapi.UnknownTicket
		}
		return paper.Code(out, b, seat, h.Signer)
	})
}

// GetCalendar answers the date of a booking that is paid.
func (h *handler) GetCalendar(w http.ResponseWriter, r *http.Request, id BookingID) {
	h.paper(w, r, id, "text/calendar; charset=utf-8", "calendar.ics", func(out *bytes.Buffer, b booking.Booking, e ticketing.CatalogueEvent, _ string) error {
		return paper.Calendar(out, b, e, time.Now())
	})
}

// paper answers what write writes, to be kept under a name, if there is one.
func (h *handler) paper(w http.ResponseWriter, r *http.Request, id BookingID, contentType, name string,
	write func(*bytes.Buffer, booking.Booking, ticketing.CatalogueEvent, string) error) {
	var out bytes.Buffer
	err := func() error {
		buyer, err := h.sessions.As(r, account.Buyer)
		if err != nil {
			return err
		}
		b, err := h.own(r, buyer, id)
		if err != nil {
			return err
		}
		if err := b.RefuseTickets(); err != nil {
			return err
		}
		e, err := h.Catalogue.Event(r.Context(), b.EventID)
		if err != nil {
			return err
		}
		return write(&out, b, e, buyer.Name)
	}()
	if err != nil {
		httpapi.WriteError(w, r, h.log, err)
		return
	}
	header := w.Header()
	header.Set("Content-Type", contentType)
	if name != "" {
		header.Set("Content-Disposition", `attachment; filename="`+name+`"`)
	}
	header.Set("Content-Length", strconv.Itoa(out.Len()))
	header.Set("Cache-Control", "no-store")
	header.Set("X-Content-Type-Options", "nosniff")
	_, _ = w.Write(out.Bytes())
}
