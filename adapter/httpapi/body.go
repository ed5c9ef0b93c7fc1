package httpapi

import (
	"bytes"
	"errors"
	"io"
	"net/http"
	"reflect"
	"slices"
	"unicode/utf8"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
	"golang.org/x/text/unicode/norm"

	"github.com/onsale-tickets/onsale/domain"
)

// Limits of bodies, in bytes.
const (
	MaxBody      = 64 << 10
	MaxEventBody = 2 << 20
)

// BodyLimit returns the limit of a request's body. It is that of the route.
func BodyLimit(r *http.Request) int64 {
	if r.Method == http.MethodPost && r.URL.Path == "/v1/events" {
		return MaxEventBody
	}
	return MaxBody
}

// UnreadableBody refuses a body that ends early, or has a malformed chunk.
var UnreadableBody = domain.Refuse(domain.Invalid, "body_unreadable", "the body ended early, or is malformed")

// ReadBody reads a whole body. It refuses a body over the limit of its route without
// reading the rest, and one that ends early or is malformed. The caller parses the
// body after the checks that come first in the order of refusal.
//
// A body over the limit is refused by an *http.MaxBytesError, which WriteError
// knows: the domain has no kind for it, because the limit is one of HTTP.
func ReadBody(w http.ResponseWriter, r *http.Request) ([]byte, error) {
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, BodyLimit(r)))
	var over *http.MaxBytesError
	switch {
	case errors.As(err, &over):
		return nil, over
	case err != nil:
		return nil, UnreadableBody
	}
	return body, nil
}

// Decode reads a JSON object into v, a pointer to a struct. It refuses, with the
// path of the field: malformed JSON, a duplicate or unknown field, null (an
// optional field is left out instead), a value of the wrong type, and text that
// is not UTF-8 in NFC. A lone surrogate is not UTF-8. The domain refuses missing
// fields.
func Decode(body []byte, v any) error {
	if plain(body) && json.Unmarshal(body, v, json.RejectUnknownMembers(true)) == nil {
		return nil
	}
	return decodeChecked(body, v)
}

// plain reports whether Unmarshal alone finds every fault of a body: there is no
// null, and no text beyond ASCII, neither as such nor as an escape. Such bodies, that
// is nearly all, are read once. A body that Unmarshal then refuses is read again, so
// that the first fault is the same for all bodies.
func plain(body []byte) bool {
	for _, c := range body {
		if c >= utf8.RuneSelf || c == '\\' {
			return false
		}
	}
	return !bytes.Contains(body, []byte("null"))
}

// decodeChecked reads the text, then the values.
func decodeChecked(body []byte, v any) error {
	if err := checkText(body); err != nil {
		return err
	}
	err := json.Unmarshal(body, v, json.RejectUnknownMembers(true))
	var wrong *json.SemanticError
	switch {
	case err == nil:
		return nil
	case errors.Is(err, json.ErrUnknownName):
		errors.As(err, &wrong)
		return fieldError(wrong.JSONPointer, "unknown_field", "there is no such field")
	case errors.As(err, &wrong):
		return fieldError(wrong.JSONPointer, "invalid", expected(wrong.GoType))
	}
	return fieldError("", "invalid", "a JSON object with the fields of this route")
}

// checkText checks syntax and text in one pass.
func checkText(body []byte) error {
	d := jsontext.NewDecoder(bytes.NewReader(body))
	if d.PeekKind() != '{' {
		if _, err := d.ReadToken(); err != nil {
			return malformed(err)
		}
		return fieldError("", "invalid", "a JSON object")
	}
	for {
		token, err := d.ReadToken()
		if err != nil {
			return malformed(err)
		}
		if d.StackDepth() == 0 { // the object is closed
			if _, err := d.ReadToken(); err != io.EOF {
				return fieldError("", "malformed", "one JSON object and nothing more")
			}
			return nil
		}
		switch token.Kind() {
		case '"':
			if !norm.NFC.IsNormalString(token.String()) {
				return fieldError(d.StackPointer(), "not_nfc", "text in Unicode normal form C")
			}
		case 'n':
			return fieldError(d.StackPointer(), "null", "null is not allowed; leave the field out")
		}
	}
}

func malformed(err error) error {
	var at *jsontext.SyntacticError
	if !errors.As(err, &at) {
		return fieldError("", "malformed", "JSON (RFC 8259)")
	}
	switch {
	case errors.Is(err, jsontext.ErrDuplicateName):
		return fieldError(at.JSONPointer, "duplicate", "each field at most once")
	case at.Err != nil && at.Err.Error() == "invalid UTF-8", isSurrogate(at):
		return fieldError(at.JSONPointer, "invalid_characters", "valid UTF-8, without lone surrogates")
	}
	return fieldError(at.JSONPointer, "malformed", "JSON (RFC 8259)")
}

// isSurrogate reports whether an error is about half of a surrogate pair.
func isSurrogate(err *jsontext.SyntacticError) bool {
	return err.Err != nil && bytes.Contains([]byte(err.Err.Error()), []byte("surrogate"))
}

func fieldError(at jsontext.Pointer, code, detail string) error {
	return domain.RefuseFields([]domain.FieldError{{Field: slices.Collect(at.Tokens()), Code: code, Detail: detail}})
}

func expected(t reflect.Type) string {
	if t == nil {
		return "a value of another type"
	}
	for t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	switch t.Kind() {
	case reflect.Int, reflect.Int32, reflect.Int64:
		return "a whole number"
	case reflect.String:
		return "text"
	case reflect.Bool:
		return "true or false"
	case reflect.Slice:
		return "a list"
	case reflect.Struct:
		return "an object"
	}
	return "a value of another type"
}
