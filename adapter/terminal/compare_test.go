package terminal

import (
	"context"
	"encoding/json"
	"encoding/xml"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/onsale-tickets/onsale/port"
	"github.com/onsale-tickets/onsale/usecase/bench"
)

// build is a build whose runs have the given rates.
type build struct{ rates []float64 }

func (b *build) Bench(context.Context) (port.BenchFigures, error) {
	rate := b.rates[0]
	b.rates = b.rates[1:]
	return port.BenchFigures{"bookings_per_s": rate}, nil
}

func TestCompare(t *testing.T) {
	var out strings.Builder
	c := Comparison{Benchmark: "sellout --seats 2000", Load: "each <build> under its own load", Machine: "a machine", Commit: "0123", Other: "/tmp/before", OtherCommit: "4567",
		Headlines: []string{"bookings_per_s"}, Out: &out}
	use := bench.NewCompare(&build{[]float64{1000, 1100}}, &build{[]float64{2000, 2420}})

	result, err := c.Compare(t.Context(), use, 2)

	if err != nil {
		t.Fatal(err)
	}
	result.Text(&out)
	for _, want := range []string{"sellout --seats 2000, each <build> under its own load, 2 pairs", "/tmp/before (commit 4567)", "pair 1, other   bookings_per_s 1000\n", "pair 2, this    bookings_per_s 2420\n",
		"1050       2210     2.10\n"} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("no %q in\n%s", want, out.String())
		}
	}
	encoded, err := json.Marshal(result.JSON(0))
	if err != nil {
		t.Fatal(err)
	}
	want := `{"benchmark":"compare","of":"sellout --seats 2000","load":"each \u003cbuild\u003e under its own load","machine":"a machine","commit":"0123","other_commit":"4567","pairs":2,` +
		`"figures":{"bookings_per_s":{"others":[1000,1100],"own":[2000,2420],"other":1050,"this":2210,"ratio":2.1}}}`
	if string(encoded) != want {
		t.Errorf("\n%s, want\n%s", encoded, want)
	}
	checkChart(t, result.Chart(), 2, 4)
}

// checkChart checks that a chart's file is XML and has so many bars and dots.
func checkChart(t *testing.T, c Chart, bars, dots int) {
	t.Helper()
	file := filepath.Join(t.TempDir(), "chart.svg")
	if err := c.WriteSVG(file); err != nil {
		t.Fatal(err)
	}
	content, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	found := map[string]int{}
	for decoder := xml.NewDecoder(strings.NewReader(string(content))); ; {
		token, err := decoder.Token()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			t.Fatalf("%v in\n%s", err, content)
		}
		if start, is := token.(xml.StartElement); is {
			found[start.Name.Local]++
		}
	}
	if found["rect"] != bars || found["circle"] != dots {
		t.Errorf("elements %v in\n%s", found, content)
	}
}
