package kafkabus

import (
	"strings"
	"testing"

	"github.com/onsale-tickets/onsale/domain/message"
)

// Text and numbers that a database refuses, or that no service of ours sends,
// make a record poison. They would otherwise be tried for ever.
func TestDecodeRefusesWhatNoStoreTakes(t *testing.T) {
	replaced := func(m message.Message, old, new string) []byte {
		b, err := encode(message.Envelope{ID: "x", Body: m})
		if err != nil {
			t.Fatal(err)
		}
		if !strings.Contains(string(b), old) {
			t.Fatalf("%s has no %s", b, old)
		}
		return []byte(strings.Replace(string(b), old, new, 1))
	}
	failed, reserved, request, paid, released := nine()[4], nine()[2], nine()[1], nine()[5], nine()[7]
	for name, bad := range map[string]struct {
		of  message.Message
		was string
		is  string
	}{
		"U+0000 in a reason":            {failed, `"sold_out"`, `"sold\u0000out"`},
		"U+0000 in the reason released": {released, `"expired"`, `"\u0000"`},
		"a control character":           {failed, `"sold_out"`, `"sold\u0007out"`},
		"a reason of 300 bytes":         {failed, `"sold_out"`, `"` + strings.Repeat("x", 300) + `"`},
		"bytes that are not UTF-8":      {failed, `"sold_out"`, "\"sold\xffout\""},
		"U+0000 in the id":              {failed, `"id":"x"`, `"id":"x\u0000"`},
		"an id of 300 bytes":            {failed, `"id":"x"`, `"id":"` + strings.Repeat("x", 300) + `"`},
		"U+0000 in a section":           {failed, `"section":"A"`, `"section":"A\u0000"`},
		"a section too long":            {failed, `"section":"A"`, `"section":"ABCDEFGHI"`},
		"a negative price":              {reserved, `"amount":200000`, `"amount":-1`},
		"a price too great":             {reserved, `"amount":200000`, `"amount":9223372036854775807`},
		"an unknown currency":           {reserved, `"TWD"`, `"T\u0000D"`},
		"a negative buyer":              {reserved, `"buyer_id":42`, `"buyer_id":-42`},
		"a subsection out of range":     {request, `"subsection":1`, `"subsection":2147483648`},
		"a total too great":             {paid, `"amount":400000`, `"amount":9223372036854775807`},
		"the same seat twice":           {reserved, `"A-1-2-4"`, `"A-1-2-3"`},
		"21 seats":                      {reserved, `"A-1-2-4"`, seats(20)},
		"21 positions":                  {request, `"2-4"`, positions(20)},
	} {
		t.Run(name, func(t *testing.T) {
			if got, err := decode(bad.of.Action(), replaced(bad.of, bad.was, bad.is)); err == nil {
				t.Errorf("taken: %+v", got.Body)
			}
		})
	}
}

func seats(n int) string { return numbered(n, `"A-1-3-`) }

func positions(n int) string { return numbered(n, `"3-`) }

func numbered(n int, prefix string) string {
	var all []string
	for i := range n {
		all = append(all, prefix+string(rune('1'+i/10))+string(rune('0'+i%10))+`"`)
	}
	return strings.Join(all, ",")
}
