package ticketing_test

import (
	"reflect"
	"strings"
	"testing"

	"github.com/onsale-tickets/onsale/domain"
	"github.com/onsale-tickets/onsale/domain/ticketing"
)

// A new price changes nothing else of the event.
func TestWithPriceKeepsTheRest(t *testing.T) {
	want := onSale(t)

	got, err := want.WithPrice("B", ptr(int64(77)))

	if err != nil {
		t.Fatal(err)
	}
	_, at, _ := got.Section("B")
	got.Sections[at].Price = want.Sections[at].Price
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got  %+v\nwant %+v", got, want)
	}
}

func TestLengthOfADescription(t *testing.T) {
	e := onSale(t)
	for length, code := range map[int]string{ticketing.MaxDescription: "", ticketing.MaxDescription + 1: "too_long"} {
		_, err := e.Change(ticketing.Changes{Description: ptr(strings.Repeat("x", length))}, now, zones)
		r, refused := domain.AsRefusal(err)
		if refused != (code != "") || refused && r.Fields[0].Code != code {
			t.Errorf("%d bytes: %v", length, err)
		}
	}
}
