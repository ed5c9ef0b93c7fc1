package seeder

import (
	"context"
	"time"

	"github.com/onsale-tickets/onsale/adapter/httpapi/client"
	"github.com/onsale-tickets/onsale/domain"
)

// The accounts of the demo. They are not secret: `onsale up` prints them.
const (
	DemoSeller   = "seller@demo.onsale"
	DemoBuyer    = "buyer@demo.onsale"
	DemoPassword = "onsale-demo"
)

// Demo creates the demo's seller, buyer and event of 50,000 seats, unless they
// exist. It returns the seller's newest event.
func Demo(ctx context.Context, url string) (domain.EventID, error) {
	api, err := client.NewClientWithResponses(url)
	if err != nil {
		return 0, err
	}
	token, err := session(ctx, api, account{DemoSeller, DemoPassword, "The demo seller", client.RoleSeller})
	if err != nil {
		return 0, err
	}
	if _, err := session(ctx, api, account{DemoBuyer, DemoPassword, "The demo buyer", client.RoleBuyer}); err != nil {
		return 0, err
	}
	seller := &Seller{api, token}
	if id, ok, err := seller.newest(ctx); err != nil || ok {
		return id, err
	}
	return seller.create(ctx, demoEvent(time.Now()))
}

// demoEvent has ten sections of ten subsections, each with 20 rows of 25 seats. It
// begins at eight in the evening in Taipei, which is 12:00 UTC all year.
func demoEvent(now time.Time) client.NewEvent {
	rows, perRow, zone := 20, 25, "Asia/Taipei"
	year, month, day := now.UTC().AddDate(0, 3, 0).Date()
	event := client.NewEvent{Name: "The on-sale", VenueName: "The demo arena", Currency: "TWD", TimeZone: &zone,
		StartsAt: time.Date(year, month, day, 12, 0, 0, 0, time.UTC), Seating: client.NewSeating{Rows: &rows, SeatsPerRow: &perRow}}
	for i := range 10 {
		section := client.NewSection{Name: string(rune('A' + i)), Price: int64(480000 - 40000*i), Subsections: []byte("10")}
		event.Seating.Sections = append(event.Seating.Sections, section)
	}
	return event
}
