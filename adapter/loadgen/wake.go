package loadgen

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"

	"github.com/onsale-tickets/onsale/port"
)

// Wake implements port.Load.
func (l Load) Wake(ctx context.Context, s port.Sale, token string, seats int) error {
	url := l.BookingURLs[0] + "/v1/bookings"
	body := fmt.Sprintf(`{"event_id": %d, "section": %q, "seat_selection_mode": "best_available", "quantity": 1}`, s.Event, s.Sections[0])
	booking, err := asBuyer(ctx, http.MethodPost, url, token, body)
	if err != nil {
		return fmt.Errorf("wake event %d: %w", s.Event, err)
	}
	url += "/" + booking.ID
	wait := patient[string](l.patience())
	for booking.Status == "processing" {
		if wait.lost(booking.Status) {
			return fmt.Errorf("wake event %d: its first booking is processed for more than %s", s.Event, wait.limit)
		}
		select {
		case <-time.After(lookEvery):
		case <-ctx.Done():
			return ctx.Err()
		}
		if booking, err = asBuyer(ctx, http.MethodGet, url, token, ""); err != nil {
			return fmt.Errorf("wake event %d: %w", s.Event, err)
		}
	}
	if _, err := asBuyer(ctx, http.MethodPost, url+"/cancellation", token, ""); err != nil {
		return fmt.Errorf("wake event %d: its first booking is %s: %w", s.Event, booking.Status, err)
	}
	return l.AwaitAvailable(ctx, s.Event, seats)
}

type buyersBooking struct{ ID, Status string }

// asBuyer sends a request whose answer is a booking.
func asBuyer(ctx context.Context, method, url, token, body string) (b buyersBooking, err error) {
	req, err := http.NewRequestWithContext(ctx, method, url, strings.NewReader(body))
	if err != nil {
		return b, err
	}
	req.Header.Set("Authorization", "Bearer "+token)
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return b, err
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		problem, _ := io.ReadAll(io.LimitReader(resp.Body, 500))
		return b, fmt.Errorf("%s %s: %s: %s", method, url, resp.Status, problem)
	}
	return b, json.NewDecoder(resp.Body).Decode(&b)
}
