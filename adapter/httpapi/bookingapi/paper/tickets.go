package paper

import (
	"bytes"
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"

	"codeberg.org/go-pdf/fpdf"
	"golang.org/x/image/font/gofont/gobold"
	"golang.org/x/image/font/gofont/goregular"
	"golang.org/x/image/font/sfnt"

	"github.com/onsale-tickets/onsale/domain"
	"github.com/onsale-tickets/onsale/domain/booking"
	"github.com/onsale-tickets/onsale/domain/ticketing"
	"github.com/onsale-tickets/onsale/port"
)

const font = "go"

// Tickets writes a page for each ticket of a booking that is paid. The font is
// embedded; a name that it cannot draw is left out.
func Tickets(w io.Writer, b booking.Booking, e ticketing.CatalogueEvent, holder string, signer port.TicketSigner) error {
	pdf := fpdf.New("P", "mm", "A5", "")
	pdf.SetTitle("Tickets "+b.ID.String(), true)
	pdf.SetCreator("Onsale", true)
	pdf.SetCreationDate(b.PaidAt)
	pdf.SetModificationDate(b.PaidAt)
	pdf.SetAutoPageBreak(false, 0)
	pdf.AddUTF8FontFromBytes(font, "", goregular.TTF)
	pdf.AddUTF8FontFromBytes(font, "B", gobold.TTF)
	for _, seat := range b.Seats {
		if err := page(pdf, b, e, holder, seat, signer); err != nil {
			return err
		}
	}
	return pdf.Output(w)
}

func page(pdf *fpdf.Fpdf, b booking.Booking, e ticketing.CatalogueEvent, holder string, seat domain.SeatID, signer port.TicketSigner) error {
	const left, width = 14.0, 120.0
	pdf.AddPage()
	pdf.SetXY(left, 16)
	line := func(style string, size, height float64, text string) {
		if !drawable(text) {
			return
		}
		pdf.SetX(left)
		pdf.SetFont(font, style, size)
		pdf.MultiCell(width, height, text, "", "L", false)
	}
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
	pdf.ImageOptions(ticket, left, 128, 50, 50, false, fpdf.ImageOptions{ImageType: "PNG"}, 0, "")
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

// drawable tells whether the font has every character of a text.
func drawable(text string) bool {
	var buffer sfnt.Buffer
	for _, r := range text {
		if i, err := glyphs.GlyphIndex(&buffer, r); err != nil || i == 0 {
			return false
		}
	}
	return text != ""
}

var glyphs = func() *sfnt.Font {
	f, err := sfnt.Parse(goregular.TTF)
	if err != nil { // it is compiled in
		panic(err)
	}
	return f
}()
