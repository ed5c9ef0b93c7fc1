package domain

import "errors"

// Kind says what sort of refusal an error is; one table in the HTTP adapter
// maps kinds to statuses.
type Kind int

// The kinds, in the order in which an HTTP answer prefers them.
const (
	Throttled     Kind = iota + 1 // too many attempts
	Unauthorized                  // no or spent credential
	Forbidden                     // the wrong role
	NotFound                      // unknown id, or somebody else's
	Invalid                       // a field is wrong; Fields says which
	Unprocessable                 // an Idempotency-Key used for another body
	Conflict                      // the wrong state
	Gone                          // the payment window is over
	Declined                      // the card was declined
	Unavailable                   // cannot answer now, nothing was stored
	TimedOut                      // a gateway did not answer in time
)

// Refusal is an answer that says no: an outcome for the caller, not a fault.
type Refusal struct {
	Kind   Kind
	Code   string // stable, snake_case, as in the problem document
	Detail string // for people
	Fields []FieldError
}

// FieldError names one bad field.
type FieldError struct {
	Pointer string // JSON pointer into the request body, "/seating/sections/0/price"
	Code    string // stable, snake_case
	Detail  string
}

func (r *Refusal) Error() string {
	if r.Detail != "" {
		return r.Code + ": " + r.Detail
	}
	return r.Code
}

// Refuse makes a refusal without fields.
func Refuse(kind Kind, code, detail string) error {
	return &Refusal{Kind: kind, Code: code, Detail: detail}
}

// RefuseFields makes an Invalid refusal, or nil if there is no bad field.
func RefuseFields(fields []FieldError) error {
	if len(fields) == 0 {
		return nil
	}
	return &Refusal{Kind: Invalid, Code: "invalid_request", Detail: "one or more fields are not valid", Fields: fields}
}

// AsRefusal finds the refusal in an error chain.
func AsRefusal(err error) (*Refusal, bool) {
	var r *Refusal
	ok := errors.As(err, &r)
	return r, ok
}
