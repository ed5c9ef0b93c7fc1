package httpapi

import (
	"encoding/base64"
	"strconv"

	"github.com/onsale-tickets/onsale/domain"
)

// Lengths of a page.
const (
	DefaultLimit = 50
	MaxLimit     = 200
)

// Query collects what is wrong with the parameters of a request; nil texts are
// parameters that were left out. Their pointer is /name, as of fields.
type Query struct{ bad []domain.FieldError }

// Refuse says that a parameter is wrong.
func (q *Query) Refuse(name, code, detail string) {
	q.bad = append(q.bad, domain.FieldError{Pointer: "/" + name, Code: code, Detail: detail})
}

// Err is the refusal, if anything is wrong.
func (q *Query) Err() error { return domain.RefuseFields(q.bad) }

// Limit reads the length of a page.
func (q *Query) Limit(text *string) int {
	if text == nil {
		return DefaultLimit
	}
	return int(q.Number("limit", text, 1, MaxLimit))
}

// Number reads a whole number in canonical form; 0 where it was left out.
func (q *Query) Number(name string, text *string, least, most int64) int64 {
	if text == nil {
		return 0
	}
	n, err := strconv.ParseInt(*text, 10, 64)
	if err != nil || strconv.FormatInt(n, 10) != *text || n < least || n > most {
		q.Refuse(name, "out_of_range", "a number from "+strconv.FormatInt(least, 10)+" to "+strconv.FormatInt(most, 10))
		return 0
	}
	return n
}

// PathID reads an id in a path; false if it cannot be one.
func PathID(text string) (int64, bool) {
	n, err := strconv.ParseInt(text, 10, 64)
	return n, err == nil && n > 0 && strconv.FormatInt(n, 10) == text
}

// Cursor reads where a page begins; empty where it was left out.
func (q *Query) Cursor(text *string) string {
	if text == nil {
		return ""
	}
	at, err := base64.RawURLEncoding.DecodeString(*text)
	if err != nil || len(at) == 0 {
		q.BadCursor()
	}
	return string(at)
}

// BadCursor says that a cursor is none of ours.
func (q *Query) BadCursor() { q.Refuse("cursor", "invalid", "the next_cursor of an earlier page") }

// Page reads a page of a list and one item more, to know whether there is a page
// behind it, and answers the cursor of that, if there is one: place says where an
// item stands.
func Page[T any](limit int, read func(limit int) ([]T, error), place func(T) string) ([]T, *string, error) {
	items, err := read(limit + 1)
	if err != nil || len(items) <= limit {
		return items, nil, err
	}
	c := base64.RawURLEncoding.EncodeToString([]byte(place(items[limit-1])))
	return items[:limit], &c, nil
}
