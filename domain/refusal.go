package domain

import (
	"errors"
	"slices"
	"strconv"
	"strings"
)

// Kind classifies a refusal. The HTTP adapter maps each kind to one status.
type Kind int

// The kinds, in the order in which an HTTP response prefers them.
const (
	Throttled     Kind = iota + 1 // too many attempts
	Unauthorized                  // no credential, or a spent one
	Forbidden                     // the wrong role
	NotFound                      // an unknown id, or somebody else's
	Invalid                       // bad fields, named in Fields
	Unprocessable                 // an Idempotency-Key that was used for another body
	Conflict                      // the wrong state
	Gone                          // the payment window is over
	Declined                      // the card was declined
	Unavailable                   // not possible now; nothing was stored
	TimedOut                      // a gateway did not respond in time
)

// Refusal says no to a caller. It is an outcome, not a fault.
type Refusal struct {
	Kind   Kind
	Code   string // stable, snake_case
	Detail string // for people
	Fields []FieldError
}

// FieldError names one bad field of a request.
type FieldError struct {
	Field  Path
	Code   string // stable, snake_case
	Detail string // for people
}

// Path leads to a field of a request: names of fields, and indices of lists
// from 0. The empty path is the whole request.
type Path []string

// Field returns the path to a field of the request.
func Field(name string) Path { return Path{name} }

// Field returns the path to a field of p.
func (p Path) Field(name string) Path { return append(slices.Clip(p), name) }

// Index returns the path to an element of the list p.
func (p Path) Index(i int) Path { return p.Field(strconv.Itoa(i)) }

// String joins the steps by dots, as in "seating.sections.0.price".
func (p Path) String() string { return strings.Join(p, ".") }

func (r *Refusal) Error() string {
	if r.Detail != "" {
		return r.Code + ": " + r.Detail
	}
	return r.Code
}

// Refuse returns a refusal without fields.
func Refuse(kind Kind, code, detail string) error {
	return &Refusal{Kind: kind, Code: code, Detail: detail}
}

// RefuseFields returns an Invalid refusal, or nil if no field is bad.
func RefuseFields(fields []FieldError) error {
	if len(fields) == 0 {
		return nil
	}
	return &Refusal{Kind: Invalid, Code: "invalid_request", Detail: "one or more fields are not valid", Fields: fields}
}

// AsRefusal finds the refusal in an error chain and reports whether there is
// one.
func AsRefusal(err error) (*Refusal, bool) {
	var r *Refusal
	ok := errors.As(err, &r)
	return r, ok
}
