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

// Places on a page of A5, in millimetres.
const (
	pageWidth = 148.0
	margin    = 14.0
	textTop   = 16.0
	textEnd   = 125.0 // the code begins below
	codeTop   = 128.0
	codeSide  = 50.0
	footTop   = 182.0
	footEnd   = 200.0
)

// Tickets writes one page for each ticket of a paid booking. The fonts are embedded.
// A name that they cannot draw is left out; a long name gets a smaller type.
func Tickets(w io.Writer, in Language, b booking.Booking, e ticketing.CatalogueEvent, holder string, signer port.TicketSigner) error {
	d := document{fpdf.New("P", "mm", "A5", ""), map[string]bool{}}
	d.SetTitle("Tickets "+b.ID.String(), true)
	d.SetCreator("Onsale", true)
	d.SetCreationDate(b.PaidAt)
	d.SetModificationDate(b.PaidAt)
	d.SetAutoPageBreak(false, 0)
	for _, seat := range b.Seats {
		if err := d.ticket(in, b, e, holder, seat, signer); err != nil {
			return err
		}
	}
	return d.Output(w)
}

func (d document) ticket(in Language, b booking.Booking, e ticketing.CatalogueEvent, holder string, seat domain.SeatID, signer port.TicketSigner) error {
	d.AddPage()
	ticket := domain.TicketID(b.EventID, seat)
	for _, part := range []struct {
		paragraphs []paragraph
		top, end   float64
	}{
		{[]paragraph{
			{text: e.Name, style: "B", size: 20, height: 9, mayShrink: true},
			{text: e.VenueName, size: 12, height: 7, mayShrink: true},
			{text: in.when(e), size: 12, height: 7},
			{text: in.block(seat), style: "B", size: 16, height: 9, before: 6},
			{text: in.seat(seat), style: "B", size: 16, height: 9},
			{text: b.UnitPrice.Decimal() + " " + string(b.UnitPrice.Currency), size: 11, height: 6, before: 4},
			{text: holder, size: 11, height: 6, mayShrink: true},
		}, textTop, textEnd},
		{[]paragraph{
			{text: fmt.Sprintf(in.ticket, ticket), size: 9, height: 5},
			{text: fmt.Sprintf(in.order, b.ID), size: 9, height: 5},
		}, footTop, footEnd},
	} {
		lines, err := d.fit(part.paragraphs, pageWidth-2*margin, part.end-part.top)
		if err != nil {
			return err
		}
		d.write(lines, margin, part.top)
	}
	code, err := codeOf(b, seat, signer)
	if err != nil {
		return err
	}
	png := fpdf.ImageOptions{ImageType: "PNG"}
	d.RegisterImageOptionsReader(ticket, png, bytes.NewReader(code.PNG()))
	d.ImageOptions(ticket, margin, codeTop, codeSide, codeSide, false, png, 0, "")
	return d.Error()
}

// when is the start of an event as the clocks at the venue show it. In the hour that
// they show twice, at the end of daylight saving time, it has the offset from UTC.
func (l Language) when(e ticketing.CatalogueEvent) string {
	zone, err := time.LoadLocation(e.TimeZone)
	if err != nil {
		zone = time.UTC
	}
	at, name := e.StartsAt.In(zone), zone.String()
	if shownTwice(at) {
		name += at.Format(", UTC-07:00")
	}
	return l.date(at) + " (" + name + ")"
}

// shownTwice reports whether the clocks at at's location show its time at another
// instant too.
func shownTwice(at time.Time) bool {
	_, offset := at.Zone()
	for _, day := range []time.Duration{-24 * time.Hour, 24 * time.Hour} {
		_, near := at.Add(day).Zone()
		other := at.Add(time.Duration(offset-near) * time.Second)
		if _, is := other.Zone(); is == near && near != offset {
			return true
		}
	}
	return false
}
