package bookingapi

import (
	"bytes"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/onsale-tickets/onsale/adapter/httpapi"
	"github.com/onsale-tickets/onsale/adapter/httpapi/bookingapi/pdf"
	"github.com/onsale-tickets/onsale/domain"
	"github.com/onsale-tickets/onsale/domain/account"
	"github.com/onsale-tickets/onsale/domain/booking"
	"github.com/onsale-tickets/onsale/domain/ticketing"
)

// GetTicketsPDF returns the tickets of a booking that is paid.
func (h *handler) GetTicketsPDF(w http.ResponseWriter, r *http.Request, id BookingID, in GetTicketsPDFParams) {
	h.document(w, r, id, in.Lang, "application/pdf", "tickets.pdf", func(out *bytes.Buffer, lang pdf.Language, b booking.Booking, e ticketing.CatalogueEvent, holder string) error {
		return pdf.Tickets(out, lang, b, e, holder, h.Signer)
	})
}

// GetTicketCode returns the QR code of one ticket of a booking that is paid.
func (h *handler) GetTicketCode(w http.ResponseWriter, r *http.Request, id BookingID, seatID string) {
	h.document(w, r, id, nil, "image/svg+xml", "", func(out *bytes.Buffer, _ pdf.Language, b booking.Booking, _ ticketing.CatalogueEvent, _ string) error {
		seat, err := domain.ParseSeatID(seatID)
		if err != nil || !slices.Contains(b.Seats, seat) {
			return httpapi.UnknownTicket
		}
		return pdf.Code(out, b, seat, h.Signer)
	})
}

// GetCalendar returns the date of a booking that is paid as a calendar entry.
func (h *handler) GetCalendar(w http.ResponseWriter, r *http.Request, id BookingID, in GetCalendarParams) {
	h.document(w, r, id, in.Lang, "text/calendar; charset=utf-8", "calendar.ics", func(out *bytes.Buffer, lang pdf.Language, b booking.Booking, e ticketing.CatalogueEvent, _ string) error {
		return pdf.Calendar(out, lang, b, e, time.Now())
	})
}

// language reads the language of a document.
func language(tag *string) (pdf.Language, error) {
	if tag == nil {
		return pdf.English, nil
	}
	var q httpapi.Query
	in, ok := pdf.Languages[*tag]
	if !ok {
		q.Refuse("lang", "invalid", "one of "+strings.Join(slices.Sorted(maps.Keys(pdf.Languages)), ", "))
	}
	return in, q.Err()
}

// document responds with what write writes. A name makes it a download.
func (h *handler) document(w http.ResponseWriter, r *http.Request, id BookingID, tag *string, contentType, name string,
	write func(*bytes.Buffer, pdf.Language, booking.Booking, ticketing.CatalogueEvent, string) error) {
	var out bytes.Buffer
	err := func() error {
		buyer, err := h.sessions.As(r, account.Buyer)
		if err != nil {
			return err
		}
		known, err := bookingID(id)
		if err != nil {
			return err
		}
		lang, err := language(tag)
		if err != nil {
			return h.orUnknown(r, buyer, known, err)
		}
		b, e, err := h.Tickets.Handle(r.Context(), buyer.User, known)
		if err != nil {
			return err
		}
		return write(&out, lang, b, e, buyer.Name)
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
