package httpapi

import (
	"bytes"
	"errors"
	"io"
	"net/http"
	"reflect"

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

// ReadBody reads a body whole, or refuses one over the limit before it is read
// further. It is parsed later, after the checks that go before it.
func ReadBody(w http.ResponseWriter, r *http.Request, limit int64) ([]byte, error) {
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, limit))
	var over *http.MaxBytesError
	if errors.As(err, &over) {
		return nil, tooLarge{limit}
	}
	if err != nil {
		return nil, domain.Refuse(domain.Invalid, "body_unreadable", "the body ended early")
	}
	return body, nil
}

// Decode reads a JSON object into v, a pointer to a struct. Refused, with a
// pointer to the place: what is no JSON, a name twice, an unknown field, null
// (fields that do not count are left out), a value of the wrong type, and text
// that is not UTF-8 in NFC; a lone surrogate is no UTF-8. That a field is
// missing is the domain's to say.
func Decode(body []byte, v any) error {
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
	return fieldError("", "invalid", "not readable")
}

// checkText walks through the body once.
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
			return fieldError(d.StackPointer(), "null", "leave out what does not count")
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
		return fieldError(at.JSONPointer, "duplicate", "the field stands there twice")
	case at.Err != nil && at.Err.Error() == "invalid UTF-8", isSurrogate(at):
		return fieldError(at.JSONPointer, "invalid_characters", "valid UTF-8, without lone surrogates")
	}
	return fieldError(at.JSONPointer, "malformed", "JSON (RFC 8259)")
}

// isSurrogate tells the complaint about half of a surrogate pair.
func isSurrogate(err *jsontext.SyntacticError) bool {
	return err.Err != nil && bytes.Contains([]byte(err.Err.Error()), []byte("surrogate"))
}

func fieldError(at jsontext.Pointer, code, detail string) error {
	return domain.RefuseFields([]domain.FieldError{{Pointer: string(at), Code: code, Detail: detail}})
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
