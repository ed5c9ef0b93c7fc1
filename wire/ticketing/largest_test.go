package ticketing

import (
	"encoding/json"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/onsale-tickets/onsale/adapter/timezones"
	"github.com/onsale-tickets/onsale/domain/ticketing"
)

// No hall that can be created is too large for the brokers: what its catalogue
// record is made of is at its worst here, each seat in a row of its own, with
// numbers and names as long as they may be.
func TestLargestHallFitsIntoARecord(t *testing.T) {
	const most = 4 << 20
	price, one, nine := int64(10_000_000_000), 1, 9999
	n := ticketing.NewEvent{Name: strings.Repeat("\U0001F3AB", 128), VenueName: strings.Repeat("<", 128), Description: strings.Repeat("<", ticketing.MaxDescription),
		StartsAt: "2100-01-01T00:00:00.123456Z", TimeZone: "America/Argentina/ComodRivadavia", Currency: "TWD"}
	n.Seating.SeatsPerRow = &one
	seats, subsections := ticketing.MaxSeats, ticketing.MaxSubsections
	rowsSent := (2 << 20) / len(`{"row":9999,"seats":[9999]},`) // a body holds no more rows one by one
	for i := range ticketing.MaxSections {
		s := ticketing.NewSection{Name: strconv.Itoa(10_000_000 + i), Price: &price}
		for sub := range subsections / ticketing.MaxSections {
			number := 9999 - subsections/ticketing.MaxSections + sub + 1
			rows := seats / subsections
			is := ticketing.NewSubsection{Number: &number, Grid: ticketing.Grid{Rows: &rows, SeatsPerRow: &one}}
			if rowsSent >= rows {
				is.Grid = ticketing.Grid{}
				for r := range rows {
					at := nine - rows + r + 1
					is.Rows = append(is.Rows, ticketing.NewRow{Number: &at, Seats: []int{9999}})
				}
				rowsSent -= rows
			}
			s.Subsections = append(s.Subsections, is)
		}
		n.Seating.Sections = append(n.Seating.Sections, s)
	}
	e, err := n.Validated(time.Now(), timezones.Known)
	if err != nil {
		t.Fatal(err)
	}
	e.ID, e.SellerID, e.SellerName, e.Revision, e.CreatedAt = 1<<53, 1<<53, strings.Repeat("<", 128), 1<<53, time.Now()

	record, err := json.Marshal(e)

	if err != nil || e.SeatCount() != ticketing.MaxSeats {
		t.Fatalf("%d seats: %v", e.SeatCount(), err)
	}
	t.Logf("%d bytes", len(record))
	if len(record) > most*9/10 { // the rest is for what is added one day
		t.Errorf("a record of %d bytes, the brokers take %d", len(record), most)
	}
}
