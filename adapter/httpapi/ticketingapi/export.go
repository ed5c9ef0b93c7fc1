package ticketingapi

import (
	"encoding/csv"
	"net/http"
	"regexp"
	"strconv"

	"github.com/onsale-tickets/onsale/adapter/httpapi"
	"github.com/onsale-tickets/onsale/domain"
	"github.com/onsale-tickets/onsale/domain/ticketing"
	"github.com/onsale-tickets/onsale/port"
	usecase "github.com/onsale-tickets/onsale/usecase/ticketing"
)

// exportPage is the number of tickets of one read.
const exportPage = 2000

var exportHeader = []string{"ticket_id", "seat_id", "section", "subsection", "row", "seat", "price", "currency", "status",
	"booking_id", "holder_id", "holder_name", "holder_email"}

// ExportTickets streams the tickets of a seller's event as CSV (RFC 4180), with
// prices in the major unit of the currency.
//
// It reads pages of exportPage tickets in layout order, each by a statement of its
// own, and holds neither a statement nor a connection while it waits for the
// reader. Each ticket is in the file exactly once, as it was when its page was
// read.
func (h *handler) ExportTickets(w http.ResponseWriter, r *http.Request, id EventID, params ExportTicketsParams) {
	e, page, f, err := h.firstTickets(r, id, params) // before the header, so that a refusal can still be sent
	if err != nil {
		httpapi.WriteError(w, r, h.log, err)
		return
	}
	header := w.Header()
	header.Set("Content-Type", "text/csv; charset=utf-8")
	header.Set("Content-Disposition", `attachment; filename="tickets-`+e.ID.String()+`.csv"`)
	header.Set("Cache-Control", "no-store")
	header.Set("X-Content-Type-Options", "nosniff")
	download := httpapi.NewDownload(w)
	_, _ = download.Write([]byte("\uFEFF")) // spreadsheets need the byte order mark to read UTF-8
	out := csv.NewWriter(download)
	out.UseCRLF = true
	_ = out.Write(exportHeader)
	for {
		for _, t := range page {
			_ = out.Write(exportRow(e.Event, t))
		}
		out.Flush()
		if out.Error() != nil {
			return // the reader is gone
		}
		if len(page) < f.Limit {
			return
		}
		f.After = page[len(page)-1].Seat
		if page, err = e.Tickets(r.Context(), f); err != nil {
			h.log.Error("export ended early", "event_id", int64(e.ID), "error", err)
			panic(http.ErrAbortHandler) // breaks the connection, so that nobody takes the part for the whole
		}
	}
}

func (h *handler) firstTickets(r *http.Request, id EventID, params ExportTicketsParams) (usecase.OwnEvent, []ticketing.Listed, port.TicketFilter, error) {
	e, err := h.ownEvent(r, id)
	if err != nil {
		return e, nil, port.TicketFilter{}, err
	}
	var q httpapi.Query
	f := ticketFilter(&q, e.Event, params.Section, params.Subsection, params.Status)
	f.Limit = exportPage
	if err := q.Err(); err != nil {
		return e, nil, f, err
	}
	page, err := e.Tickets(r.Context(), f)
	return e, page, f, err
}

func exportRow(e ticketing.Event, t ticketing.Listed) []string {
	row := []string{domain.TicketID(e.ID, t.Seat), t.Seat.String(), t.Seat.Section, strconv.Itoa(t.Seat.Subsection), strconv.Itoa(t.Seat.Row),
		strconv.Itoa(t.Seat.Seat), domain.Money{Amount: t.Price, Currency: e.Currency}.Decimal(), string(e.Currency), t.Status.String(), "", "", "", ""}
	if t.Status != ticketing.Available {
		row[9], row[10], row[11], row[12] = t.BookingID.String(), t.HolderID.String(), escapeFormulas(t.HolderName), escapeFormulas(t.HolderEmail)
	}
	return row
}

// formulas matches the characters that make a spreadsheet take text for a
// formula: at the start of a cell, and after what some spreadsheets take for the
// end of a cell.
var formulas = regexp.MustCompile(`(^|[;\r\n])([=+\-@\t\r])`)

// escapeFormulas puts ' before each character that could start a formula.
func escapeFormulas(text string) string {
	return formulas.ReplaceAllString(text, "$1'$2")
}
