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
		page, cursor := httpapi.Page(c.read, 2, place)
		var q httpapi.Query
		if next := q.Cursor(cursor); !reflect.DeepEqual(page, c.page) || next != c.next || q.Err() != nil {
			t.Errorf("of %v: %v, then from %q (%v)", c.read, page, next, q.Err())
		}
	}
}
