package httpapi_test

import (
	"compress/gzip"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/onsale-tickets/onsale/adapter/httpapi"
)

func TestDocument(t *testing.T) {
	content := strings.Repeat("a seat ", 500)
	d := httpapi.NewDocument("text/plain", []byte(content))
	ask := func(d httpapi.Document, headers ...string) *http.Response {
		r, w := httptest.NewRequest("GET", "/", nil), httptest.NewRecorder()
		for i := 0; i < len(headers); i += 2 {
			r.Header.Set(headers[i], headers[i+1])
		}
		d.ServeHTTP(w, r)
		return w.Result()
	}

	plain := ask(d)
	if text, _ := io.ReadAll(plain.Body); string(text) != content || plain.Header.Get("Content-Encoding") != "" || plain.Header.Get("Content-Type") != "text/plain" {
		t.Errorf("plain: %d bytes, %v", len(text), plain.Header)
	}
	zipped := ask(d, "Accept-Encoding", "br, gzip")
	if z, err := gzip.NewReader(zipped.Body); err != nil {
		t.Error(err)
	} else if text, _ := io.ReadAll(z); string(text) != content || zipped.Header.Get("Vary") != "Accept-Encoding" {
		t.Errorf("zipped: %d bytes, %v", len(text), zipped.Header)
	}
	if had := ask(d, "If-None-Match", plain.Header.Get("ETag")); had.StatusCode != http.StatusNotModified {
		t.Errorf("a client that has it gets %d", had.StatusCode)
	}
	other := ask(httpapi.NewDocument("text/plain", []byte("another")), "If-None-Match", plain.Header.Get("ETag"), "Accept-Encoding", "gzip")
	if other.StatusCode != http.StatusOK {
		t.Error("another document is taken for the one that the client has")
	}
	if other.Header.Get("Content-Encoding") != "" {
		t.Error("a few bytes are compressed")
	}
}
