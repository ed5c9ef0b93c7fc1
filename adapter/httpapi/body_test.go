package httpapi_test

import (
	"net/http"
	"net/http/httptest"
	"reflect"
	"strings"
	"testing"

	"github.com/onsale-tickets/onsale/adapter/httpapi"
	"github.com/onsale-tickets/onsale/domain"
)

type order struct {
	Name  string `json:"name"`
	Count *int   `json:"count"`
	Seats []struct {
		Row int `json:"row"`
	} `json:"seats"`
}

func TestDecode(t *testing.T) {
	var o order
	err := httpapi.Decode([]byte(`{"name": "Caf\u00e9 \ud83d\ude00", "seats": [{"row": 3}]}`), &o)
	if err != nil || o.Name != "Café 😀" || o.Count != nil || o.Seats[0].Row != 3 {
		t.Errorf("%+v (%v)", o, err)
	}
}

func TestDecodeRefuses(t *testing.T) {
	for name, c := range map[string]struct{ body, field, code string }{
		"nothing":                {``, "", "malformed"},
		"half an object":         {`{"name": "x"`, "", "malformed"},
		"a list":                 {`[]`, "", "invalid"},
		"a text":                 {`"x"`, "", "invalid"},
		"two objects":            {`{} {}`, "", "malformed"},
		"an unknown field":       {`{"name": "x", "colour": 1}`, "colour", "unknown_field"},
		"an unknown field below": {`{"seats": [{"row": 1, "x": 1}]}`, "seats.0.x", "unknown_field"},
		"another case":           {`{"Name": "x"}`, "Name", "unknown_field"},
		"null":                   {`{"count": null}`, "count", "null"},
		"a number for a text":    {`{"name": 1}`, "name", "invalid"},
		"a text for a number":    {`{"count": "1"}`, "count", "invalid"},
		"a fraction":             {`{"count": 1.5}`, "count", "invalid"},
		"a huge number":          {`{"count": 1e99}`, "count", "invalid"},
		"an object for a list":   {`{"seats": {}}`, "seats", "invalid"},
		"a number in a list":     {`{"seats": [1]}`, "seats.0", "invalid"},
		"a field twice":          {`{"name": "x", "name": "y"}`, "name", "duplicate"},
		"a lone surrogate":       {`{"name": "\ud800"}`, "name", "invalid_characters"},
		"a pair the wrong way":   {`{"name": "\ude00\ud83d"}`, "name", "invalid_characters"},
		"bytes that are no text": {"{\"name\": \"\xff\"}", "name", "invalid_characters"},
		"text not in NFC":        {`{"name": "Cafe\u0301"}`, "name", "not_nfc"},
	} {
		t.Run(name, func(t *testing.T) {
			var o order
			refusal, ok := domain.AsRefusal(httpapi.Decode([]byte(c.body), &o))
			if !ok || refusal.Fields[0].Field.String() != c.field || refusal.Fields[0].Code != c.code {
				t.Errorf("got %+v", refusal)
			}
		})
	}
}

func TestReadBodyStopsAtTheLimit(t *testing.T) {
	w := httptest.NewRecorder()
	r := httptest.NewRequest(http.MethodPost, "/", strings.NewReader(strings.Repeat("x", httpapi.MaxBody+1)))
	_, err := httpapi.ReadBody(w, r)
	httpapi.WriteError(w, r, nil, err)
	if w.Code != http.StatusRequestEntityTooLarge || !strings.Contains(w.Body.String(), `"code":"body_too_large"`) {
		t.Errorf("%d %s", w.Code, w.Body)
	}
}

// What is read once gets the same answer as what is checked first.
func FuzzDecode(f *testing.F) {
	for _, body := range []string{`{"name": "x", "count": 3, "seats": [{"row": 1}]}`, `{"name": "x", "name": 1}`, `{"name": 1, "count": null}`, `{"count": 1} x`, `[]`,
		`{"seats": [{"row": "1"}], "x": 1}`, `{"name": "null"}`, `{"name": "é"}`} {
		f.Add([]byte(body))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		var o, checked order
		err, want := httpapi.Decode(body, &o), httpapi.DecodeChecked(body, &checked)
		if _, ok := domain.AsRefusal(err); err != nil && !ok {
			t.Fatal(err)
		}
		if !reflect.DeepEqual(err, want) || err == nil && !reflect.DeepEqual(o, checked) {
			t.Errorf("%+v (%v), expected %+v (%v)", o, err, checked, want)
		}
	})
}

func BenchmarkDecode(b *testing.B) {
	body := []byte(`{"name": "best_available", "count": 2, "seats": [{"row": 12}, {"row": 13}]}`)
	b.ReportAllocs()
	for b.Loop() {
		var o order
		if err := httpapi.Decode(body, &o); err != nil {
			b.Fatal(err)
		}
	}
}
