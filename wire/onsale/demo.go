package onsale

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"time"

	"github.com/onsale-tickets/onsale/adapter/httpapi/client"
)

// The demo's accounts. They are no secret: whoever starts a demo reads them.
const (
	demoSeller   = "seller@demo.onsale"
	demoBuyer    = "buyer@demo.onsale"
	demoPassword = "onsale-demo"
)

// demo makes a seller, a buyer and an event of 50,000 seats, unless they are
// there, and says what to try.
func demo(ctx context.Context, url string, out io.Writer) error {
	c, err := client.NewClientWithResponses(url)
	if err != nil {
		return err
	}
	seller, err := demoSession(ctx, c, demoSeller, "The demo seller", client.RoleSeller)
	if err != nil {
		return err
	}
	if _, err := demoSession(ctx, c, demoBuyer, "The demo buyer", client.RoleBuyer); err != nil {
		return err
	}
	id, err := demoEvent(ctx, c, seller)
	if err != nil {
		return err
	}
	fmt.Fprintf(out, `
Try (password %s):
  buyer  %s
  seller %s

  curl -s %s/v1/events/%d
  TOKEN=$(curl -s %s/v1/sessions -d '{"email": "%s", "password": "%s"}' | sed 's/.*"token":"\([^"]*\)".*/\1/')
  curl -s %s/v1/bookings -H "Authorization: Bearer $TOKEN" -d '{"event_id": %d, "section": "A", "seat_selection_mode": "best_available", "quantity": 2}'
  curl -s %s/v1/bookings -H "Authorization: Bearer $TOKEN"
`, demoPassword, demoBuyer, demoSeller, url, id, url, demoBuyer, demoPassword, url, id, url)
	return nil
}

func demoSession(ctx context.Context, c *client.ClientWithResponses, email, name string, role client.Role) (token string, err error) {
	made, err := c.RegisterUserWithResponse(ctx, client.NewUser{Email: email, Password: demoPassword, Name: name, Role: role})
	if err != nil {
		return "", err
	}
	if made.StatusCode() != http.StatusCreated && made.StatusCode() != http.StatusConflict {
		return "", fmt.Errorf("register %s: %s", email, made.Status())
	}
	session, err := c.LogInWithResponse(ctx, client.Credentials{Email: email, Password: demoPassword})
	if err != nil {
		return "", err
	}
	if session.JSON200 == nil {
		return "", fmt.Errorf("log %s in: %s", email, session.Status())
	}
	return session.JSON200.Token, nil
}

// demoEvent answers the newest event of the demo seller, or makes one: ten
// sections of ten subsections, each 20 rows of 25 seats.
func demoEvent(ctx context.Context, c *client.ClientWithResponses, token string) (int64, error) {
	bearer := func(_ context.Context, r *http.Request) error {
		r.Header.Set("Authorization", "Bearer "+token)
		return nil
	}
	mine := true
	own, err := c.ListEventsWithResponse(ctx, &client.ListEventsParams{Mine: &mine}, bearer)
	if err != nil {
		return 0, err
	}
	if own.JSON200 == nil {
		return 0, errors.New("list events: " + own.Status())
	}
	if len(own.JSON200.Items) > 0 {
		return own.JSON200.Items[0].ID, nil
	}
	rows, perRow, zone := 20, 25, "Asia/Taipei"
	event := client.NewEvent{Name: "The on-sale", VenueName: "The demo arena", Currency: "TWD", TimeZone: &zone,
		StartsAt: time.Now().AddDate(0, 3, 0).UTC().Truncate(time.Hour), Seating: client.NewSeating{Rows: &rows, SeatsPerRow: &perRow}}
	for i := range 10 {
		section := client.NewSection{Name: string(rune('A' + i)), Price: int64(480000 - 40000*i), Subsections: []byte("10")}
		event.Seating.Sections = append(event.Seating.Sections, section)
	}
	made, err := c.CreateEventWithResponse(ctx, event, bearer)
	if err != nil {
		return 0, err
	}
	if made.JSON201 == nil {
		return 0, fmt.Errorf("create the event: %s %s", made.Status(), made.Body)
	}
	return made.JSON201.ID, nil
}
