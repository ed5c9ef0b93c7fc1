package paper

import (
	"bytes"
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"

	"codeberg.org/go-pdf/fpdf"

	"github.com/onsale-tickets/onsale/domain"
	"github.com/onsale-tickets/onsale/domain/booking"
	"github.com/onsale-tickets/onsale/domain/ticketing"
	"github.com/onsale-tickets/onsale/port"
)

// Tickets writes a page for each ticket of a booking that is paid. The fonts are
// embedded; a character that none of them has is drawn as a box.
func Tickets(w io.Writer, b booking.Booking, e ticketing.CatalogueEvent, holder string, signer port.TicketSigner) error {
	pdf := fpdf.New("P", "mm", "A5", "")
	pdf.SetTitle("Tickets "+b.ID.String(), true)
	pdf.SetCreator("Onsale", true)
	pdf.SetCreationDate(b.PaidAt)
	pdf.SetModificationDate(b.PaidAt)
	pdf.SetAutoPageBreak(false, 0)
	pdf.SetMargins(margin, margin, margin)
	pen := pen{pdf: pdf, has: map[string]bool{}}
	for _, seat := range b.Seats {
		if err := page(pen, b, e, holder, seat, signer); err != nil {
			return err
		}
	}
	return pdf.Output(w)
}

const margin = 14.0 // mm

func page(pen pen, b booking.Booking, e ticketing.CatalogueEvent, holder string, seat domain.SeatID, signer port.TicketSigner) error {
	pdf, line := pen.pdf, pen.line
	pdf.AddPage()
	pdf.SetY(16)
	line("B", 20, 9, e.Name)
	line("", 12, 7, e.VenueName)
	line("", 12, 7, when(e))
	pdf.Ln(6)
	line("B", 16, 9, fmt.Sprintf("Section %s · Subsection %d", seat.Section, seat.Subsection))
	line("B", 16, 9, fmt.Sprintf("Row %d · Seat %d", seat.Row, seat.Seat))
	pdf.Ln(4)
	line("", 11, 6, b.UnitPrice.Decimal()+" "+string(b.UnitPrice.Currency))
	line("", 11, 6, holder)
	ticket := domain.TicketID(b.EventID, seat)
	code, err := codeOf(b, seat, signer)
	if err != nil {
		return err
	}
	pdf.RegisterImageOptionsReader(ticket, fpdf.ImageOptions{ImageType: "PNG"}, bytes.NewReader(code.PNG()))
	pdf.ImageOptions(ticket, margin, 128, 50, 50, false, fpdf.ImageOptions{ImageType: "PNG"}, 0, "")
	pdf.SetY(182)
	line("", 9, 5, "Ticket "+ticket)
	line("", 9, 5, "Booking "+b.ID.String())
	return pdf.Error()
}

// when is the start as the hall's clocks show it.
func when(e ticketing.CatalogueEvent) string {
	zone, err := time.LoadLocation(e.TimeZone)
	if err != nil {
		zone = time.UTC
	}
	at := e.StartsAt.In(zone)
	return strings.Join([]string{at.Weekday().String(), strconv.Itoa(at.Day()), at.Month().String(), strconv.Itoa(at.Year()), at.Format("15:04"), "(" + zone.String() + ")"}, " ")
}
