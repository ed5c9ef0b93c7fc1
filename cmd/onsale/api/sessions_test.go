package api_test

import (
	"context"
	"io"
	"net/http"
	"testing"
	"time"

	"github.com/onsale-tickets/onsale/cmd/onsale/internal/e2e"
)

// All three services refuse a session within a second after its end, and its
// streams end. Failed log-ins are throttled.
func TestSessions(t *testing.T) {
	t.Parallel()
	in := e2e.Start(t, e2e.Embedded)
	buyer, seller := in.Register("buyer", "buyer@example.com"), in.Register("seller", "seller@example.com")
	event := seller.CreateHall(1, 2)
	open := func(p e2e.Person, path string) <-chan time.Time {
		t.Helper()
		ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
		t.Cleanup(cancel)
		req, err := http.NewRequestWithContext(ctx, "GET", in.URL(path), nil)
		if err != nil {
			t.Fatal(err)
		}
		req.Header.Set("Authorization", "Bearer "+p.Token)
		resp, err := http.DefaultClient.Do(req)
		if err != nil || resp.StatusCode != 200 {
			t.Fatalf("%s: %v %+v", path, err, resp)
		}
		ended := make(chan time.Time, 1)
		go func() {
			defer resp.Body.Close()
			_, _ = io.Copy(io.Discard, resp.Body)
			ended <- time.Now()
		}()
		return ended
	}
	for _, c := range []struct {
		who     e2e.Person
		stream  string
		refused []string
	}{
		{buyer, "/v1/bookings/stream", []string{"/v1/bookings", "/v1/users/me"}},
		{seller, "/v1/events/1/sales/stream", []string{"/v1/events/1/sales", "/v1/users/me"}},
	} {
		ended := open(c.who, c.stream)
		c.who.OK("DELETE", "/v1/sessions/current", nil, 204, nil)
		began := time.Now()
		select {
		case at := <-ended:
			if took := at.Sub(began); took > 2*time.Second {
				t.Errorf("%s went on for %s", c.stream, took)
			}
		case <-time.After(20 * time.Second):
			t.Errorf("%s goes on", c.stream)
		}
		for _, path := range c.refused {
			c.who.Refused(t, "GET", path, 401, "unauthorized")
		}
	}
	if event != 1 {
		t.Fatalf("event %d", event)
	}

	nobody := e2e.Person{In: in}
	wrong := map[string]any{"email": "buyer@example.com", "password": "wrong horse"}
	for range 10 {
		nobody.RefusedWith(t, "POST", "/v1/sessions", wrong, 401, "invalid_credentials")
	}
	nobody.RefusedWith(t, "POST", "/v1/sessions", wrong, 429, "too_many_attempts")
	right := map[string]any{"email": "buyer@example.com", "password": e2e.Password}
	nobody.RefusedWith(t, "POST", "/v1/sessions", right, 429, "too_many_attempts")
}
