package seating_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/cockroachdb/datadriven"

	"github.com/onsale-tickets/onsale/domain/seating"
)

// The files in testdata/seating show a map, a command and its result. In a map,
// 0 is a free seat, 1 a taken seat and a dot an aisle. Each line is a row, the
// front row first. A dash begins the next subsection. The result is the map with
// an x on each picked seat, or the reason why no seat was picked.
//
// go test ./domain/seating -run Scenarios -rewrite rewrites the results.
func TestScenarios(t *testing.T) {
	datadriven.Walk(t, "../../testdata/seating", func(t *testing.T, path string) {
		datadriven.RunTest(t, path, func(t *testing.T, d *datadriven.TestData) string {
			m, rows := parseMap(t, d.Input)
			r := seating.Request{AllowPartial: !d.HasArg("all-or-nothing")}
			d.MaybeScanArgs(t, "subsection", &r.Subsection)
			switch d.Cmd {
			case "best":
				d.ScanArgs(t, "n", &r.Quantity)
			case "manual":
				r.Manual = true
				for _, a := range d.CmdArgs {
					var row, seat int
					if n, _ := fmt.Sscanf(a.Key, "%d-%d", &row, &seat); n == 2 {
						i, ok := index(m, r.Subsection, row, seat)
						if !ok {
							d.Fatalf(t, "there is no seat %s", a.Key)
						}
						r.Seats = append(r.Seats, i)
					}
				}
			default:
				d.Fatalf(t, "unknown command %q", d.Cmd)
			}
			var f seating.Finder
			picked, reason := f.Choose(m, r, seating.Halving, nil)
			if reason != "" {
				return string(reason) + "\n"
			}
			return picture(m, rows, picked)
		})
	})
}

func parseMap(t *testing.T, text string) (*seating.Map, []string) {
	t.Helper()
	layout := seating.SectionLayout{Name: "A", Subsections: []seating.Subsection{{Number: 1}}}
	rows := strings.Split(strings.TrimSpace(text), "\n")
	type at struct{ sub, row, seat int }
	var taken []at
	for _, line := range rows {
		sub := &layout.Subsections[len(layout.Subsections)-1]
		if line == "-" {
			layout.Subsections = append(layout.Subsections, seating.Subsection{Number: sub.Number + 1})
			continue
		}
		row := seating.Row{Number: len(sub.Rows) + 1}
		for i, c := range line {
			if c == '0' || c == '1' {
				row.Seats = append(row.Seats, i+1)
			}
			if c == '1' {
				taken = append(taken, at{sub.Number, row.Number, i + 1})
			}
		}
		sub.Rows = append(sub.Rows, row)
	}
	plan, err := seating.Compile(layout)
	if err != nil {
		t.Fatal(err)
	}
	m := seating.NewMap(plan)
	for _, s := range taken {
		i, _ := index(m, s.sub, s.row, s.seat)
		m.Reserve([]seating.Index{i}, [16]byte{1}, 1, 1, 0)
	}
	return m, rows
}

func index(m *seating.Map, sub, row, seat int) (seating.Index, bool) {
	for i := range seating.Index(m.Plan().SeatCount()) {
		if s := m.Plan().Seat(i); s.Subsection == sub && s.Row == row && s.Seat == seat {
			return i, true
		}
	}
	return 0, false
}

func picture(m *seating.Map, rows []string, picked []seating.Index) string {
	marked := map[string]bool{}
	for _, s := range m.Plan().Seats(picked) {
		marked[fmt.Sprint(s.Subsection, s.Row, s.Seat)] = true
	}
	var out strings.Builder
	sub, row := 1, 0
	for _, line := range rows {
		if line == "-" {
			sub, row = sub+1, 0
			out.WriteString("-\n")
			continue
		}
		row++
		for i, c := range line {
			if marked[fmt.Sprint(sub, row, i+1)] {
				c = 'x'
			}
			out.WriteRune(c)
		}
		out.WriteString("\n")
	}
	return out.String()
}
