package seating_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/onsale-tickets/onsale/domain"
	"github.com/onsale-tickets/onsale/domain/seating"
	"pgregory.net/rapid"
)

// hall returns a map of rows drawn as text: 0 free, 1 taken, blank an aisle.
// "/" separates subsections.
func hall(t testing.TB, drawn string) *seating.Map {
	t.Helper()
	layout := seating.SectionLayout{Name: "A"}
	var taken []domain.SeatID
	for i, block := range strings.Split(drawn, "/") {
		sub := seating.Subsection{Number: i + 1}
		for j, line := range strings.Fields(strings.ReplaceAll(block, " ", "_")) {
			row := seating.Row{Number: j + 1}
			for k, c := range line {
				if c == '_' {
					continue
				}
				row.Seats = append(row.Seats, k+1)
				if c == '1' {
					taken = append(taken, domain.SeatID{Section: "A", Subsection: i + 1, Row: j + 1, Seat: k + 1})
				}
			}
			sub.Rows = append(sub.Rows, row)
		}
		layout.Subsections = append(layout.Subsections, sub)
	}
	plan, err := seating.Compile(layout)
	if err != nil {
		t.Fatal(err)
	}
	m := seating.NewMap(plan)
	for _, id := range taken {
		i, _ := plan.Index(id)
		m.Reserve([]seating.Index{i}, domain.BookingID{1}, 1, 1, 0)
	}
	return m
}

func names(m *seating.Map, picked []seating.Index) string {
	var out []string
	for _, i := range picked {
		s := m.Plan().Seat(i)
		out = append(out, fmt.Sprintf("%d:%d-%d", s.Subsection, s.Row, s.Seat))
	}
	return strings.Join(out, " ")
}

func TestBestAvailable(t *testing.T) {
	tests := []struct {
		name       string
		drawn      string
		subsection int
		n          int
		want       string
	}{
		{"halves when no row has four together", "0001011111", 0, 4, "1:1-1 1:1-2 1:1-3 1:1-5"},
		{"takes two pairs", "0011001111", 0, 4, "1:1-1 1:1-2 1:1-5 1:1-6"},
		{"goes down to single seats", "0101010", 0, 4, "1:1-1 1:1-3 1:1-5 1:1-7"},
		{"prefers a row that seats all", "110\n000", 0, 2, "1:2-1 1:2-2"},
		{"gives what there is", "1101\n1110", 0, 4, "1:1-3 1:2-4"},
		{"gives nothing when nothing is free", "11", 0, 1, ""},
		{"does not sit across an aisle", "00 00\n0000", 0, 4, "1:2-1 1:2-2 1:2-3 1:2-4"},
		{"gives the front row first", "1000\n0000", 0, 3, "1:1-2 1:1-3 1:1-4"},
		{"takes the first subsection that seats all", "010/000", 0, 2, "2:1-1 2:1-2"},
		{"stays in the subsection asked for", "000/010", 2, 2, "2:1-1 2:1-3"},
		{"knows no subsection 3", "000/000", 3, 2, ""},
		{"finds a run over the border of a word", strings.Repeat("1", 62) + "0000" + strings.Repeat("1", 20), 0, 4, "1:1-63 1:1-64 1:1-65 1:1-66"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			m := hall(t, tt.drawn)

			var f seating.Finder
			picked := f.BestAvailable(m, tt.subsection, tt.n, nil)

			if got := names(m, picked); got != tt.want {
				t.Errorf("picked %q, want %q", got, tt.want)
			}
		})
	}
}

func TestChoose(t *testing.T) {
	seat := func(m *seating.Map, row, n int) seating.Index {
		i, ok := m.Plan().Index(domain.SeatID{Section: "A", Subsection: 1, Row: row, Seat: n})
		if !ok {
			t.Fatalf("no seat %d-%d", row, n)
		}
		return i
	}
	tests := []struct {
		name    string
		drawn   string
		request func(m *seating.Map) seating.Request
		want    string
		reason  seating.Reason
	}{
		{"best available, sold out", "11", func(*seating.Map) seating.Request { return seating.Request{Quantity: 1, AllowPartial: true} }, "", seating.SoldOut},
		{"best available, in part", "101", func(*seating.Map) seating.Request { return seating.Request{Quantity: 2, AllowPartial: true} }, "1:1-2", ""},
		{"best available, all or nothing", "101", func(*seating.Map) seating.Request { return seating.Request{Quantity: 2} }, "", seating.NotEnoughSeats},
		{"by hand, no seats given", "000", func(*seating.Map) seating.Request { return seating.Request{Manual: true, AllowPartial: true} }, "", seating.NoSeatsGiven},
		{"by hand, what is free of them", "010", func(m *seating.Map) seating.Request {
			return seating.Request{Manual: true, AllowPartial: true, Seats: []seating.Index{seat(m, 1, 3), seat(m, 1, 2)}}
		}, "1:1-3", ""},
		{"by hand, all or nothing", "010", func(m *seating.Map) seating.Request {
			return seating.Request{Manual: true, Seats: []seating.Index{seat(m, 1, 3), seat(m, 1, 2)}}
		}, "", seating.SeatsTaken},
		{"by hand, all taken", "010", func(m *seating.Map) seating.Request {
			return seating.Request{Manual: true, AllowPartial: true, Seats: []seating.Index{seat(m, 1, 2)}}
		}, "", seating.SeatsTaken},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			m := hall(t, tt.drawn)

			var f seating.Finder
			picked, reason := f.Choose(m, tt.request(m), seating.Halving, nil)

			if names(m, picked) != tt.want || reason != tt.reason {
				t.Errorf("picked %q (%s), want %q (%s)", names(m, picked), reason, tt.want, tt.reason)
			}
		})
	}
}

// slow follows the rule of the design word by word, seat by seat.
func slow(m *seating.Map, subsection, n int) []seating.Index {
	free := map[domain.SeatID]seating.Index{}
	for i := range m.Plan().SeatCount() {
		id := m.Plan().Seat(seating.Index(i))
		if m.Free(seating.Index(i)) && (subsection == 0 || subsection == id.Subsection) {
			free[id] = seating.Index(i)
		}
	}
	order := make([]domain.SeatID, 0, len(free))
	for i := range m.Plan().SeatCount() {
		if id := m.Plan().Seat(seating.Index(i)); m.Free(seating.Index(i)) && (subsection == 0 || subsection == id.Subsection) {
			order = append(order, id)
		}
	}
	var party func(n int) []seating.Index
	party = func(n int) []seating.Index {
		for _, id := range order {
			var run []seating.Index
			for k := range n {
				next := id
				next.Seat += k
				if i, ok := free[next]; ok {
					run = append(run, i)
				}
			}
			if len(run) == n {
				for k := range n {
					next := id
					next.Seat += k
					delete(free, next)
				}
				return run
			}
		}
		if n == 1 {
			return nil
		}
		larger := party((n + 1) / 2)
		return append(larger, party(n/2)...)
	}
	picked := party(n)
	slices.Sort(picked)
	return picked
}

func drawMap(t *rapid.T) *seating.Map {
	layout := seating.SectionLayout{Name: "A"}
	for s := range rapid.IntRange(1, 3).Draw(t, "subsections") {
		sub := seating.Subsection{Number: 2*s + 1}
		for r := range rapid.IntRange(1, 4).Draw(t, "rows") {
			row := seating.Row{Number: r + 1}
			at := rapid.IntRange(1, 100).Draw(t, "first seat")
			for range rapid.IntRange(1, 90).Draw(t, "seats") {
				row.Seats = append(row.Seats, at)
				at++
				if rapid.IntRange(0, 15).Draw(t, "aisle") == 0 {
					at += rapid.IntRange(1, 70).Draw(t, "width")
				}
			}
			sub.Rows = append(sub.Rows, row)
		}
		layout.Subsections = append(layout.Subsections, sub)
	}
	plan, err := seating.Compile(layout)
	if err != nil {
		t.Fatal(err)
	}
	m := seating.NewMap(plan)
	taken := rapid.IntRange(0, 20).Draw(t, "taken of 20")
	for i := range plan.SeatCount() {
		if rapid.IntRange(0, 19).Draw(t, "seat") < taken {
			m.Reserve([]seating.Index{seating.Index(i)}, domain.BookingID{1}, 1, 1, 0)
		}
	}
	return m
}

func TestBestAvailablePicksWhatItsSlowTwinPicks(t *testing.T) {
	var f seating.Finder // reused, because one search must not affect the next
	rapid.Check(t, func(t *rapid.T) {
		m := drawMap(t)
		before := m.Clone()
		subsection := rapid.SampledFrom([]int{0, 0, 1, 3}).Draw(t, "subsection")
		n := rapid.IntRange(1, 20).Draw(t, "n")

		got := f.BestAvailable(m, subsection, n, nil)

		if want := slow(m, subsection, n); !slices.Equal(got, want) {
			t.Fatalf("picked %s, its twin %s", names(m, got), names(m, want))
		}
		for i := range m.Plan().SeatCount() {
			if m.Seat(seating.Index(i)) != before.Seat(seating.Index(i)) {
				t.Fatalf("the search changed seat %d", i)
			}
		}
	})
}

func TestPlanIndexIsTheInverseOfSeat(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p := drawMap(t).Plan()
		known := map[domain.SeatID]seating.Index{}
		for i := range p.SeatCount() {
			known[p.Seat(seating.Index(i))] = seating.Index(i)
		}
		id := domain.SeatID{Section: "A", Subsection: rapid.IntRange(1, 5).Draw(t, "sub"),
			Row: rapid.IntRange(1, 5).Draw(t, "row"), Seat: rapid.IntRange(1, 400).Draw(t, "seat")}
		want, exists := known[id]
		if got, ok := p.Index(id); ok != exists || got != want {
			t.Fatalf("%s: %d %v, want %d %v", id, got, ok, want, exists)
		}
		for id, want := range known {
			if got, ok := p.Index(id); !ok || got != want {
				t.Fatalf("%s: %d %v, want %d", id, got, ok, want)
			}
		}
	})
}

func TestCountsFollowTheSeats(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		m := drawMap(t)
		for range rapid.IntRange(0, 30).Draw(t, "steps") {
			i := []seating.Index{seating.Index(rapid.IntRange(0, m.Plan().SeatCount()-1).Draw(t, "seat"))}
			switch rapid.IntRange(0, 2).Draw(t, "what") {
			case 0:
				m.Reserve(i, domain.BookingID{2}, 2, 2, 0)
			case 1:
				m.Sell(i)
			case 2:
				m.Release(i)
			}
		}
		var want [3]int
		for i := range m.Plan().SeatCount() {
			want[m.Seat(seating.Index(i)).Status]++
		}
		if a, r, s := m.Counts(); [3]int{a, r, s} != want {
			t.Fatalf("counts %d %d %d, seats %v", a, r, s, want)
		}
	})
}

func TestConfirmHold(t *testing.T) {
	m := hall(t, "000")
	mine, other := domain.BookingID{1}, domain.BookingID{2}
	m.Reserve([]seating.Index{0, 1}, mine, 1, 0, 0)
	m.Reserve([]seating.Index{2}, other, 2, 0, 0)

	m.ConfirmHold([]seating.Index{0, 1, 2}, mine, 7)

	if m.Seat(0).Hold != 7 || m.Seat(1).Hold != 7 || m.Seat(2).Hold != 0 {
		t.Fatalf("holds %d %d %d", m.Seat(0).Hold, m.Seat(1).Hold, m.Seat(2).Hold)
	}
}

func TestValidateRefuses(t *testing.T) {
	row := func(seats ...int) []seating.Row { return []seating.Row{{Number: 1, Seats: seats}} }
	for name, l := range map[string]seating.SectionLayout{
		"a name in lower case": {Name: "a", Subsections: []seating.Subsection{{Number: 1, Rows: row(1)}}},
		"no subsection":        {Name: "A"},
		"no row":               {Name: "A", Subsections: []seating.Subsection{{Number: 1}}},
		"no seat":              {Name: "A", Subsections: []seating.Subsection{{Number: 1, Rows: row()}}},
		"a seat twice":         {Name: "A", Subsections: []seating.Subsection{{Number: 1, Rows: row(1, 1)}}},
		"seats out of order":   {Name: "A", Subsections: []seating.Subsection{{Number: 1, Rows: row(2, 1)}}},
		"seat 0":               {Name: "A", Subsections: []seating.Subsection{{Number: 1, Rows: row(0)}}},
		"seat 10000":           {Name: "A", Subsections: []seating.Subsection{{Number: 1, Rows: row(10000)}}},
		"a subsection twice":   {Name: "A", Subsections: []seating.Subsection{{Number: 1, Rows: row(1)}, {Number: 1, Rows: row(1)}}},
	} {
		if l.Validate() == nil {
			t.Errorf("%s was taken", name)
		}
	}
}

func TestBestAvailableAllocatesNothing(t *testing.T) {
	m := filled(t, 95)
	var f seating.Finder
	dst := make([]seating.Index, 0, 20)
	f.BestAvailable(m, 0, 4, dst)
	if n := testing.AllocsPerRun(100, func() { f.BestAvailable(m, 0, 4, dst) }); n != 0 {
		t.Fatalf("%v allocations", n)
	}
}

// filled returns a section of 5,000 seats. The taken ones, percent of all, are evenly spread.
func filled(t testing.TB, percent int) *seating.Map {
	layout := seating.SectionLayout{Name: "A"}
	for s := range 10 {
		layout.Subsections = append(layout.Subsections, seating.Regular(s+1, 20, 25))
	}
	plan, err := seating.Compile(layout)
	if err != nil {
		t.Fatal(err)
	}
	m := seating.NewMap(plan)
	for i := range plan.SeatCount() {
		if i*7919%100 < percent {
			m.Reserve([]seating.Index{seating.Index(i)}, domain.BookingID{1}, 1, 1, 0)
		}
	}
	return m
}

func BenchmarkSeatFinder(b *testing.B) {
	for _, percent := range []int{0, 50, 95, 99} {
		m := filled(b, percent)
		b.Run(fmt.Sprintf("bitmap/%d%%_full", percent), func(b *testing.B) {
			var f seating.Finder
			dst := make([]seating.Index, 0, 20)
			b.ReportAllocs()
			for b.Loop() {
				f.BestAvailable(m, 0, 4, dst)
			}
		})
		b.Run(fmt.Sprintf("slow_twin/%d%%_full", percent), func(b *testing.B) {
			for b.Loop() {
				slow(m, 0, 4)
			}
		})
	}
}

func ExampleFinder_BestAvailable() {
	plan, _ := seating.Compile(seating.SectionLayout{Name: "A", Subsections: []seating.Subsection{seating.Regular(1, 2, 3)}})
	m := seating.NewMap(plan)
	m.Reserve([]seating.Index{0, 1}, domain.BookingID{1}, 42, 1, 0) // A-1-1-1 and A-1-1-2

	var f seating.Finder
	for _, seat := range plan.Seats(f.BestAvailable(m, 0, 2, nil)) {
		fmt.Println(seat)
	}
	// Output:
	// A-1-2-1
	// A-1-2-2
}
