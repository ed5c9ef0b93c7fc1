package loadgen

import (
	"fmt"
	"strings"

	"github.com/onsale-tickets/onsale/port"
)

// requests has the parts of the requests that a sale's buyers send, so that the hot
// loop only joins them.
type requests struct {
	sale  port.Sale
	heads []string // one for each server of booking-service, up to the token
	tails []string // one for each section, from the end of the token
}

func newRequests(urls []string, s port.Sale) requests {
	r := requests{sale: s}
	for _, url := range urls {
		r.heads = append(r.heads, "POST /v1/bookings HTTP/1.1\r\nHost: "+host(url)+"\r\nAuthorization: Bearer ")
	}
	for _, section := range s.Sections {
		body := fmt.Sprintf(`{"event_id": %d, "section": %q, "seat_selection_mode": "best_available", "quantity": %d}`, s.Event, section, s.SeatsEach)
		r.tails = append(r.tails, fmt.Sprintf("\r\nContent-Length: %d\r\n\r\n%s", len(body), body))
	}
	return r
}

// booking appends the request of the n-th booking, for the given server.
func (r requests) booking(to []byte, server, n int) []byte {
	to = append(to, r.heads[server]...)
	to = append(to, r.sale.BuyerTokens[n%len(r.sale.BuyerTokens)]...)
	return append(to, r.tails[n%len(r.tails)]...)
}

// payment returns the request that pays a booking with the sandbox gateway's card.
func payment(url, id, token string) []byte {
	const body = `{"card_number":"4242424242424242"}`
	return fmt.Appendf(nil, "POST /v1/bookings/%s/payment HTTP/1.1\r\nHost: %s\r\nAuthorization: Bearer %s\r\nContent-Length: %d\r\n\r\n%s",
		id, host(url), token, len(body), body)
}

// streamOf returns a request for a stream. An empty token sends none.
func streamOf(url, path, token string) []byte {
	var authorization string
	if token != "" {
		authorization = "Authorization: Bearer " + token + "\r\n"
	}
	return []byte("GET " + path + " HTTP/1.1\r\nHost: " + host(url) + "\r\n" + authorization + "\r\n")
}

func host(url string) string { return strings.TrimPrefix(url, "http://") }
