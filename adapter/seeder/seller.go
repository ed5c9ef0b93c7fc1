package seeder

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"time"

	"github.com/onsale-tickets/onsale/adapter/httpapi/client"
	"github.com/onsale-tickets/onsale/domain"
	"github.com/onsale-tickets/onsale/port"
)

// Seller creates events over HTTP.
type Seller struct {
	api   *client.ClientWithResponses
	token string
}

var _ port.BenchEvents = (*Seller)(nil)

// BenchSeller logs a seller in at a server of event-ticketing-service, and
// registers the account first if there is none.
func BenchSeller(ctx context.Context, url string) (*Seller, error) {
	api, err := client.NewClientWithResponses(url)
	if err != nil {
		return nil, err
	}
	token, err := session(ctx, api, account{"seller@bench.onsale", DemoPassword, "The seller", client.RoleSeller})
	return &Seller{api, token}, err
}

// Create implements port.BenchEvents.
func (s *Seller) Create(ctx context.Context, h port.Hall) (domain.EventID, error) {
	event := client.NewEvent{Name: "Bench", VenueName: "The arena", Currency: "EUR", StartsAt: time.Now().AddDate(1, 0, 0).UTC(),
		Seating: client.NewSeating{Rows: &h.Rows, SeatsPerRow: &h.SeatsPerRow}}
	subsections := json.RawMessage(strconv.Itoa(h.Seats / h.Sections / (h.Rows * h.SeatsPerRow)))
	for i := range h.Sections {
		event.Seating.Sections = append(event.Seating.Sections, client.NewSection{Name: string(rune('A' + i)), Price: 5000, Subsections: subsections})
	}
	return s.create(ctx, event)
}

func (s *Seller) create(ctx context.Context, e client.NewEvent) (domain.EventID, error) {
	created, err := s.api.CreateEventWithResponse(ctx, e, s.authorize)
	if err != nil {
		return 0, err
	}
	if created.JSON201 == nil {
		return 0, fmt.Errorf("create the event: %s %s", created.Status(), created.Body)
	}
	return domain.EventID(created.JSON201.ID), nil
}

// newest returns the seller's newest event; ok is false if there is none.
func (s *Seller) newest(ctx context.Context) (id domain.EventID, ok bool, err error) {
	mine := true
	own, err := s.api.ListEventsWithResponse(ctx, &client.ListEventsParams{Mine: &mine}, s.authorize)
	if err != nil {
		return 0, false, err
	}
	if own.JSON200 == nil {
		return 0, false, errors.New("list events: " + own.Status())
	}
	if len(own.JSON200.Items) == 0 {
		return 0, false, nil
	}
	return domain.EventID(own.JSON200.Items[0].ID), true, nil
}

// Close closes the sale of an event.
func (s *Seller) Close(ctx context.Context, id domain.EventID) error {
	closed, err := s.api.CloseEventWithResponse(ctx, client.EventID(id), s.authorize)
	if err == nil && closed.JSON200 == nil {
		err = errors.New("close the event: " + closed.Status())
	}
	return err
}

func (s *Seller) authorize(_ context.Context, r *http.Request) error {
	r.Header.Set("Authorization", "Bearer "+s.token)
	return nil
}

type account struct {
	email, password, name string
	role                  client.Role
}

// session registers the account, unless it exists, and logs it in.
func session(ctx context.Context, api *client.ClientWithResponses, a account) (token string, err error) {
	registered, err := api.RegisterUserWithResponse(ctx, client.NewUser{Email: a.email, Password: a.password, Name: a.name, Role: a.role})
	if err != nil {
		return "", err
	}
	if code := registered.StatusCode(); code != http.StatusCreated && code != http.StatusConflict {
		return "", fmt.Errorf("register %s: %s", a.email, registered.Status())
	}
	opened, err := api.LogInWithResponse(ctx, client.Credentials{Email: a.email, Password: a.password})
	if err != nil {
		return "", err
	}
	if opened.JSON200 == nil {
		return "", fmt.Errorf("log in as %s: %s", a.email, opened.Status())
	}
	return opened.JSON200.Token, nil
}
