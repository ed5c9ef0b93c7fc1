package pdf

import (
	"fmt"
	"io"
	"strings"
	"time"
	"unicode/utf8"

	ics "github.com/arran4/golang-ical"

	"github.com/onsale-tickets/onsale/domain/booking"
	"github.com/onsale-tickets/onsale/domain/ticketing"
)

// Calendar writes the event of a booking as iCalendar (RFC 5545), with its seats in
// the description.
func Calendar(w io.Writer, in Language, b booking.Booking, e ticketing.CatalogueEvent, now time.Time) error {
	c := ics.NewCalendar()
	c.SetProductId("-//Onsale//Tickets//EN")
	c.SetMethod(ics.MethodPublish)
	entry := c.AddEvent("booking-" + b.ID.String() + "@onsale")
	entry.SetDtStampTime(now)
	entry.SetStartAt(e.StartsAt)
	entry.SetSequence(int(e.Revision))
	entry.SetSummary(e.Name)
	entry.SetLocation(e.VenueName)
	seats := make([]string, len(b.Seats))
	for i, s := range b.Seats {
		seats[i] = s.String()
	}
	entry.SetDescription(fmt.Sprintf(in.seats, strings.Join(seats, ", ")))
	_, err := io.WriteString(w, fold(unfolded(c)))
	return err
}

// unfolded returns the calendar with one line for each property.
func unfolded(c *ics.Calendar) string {
	text := strings.ReplaceAll(c.Serialize(), "\r\n", "\n")
	return strings.ReplaceAll(strings.ReplaceAll(text, "\n ", ""), "\n\t", "")
}

// fold breaks lines at 75 octets, but never within a rune. The library does not count
// octets that way.
func fold(text string) string {
	var out strings.Builder
	for line := range strings.Lines(text) {
		line = strings.TrimRight(line, "\r\n")
		room := 75
		for _, r := range line {
			if n := utf8.RuneLen(r); n > room {
				out.WriteString("\r\n ")
				room = 74 - n
			} else {
				room -= n
			}
			out.WriteRune(r)
		}
		out.WriteString("\r\n")
	}
	return out.String()
}
