package httpapi_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/onsale-tickets/onsale/adapter/httpapi"
	"github.com/onsale-tickets/onsale/domain"
)

func TestMethodNotAllowed(t *testing.T) {
	router := httpapi.NewRouter()
	nothing := func(http.ResponseWriter, *http.Request) {}
	router.HandleFunc("/things", nothing).Methods("GET")
	router.HandleFunc("/things", nothing).Methods("POST")
	router.HandleFunc("/things/stream", nothing).Methods("GET")
	router.HandleFunc("/things/{id}", nothing).Methods("PATCH")
	for request, want := range map[string]string{
		"PUT /things": "GET, POST", "POST /things/stream": "GET, PATCH", "GET /things/7": "PATCH", "HEAD /things": "GET, POST", "BREW /things": "GET, POST",
	} {
		method, path, _ := strings.Cut(request, " ")
		w := httptest.NewRecorder()
		router.ServeHTTP(w, httptest.NewRequest(method, path, nil))
		if got := w.Header().Get("Allow"); w.Code != http.StatusMethodNotAllowed || got != want || !strings.Contains(w.Body.String(), "method_not_allowed") {
			t.Errorf("%s: %d, Allow: %s, want %s; %s", request, w.Code, got, want, w.Body)
		}
	}
	w := httptest.NewRecorder()
	router.ServeHTTP(w, httptest.NewRequest("GET", "/nowhere", nil))
	if w.Code != http.StatusNotFound || w.Header().Get("Allow") != "" {
		t.Errorf("%d %v", w.Code, w.Header())
	}
}

func TestPointers(t *testing.T) {
	for want, field := range map[string]domain.Path{
		`"pointer":""`:        nil,
		`"pointer":"/a/0/b"`:  domain.Field("a").Index(0).Field("b"),
		`"pointer":"/a~1b~0"`: domain.Field("a/b~"), // RFC 6901, section 3
	} {
		w := httptest.NewRecorder()
		httpapi.WriteError(w, httptest.NewRequest("GET", "/", nil), nil, domain.RefuseFields([]domain.FieldError{{Field: field, Code: "x"}}))
		if !strings.Contains(w.Body.String(), want) {
			t.Errorf("%s, want %s", w.Body, want)
		}
	}
}
