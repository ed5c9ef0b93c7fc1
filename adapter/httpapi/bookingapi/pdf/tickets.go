package pdf

import (
	"bytes"
	"fmt"
	"io"
	"time"

	"codeberg.org/go-pdf/fpdf"

	"github.com/onsale-tickets/onsale/domain"
	"github.com/onsale-tickets/onsale/domain/booking"
	"github.com/onsale-tickets/onsale/domain/ticketing"
	"github.com/onsale-tickets/onsale/port"
)

// Tickets writes a page for each ticket of a booking that is paid. The fonts are
// embedded; a name that they cannot draw is left out.
func Tickets(w io.Writer, in Language, b booking.Booking, e ticketing.CatalogueEvent, holder string, signer port.TicketSigner) error {
	pdf := fpdf.New("P", "mm", "A5", "")
	pdf.SetTitle("Tickets "+b.ID.String(), true)
	pdf.SetCreator("Onsale", true)
	pdf.SetCreationDate(b.PaidAt)
	pdf.SetModificationDate(b.PaidAt)
	pdf.SetAutoPageBreak(false, 0)
	pdf.SetMargins(margin, margin, margin)
	pen := pen{pdf: pdf, has: map[string]bool{}}
	for _, seat := range b.Seats {
		if err := page(pen, in, b, e, holder, seat, signer); err != nil {
			return err
		}
	}
	return pdf.Output(w)
}

const margin = 14.0 // mm

func page(pen pen, in Language, b booking.Booking, e ticketing.CatalogueEvent, holder string, seat domain.SeatID, signer port.TicketSigner) error {
	pdf, line := pen.pdf, pen.line
	pdf.AddPage()
	pdf.SetY(16)
	line("B", 20, 9, e.Name)
	line("", 12, 7, e.VenueName)
	line("", 12, 7, in.when(e))
	pdf.Ln(6)
	line("B", 16, 9, in.block(seat))
	line("B", 16, 9, in.seat(seat))
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
	line("", 9, 5, fmt.Sprintf(in.ticket, ticket))
	line("", 9, 5, fmt.Sprintf(in.order, b.ID))
	return pdf.Error()
}

// when is the start as the hall's clocks show it.
func (l Language) when(e ticketing.CatalogueEvent) string {
	zone, err := time.LoadLocation(e.TimeZone)
	if err != nil {
		zone = time.UTC
	}
	return l.date(e.StartsAt.In(zone)) + " (" + zone.String() + ")"
}
