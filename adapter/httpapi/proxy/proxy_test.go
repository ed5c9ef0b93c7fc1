package proxy_test

import (
	"bufio"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/onsale-tickets/onsale/adapter/httpapi"
	"github.com/onsale-tickets/onsale/adapter/httpapi/proxy"
)

func front(t *testing.T, backend http.Handler) string {
	t.Helper()
	service := httptest.NewServer(backend)
	t.Cleanup(service.Close)
	addr := []string{strings.TrimPrefix(service.URL, "http://")}
	server := httptest.NewServer(proxy.New(proxy.Backends{Bookings: addr, Seats: addr, Ticketing: addr}, http.NotFoundHandler(), slog.New(slog.NewTextHandler(t.Output(), nil))))
	t.Cleanup(server.Close)
	return server.URL
}

// raw sends bytes and returns the response.
func raw(t *testing.T, url, request string) *http.Response {
	t.Helper()
	c, err := net.Dial("tcp", strings.TrimPrefix(url, "http://"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.Close() })
	_ = c.SetDeadline(time.Now().Add(20 * time.Second))
	if _, err := c.Write([]byte(request)); err != nil {
		t.Fatal(err)
	}
	resp, err := http.ReadResponse(bufio.NewReader(c), nil)
	if err != nil {
		t.Fatal(err)
	}
	return resp
}

const head = "POST /v1/bookings HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n"

// A body that is malformed is the client's fault, whether the proxy or the service
// finds out.
func TestMalformedChunk(t *testing.T) {
	reading := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, err := httpapi.ReadBody(w, r, 1000)
		httpapi.WriteError(w, r, slog.Default(), err)
	})
	service := httptest.NewServer(reading)
	defer service.Close()
	for name, url := range map[string]string{"by the proxy": front(t, reading), "by the service": service.URL} {
		for _, chunk := range []string{"xyz\r\n{}\r\n0\r\n\r\n", "2\r\n{}garbage\r\n0\r\n\r\n", "fffffffffffffffff\r\n{}"} {
			resp := raw(t, url, head+chunk)
			body, _ := io.ReadAll(resp.Body)
			if resp.StatusCode != http.StatusBadRequest || !strings.Contains(string(body), `"code":"body_unreadable"`) {
				t.Errorf("%s, %q: %d %s", name, chunk, resp.StatusCode, body)
			}
		}
	}
}

// A service that does not respond is not the client's fault.
func TestServiceAway(t *testing.T) {
	url := front(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		panic(http.ErrAbortHandler)
	}))
	resp := raw(t, url, head+"2\r\n{}\r\n0\r\n\r\n")
	if resp.StatusCode != http.StatusServiceUnavailable || resp.Header.Get("Retry-After") == "" {
		t.Errorf("%d %v", resp.StatusCode, resp.Header)
	}
}
