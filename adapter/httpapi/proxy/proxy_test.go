package proxy_test

import (
	"bufio"
	"bytes"
	"fmt"
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
	"github.com/onsale-tickets/onsale/domain"
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
		_, err := httpapi.ReadBody(w, r)
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

// A body over the limit of its route is refused as a service refuses it, however
// long it is: a service that answers and closes must not look like one that is
// away.
func TestBodyTooLarge(t *testing.T) {
	url := front(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if _, err := httpapi.ReadBody(w, r); err != nil {
			httpapi.WriteError(w, r, slog.Default(), err)
		}
	}))
	send := func(t *testing.T, path string, length int, chunked bool) (int, string) {
		c, err := net.Dial("tcp", strings.TrimPrefix(url, "http://"))
		if err != nil {
			t.Fatal(err)
		}
		defer c.Close()
		_ = c.SetDeadline(time.Now().Add(20 * time.Second))
		go func() { // the response may come before the end of the body
			content := make([]byte, length)
			if chunked {
				_, _ = fmt.Fprintf(c, "POST %s HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n%x\r\n%s\r\n0\r\n\r\n", path, length, content)
			} else {
				_, _ = fmt.Fprintf(c, "POST %s HTTP/1.1\r\nHost: x\r\nContent-Length: %d\r\n\r\n%s", path, length, content)
			}
		}()
		resp, err := http.ReadResponse(bufio.NewReader(c), nil)
		if err != nil {
			t.Fatal(err)
		}
		answer, _ := io.ReadAll(resp.Body)
		return resp.StatusCode, string(answer)
	}
	for _, chunked := range []bool{false, true} {
		for path, limit := range map[string]int{"/v1/bookings": httpapi.MaxBody, "/v1/sessions": httpapi.MaxBody, "/v1/events/7": httpapi.MaxBody, "/v1/events": httpapi.MaxEventBody} {
			t.Run(fmt.Sprintf("%s, chunked %v", path, chunked), func(t *testing.T) {
				if status, body := send(t, path, limit, chunked); status != http.StatusOK {
					t.Errorf("at the limit: %d %s", status, body)
				}
				for range 4 {
					for _, length := range []int{limit + 1, 20 << 20} {
						status, body := send(t, path, length, chunked)
						if status != http.StatusRequestEntityTooLarge || !strings.Contains(body, `"code":"body_too_large"`) || !strings.Contains(body, fmt.Sprintf("longer than %d bytes", limit)) {
							t.Fatalf("%d bytes: %d %s", length, status, body)
						}
					}
				}
			})
		}
	}
}

// A service that refuses a request before it has read the body is heard, however
// long that is: the session and the role come before the length.
func TestRefusedBeforeTheBody(t *testing.T) {
	url := front(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		httpapi.WriteError(w, r, slog.Default(), domain.Refuse(domain.Unauthorized, "unauthorized", "log in"))
	}))
	for n := range 20 {
		resp, err := http.Post(url+"/v1/events", "application/json", bytes.NewReader(make([]byte, httpapi.MaxEventBody+n%2)))
		if err != nil {
			t.Fatal(err)
		}
		resp.Body.Close()
		if resp.StatusCode != http.StatusUnauthorized {
			t.Fatalf("%d", resp.StatusCode)
		}
	}
}
