package httpapi_test

import (
	"reflect"
	"testing"

	"github.com/onsale-tickets/onsale/adapter/httpapi"
)

func TestPage(t *testing.T) {
	place := func(s string) string { return s }
	for _, c := range []struct {
		read, page []string
		next       string
	}{
		{[]string{}, []string{}, ""},
		{[]string{"a", "b"}, []string{"a", "b"}, ""}, // full, and the last one
		{[]string{"a", "b", "c"}, []string{"a", "b"}, "b"},
	} {
		asked := 0
		page, cursor, err := httpapi.Page(2, func(limit int) ([]string, error) { asked = limit; return c.read, nil }, place)
		var q httpapi.Query
		if next := q.Cursor(cursor); err != nil || asked != 3 || !reflect.DeepEqual(page, c.page) || next != c.next || q.Err() != nil {
			t.Errorf("of %v: %v, then from %q (%v, %v, %d were asked for)", c.read, page, next, q.Err(), err, asked)
		}
	}
}
