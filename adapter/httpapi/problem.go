package httpapi

import (
	"encoding/json"
	"errors"
	"log/slog"
	"math"
	"net/http"
	"strconv"
	"time"

	"github.com/onsale-tickets/onsale/domain"
)

// statuses is the one map from kinds of refusal to HTTP.
var statuses = map[domain.Kind]int{
	domain.Throttled:     http.StatusTooManyRequests,
	domain.Unauthorized:  http.StatusUnauthorized,
	domain.Forbidden:     http.StatusForbidden,
	domain.NotFound:      http.StatusNotFound,
	domain.Invalid:       http.StatusBadRequest,
	domain.Unprocessable: http.StatusUnprocessableEntity,
	domain.Conflict:      http.StatusConflict,
	domain.Gone:          http.StatusGone,
	domain.Declined:      http.StatusPaymentRequired,
	domain.Unavailable:   http.StatusServiceUnavailable,
	domain.TimedOut:      http.StatusGatewayTimeout,
}

// problem is a problem document (RFC 9457).
type problem struct {
	Type   string         `json:"type"`
	Title  string         `json:"title"`
	Status int            `json:"status"`
	Code   string         `json:"code"`
	Detail string         `json:"detail,omitempty"`
	Errors []fieldProblem `json:"errors,omitempty"`
}

type fieldProblem struct {
	Pointer string `json:"pointer"`
	Code    string `json:"code"`
	Detail  string `json:"detail"`
}

// tooLarge is the refusal of a body; it has no kind, since only HTTP knows it.
type tooLarge struct{ limit int64 }

func (e tooLarge) Error() string {
	return "the body is longer than " + strconv.FormatInt(e.limit, 10) + " bytes"
}

// retrySoon is what Retry-After says where nobody knows better.
const retrySoon = time.Second

// WriteError answers a refusal as a problem document. Any other error is a
// fault: it is logged, and its caller is told that it is not theirs.
func WriteError(w http.ResponseWriter, r *http.Request, log *slog.Logger, err error) {
	var large tooLarge
	if errors.As(err, &large) {
		writeProblem(w, problem{Status: http.StatusRequestEntityTooLarge, Code: "body_too_large", Detail: large.Error()})
		return
	}
	refusal, ok := domain.AsRefusal(err)
	if !ok {
		if r.Context().Err() != nil {
			return // nobody is there to read it
		}
		log.Error("request failed", "method", r.Method, "path", r.URL.Path, "error", err)
		w.Header().Set("Retry-After", retryAfter(retrySoon))
		writeProblem(w, problem{Status: http.StatusServiceUnavailable, Code: "unavailable", Detail: "the service cannot answer at present; try again"})
		return
	}
	if error(refusal) != err && refusal.Kind == domain.Unavailable { // there is more to say than the caller is told
		log.Warn("request refused", "method", r.Method, "path", r.URL.Path, "error", err)
	}
	p := problem{Status: statuses[refusal.Kind], Code: refusal.Code, Detail: refusal.Detail}
	for _, f := range refusal.Fields {
		p.Errors = append(p.Errors, fieldProblem(f))
	}
	var waits interface{ Wait() time.Duration }
	switch {
	case errors.As(err, &waits):
		w.Header().Set("Retry-After", retryAfter(waits.Wait()))
	case refusal.Kind == domain.Unavailable:
		w.Header().Set("Retry-After", retryAfter(retrySoon))
	case refusal.Kind == domain.Unauthorized:
		w.Header().Set("WWW-Authenticate", "Bearer")
	}
	writeProblem(w, p)
}

func retryAfter(d time.Duration) string { return strconv.Itoa(int(math.Ceil(d.Seconds()))) }

func writeProblem(w http.ResponseWriter, p problem) {
	p.Type, p.Title = "about:blank", http.StatusText(p.Status)
	write(w, p.Status, "application/problem+json", p)
}

// WriteJSON answers a body. Nothing of it may be kept by a cache on the way.
func WriteJSON(w http.ResponseWriter, status int, body any) {
	write(w, status, "application/json", body)
}

func write(w http.ResponseWriter, status int, contentType string, body any) {
	encoded, err := json.Marshal(body)
	if err != nil { // a body is made of plain values
		panic(err)
	}
	encoded = append(encoded, '\n') // who asks from a terminal sees where the answer ends
	h := w.Header()
	h.Set("Content-Type", contentType)
	h.Set("Content-Length", strconv.Itoa(len(encoded)))
	h.Set("Cache-Control", "no-store")
	h.Set("X-Content-Type-Options", "nosniff")
	w.WriteHeader(status)
	_, _ = w.Write(encoded)
}

// Routes that do not exist.
var (
	NotFound = http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		writeProblem(w, problem{Status: http.StatusNotFound, Code: "not_found", Detail: "there is no such route"})
	})
	MethodNotAllowed = http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		writeProblem(w, problem{Status: http.StatusMethodNotAllowed, Code: "method_not_allowed", Detail: "this route has other methods"})
	})
)
