package httpapi

import (
	"encoding/base64"
	"strconv"

	"github.com/onsale-tickets/onsale/domain"
)

// Lengths of a page of a list.
const (
	DefaultLimit = 50
	MaxLimit     = 200
)

// Query reads the parameters of a request and collects what is wrong with them. A
// nil text is a parameter that was left out. Errors[].pointer is /name, as for a
// field of a body.
type Query struct{ bad []domain.FieldError }

// Refuse records a bad parameter.
func (q *Query) Refuse(name, code, detail string) {
	q.bad = append(q.bad, domain.FieldError{Field: domain.Field(name), Code: code, Detail: detail})
}

// Err returns a refusal of all bad parameters, or nil if there are none.
func (q *Query) Err() error { return domain.RefuseFields(q.bad) }

// Limit reads the parameter limit, the length of a page.
func (q *Query) Limit(text *string) int {
	if text == nil {
		return DefaultLimit
	}
	return int(q.Number("limit", text, 1, MaxLimit))
}

// Number reads a whole number in canonical form. It returns 0 if the parameter was
// left out or is bad.
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

// PathID reads an id in a path and reports whether the text is one.
func PathID(text string) (int64, bool) {
	n, err := strconv.ParseInt(text, 10, 64)
	return n, err == nil && n > 0 && strconv.FormatInt(n, 10) == text
}

// Cursor reads the place where a page begins. It returns an empty text if the
// parameter was left out or is bad.
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

// BadCursor records that the cursor is not from this list.
func (q *Query) BadCursor() { q.Refuse("cursor", "invalid", "the next_cursor of an earlier page") }

// Page reads a page of a list. It also returns the cursor of the next page, or nil
// after the last one. It reads one item more than the page has to know which.
// place returns the place of an item in the list.
func Page[T any](limit int, read func(limit int) ([]T, error), place func(T) string) ([]T, *string, error) {
	items, err := read(limit + 1)
	if err != nil || len(items) <= limit {
		return items, nil, err
	}
	c := base64.RawURLEncoding.EncodeToString([]byte(place(items[limit-1])))
	return items[:limit], &c, nil
}
