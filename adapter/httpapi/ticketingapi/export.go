package ticketingapi

import (
	"encoding/csv"
	"net/http"
	"strconv"
	"strings"

	"github.com/onsale-tickets/onsale/adapter/httpapi"
	"github.com/onsale-tickets/onsale/domain"
	"github.com/onsale-tickets/onsale/domain/ticketing"
	"github.com/onsale-tickets/onsale/port"
)

// exportPage is how many tickets are read at once.
const exportPage = 2000

var exportHeader = []string{"ticket_id", "seat_id", "section", "subsection", "row", "seat", "price", "currency", "status",
	"booking_id", "holder_id", "holder_name", "holder_email"}

// ExportTickets streams all tickets as CSV (RFC 4180): prices as people write
// them.
func (h *handler) ExportTickets(w http.ResponseWriter, r *http.Request, id EventID) {
	e, err := h.ownEvent(r, id)
	var page []ticketing.Listed
	f := port.TicketFilter{Limit: exportPage}
	if err == nil {
		page, err = h.Tickets.List(r.Context(), e.ID, f) // a fault is told while it still can be
	}
	if err != nil {
		httpapi.WriteError(w, r, h.log, err)
		return
	}
	header := w.Header()
	header.Set("Content-Type", "text/csv; charset=utf-8")
	header.Set("Content-Disposition", `attachment; filename="tickets-`+e.ID.String()+`.csv"`)
	header.Set("Cache-Control", "no-store")
	header.Set("X-Content-Type-Options", "nosniff")
	_, _ = w.Write([]byte("\uFEFF")) // for spreadsheets
	out := csv.NewWriter(w)
	out.UseCRLF = true
	_ = out.Write(exportHeader)
	for {
		for _, t := range page {
			_ = out.Write(exportRow(e, t))
		}
		out.Flush()
		if out.Error() != nil {
			return // the reader is gone
		}
		if len(page) < f.Limit {
			return
		}
		f.After = page[len(page)-1].Seat
		if page, err = h.Tickets.List(r.Context(), e.ID, f); err != nil {
			h.log.Error("an export ends early", "event_id", int64(e.ID), "error", err)
			panic(http.ErrAbortHandler) // the connection breaks: half a file must not look whole
		}
	}
}

func exportRow(e ticketing.Event, t ticketing.Listed) []string {
	row := []string{domain.TicketID(e.ID, t.Seat), t.Seat.String(), t.Seat.Section, strconv.Itoa(t.Seat.Subsection), strconv.Itoa(t.Seat.Row),
		strconv.Itoa(t.Seat.Seat), domain.Money{Amount: t.Price, Currency: e.Currency}.Decimal(), string(e.Currency), t.Status.String(), "", "", "", ""}
	if t.Status != ticketing.Available {
		row[9], row[10], row[11], row[12] = t.BookingID.String(), t.HolderID.String(), harmless(t.HolderName), harmless(t.HolderEmail)
	}
	return row
}

// harmless keeps a spreadsheet from taking text for a formula.
func harmless(text string) string {
	if text != "" && strings.ContainsRune("=+-@\t\r", rune(text[0])) {
		return "'" + text
	}
	return text
}
