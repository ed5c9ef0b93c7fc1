package httpapi

import (
	"encoding/json"
	"errors"
	"log/slog"
	"math"
	"net/http"
	"strconv"
	"time"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/onsale-tickets/onsale/domain"
)

// statuses maps kinds of refusal to HTTP statuses.
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

// retrySoon is the Retry-After of refusals that do not give a time.
const retrySoon = time.Second

// WriteError writes a refusal as a problem document. Any other error is a fault of
// the service: it is logged, and the response is 503 without its text.
func WriteError(w http.ResponseWriter, r *http.Request, log *slog.Logger, err error) {
	var large *http.MaxBytesError
	if errors.As(err, &large) {
		detail := "the body is longer than " + strconv.FormatInt(large.Limit, 10) + " bytes"
		writeProblem(w, problem{Status: http.StatusRequestEntityTooLarge, Code: "body_too_large", Detail: detail})
		return
	}
	refusal, ok := domain.AsRefusal(err)
	if !ok {
		if r.Context().Err() != nil {
			return // the client is gone
		}
		log.Error("request failed", "method", r.Method, "path", r.URL.Path, "error", err)
		w.Header().Set("Retry-After", retryAfter(retrySoon))
		writeProblem(w, problem{Status: http.StatusServiceUnavailable, Code: "unavailable", Detail: "the service is not available at present; try again"})
		return
	}
	if error(refusal) != err && refusal.Kind == domain.Unavailable { // the cause is for the log only
		log.Warn("request refused", "method", r.Method, "path", r.URL.Path, "error", err)
	}
	p := problem{Status: statuses[refusal.Kind], Code: refusal.Code, Detail: refusal.Detail}
	for _, f := range refusal.Fields {
		p.Errors = append(p.Errors, fieldProblem{pointer(f.Field), f.Code, f.Detail})
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

// pointer returns the JSON Pointer (RFC 6901) of a field.
func pointer(p domain.Path) string {
	var out jsontext.Pointer
	for _, step := range p {
		out = out.AppendToken(step)
	}
	return string(out)
}

func retryAfter(d time.Duration) string { return strconv.Itoa(int(math.Ceil(d.Seconds()))) }

func writeProblem(w http.ResponseWriter, p problem) {
	p.Type, p.Title = "about:blank", http.StatusText(p.Status)
	write(w, p.Status, "application/problem+json", p)
}

// WriteJSON writes a JSON body that no cache may keep.
func WriteJSON(w http.ResponseWriter, status int, body any) {
	write(w, status, "application/json", body)
}

func write(w http.ResponseWriter, status int, contentType string, body any) {
	encoded, err := json.Marshal(body)
	if err != nil { // cannot happen: a body has only plain values
		panic(err)
	}
	encoded = append(encoded, '\n') // a prompt in a terminal then starts on its own line
	h := w.Header()
	h.Set("Content-Type", contentType)
	h.Set("Content-Length", strconv.Itoa(len(encoded)))
	h.Set("Cache-Control", "no-store")
	h.Set("X-Content-Type-Options", "nosniff")
	w.WriteHeader(status)
	_, _ = w.Write(encoded)
}
