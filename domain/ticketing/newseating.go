package ticketing

import (
	"cmp"
	"slices"
	"strconv"

	"github.com/onsale-tickets/onsale/domain"
	"github.com/onsale-tickets/onsale/domain/seating"
)

// NewSeating is the hall as it was sent. Sections keep their order; subsections,
// rows and seats are sorted by number. A Grid may be given here for all sections,
// in a section for its subsections, or in a subsection. The innermost one counts.
type NewSeating struct {
	Grid
	Sections []NewSection
}

// Grid is a number of equal rows. A nil field was left out.
type Grid struct {
	Rows, SeatsPerRow *int
}

// NewSection has either a count of equal subsections, or a list of them.
type NewSection struct {
	Grid
	Name        string
	Price       *int64
	Count       *int
	Subsections []NewSubsection
}

// NewSubsection is either a grid, or a list of rows.
type NewSubsection struct {
	Grid
	Number *int
	Rows   []NewRow // rows of their own; Grid is then empty
}

// NewRow is a row with its seats.
type NewRow struct {
	Number *int
	Seats  []int
}

var (
	atSeating  = domain.Field("seating")
	atSections = atSeating.Field("sections")
)

func (n NewSeating) sections(bad *refusals) []CatalogueSection {
	if len(n.Sections) == 0 {
		bad.add(atSections, "required", "an event has at least one section")
		return nil
	}
	if len(n.Sections) > MaxSections {
		bad.add(atSections, "too_many_sections", "an event has at most "+strconv.Itoa(MaxSections)+" sections")
		return nil
	}
	b := builder{bad: bad, names: map[string]bool{}}
	out := make([]CatalogueSection, 0, len(n.Sections))
	for i, s := range n.Sections {
		at := atSections.Index(i)
		before := len(*bad)
		b.name(at, s.Name)
		bad.price(at.Field("price"), s.Price)
		layout := seating.SectionLayout{Name: s.Name, Subsections: b.section(at, s, n.Grid)}
		if b.full != "" {
			bad.add(atSeating, "too_many_"+b.full, "an event has at most "+strconv.Itoa(MaxSeats)+" seats in "+strconv.Itoa(MaxSubsections)+" subsections")
			return nil
		}
		if len(*bad) > before {
			continue
		}
		if err := layout.Validate(); err != nil { // a rule that the checks above do not cover
			bad.add(at, "invalid", err.Error())
			continue
		}
		out = append(out, CatalogueSection{Layout: layout, Price: *s.Price})
	}
	return out
}

// builder makes layouts. It stops before it exceeds MaxSeats or MaxSubsections.
type builder struct {
	bad         *refusals
	names       map[string]bool
	seats       int
	subsections int
	full        string // "seats" or "subsections", once there are too many
}

func (b *builder) name(at domain.Path, name string) {
	switch {
	case name == "":
		b.bad.add(at.Field("name"), "required", "a section has a name")
	case !domain.ValidSectionName(name):
		b.bad.add(at.Field("name"), "invalid", "1 to 8 characters of A-Z and 0-9")
	case b.names[name]:
		b.bad.add(at.Field("name"), "duplicate", "section names are unique")
	}
	b.names[name] = true
}

// room counts n more seats and reports whether they are within the limit.
func (b *builder) room(n int) bool {
	if n > MaxSeats-b.seats {
		b.full = "seats"
		return false
	}
	b.seats += n
	return true
}

// blocks counts n more subsections and reports whether they are within the limit.
func (b *builder) blocks(n int) bool {
	if n > MaxSubsections-b.subsections {
		b.full = "subsections"
		return false
	}
	b.subsections += n
	return true
}

func (b *builder) section(at domain.Path, s NewSection, hall Grid) []seating.Subsection {
	around := placedGrid{hall, atSeating}.unless(s.Grid, at)
	if s.Count != nil {
		return b.counted(at, *s.Count, around)
	}
	if len(s.Subsections) == 0 {
		b.bad.add(at.Field("subsections"), "required", "a section has at least one subsection")
		return nil
	}
	if !b.blocks(len(s.Subsections)) {
		return nil
	}
	out := make([]seating.Subsection, 0, len(s.Subsections))
	seen := map[int]bool{}
	for i, sub := range s.Subsections {
		subAt := at.Field("subsections").Index(i)
		number, ok := b.number(subAt.Field("number"), sub.Number, seen)
		made, okRows := b.rows(subAt, number, sub, around.unless(sub.Grid, subAt))
		if b.full != "" {
			return nil
		}
		if ok && okRows {
			out = append(out, made)
		}
	}
	slices.SortFunc(out, func(a, b seating.Subsection) int { return cmp.Compare(a.Number, b.Number) })
	return out
}

func (b *builder) counted(at domain.Path, count int, g placedGrid) []seating.Subsection {
	if !b.bad.between(at.Field("subsections"), count, 1, domain.MaxNumber) {
		return nil
	}
	rows, perRow, ok := b.grid(g)
	if !ok || !b.room(count*rows*perRow) || !b.blocks(count) {
		return nil
	}
	out := make([]seating.Subsection, count)
	for i := range out {
		out[i] = seating.Regular(i+1, rows, perRow)
	}
	return out
}

// placedGrid is a grid with the path at which it was given or is missing.
type placedGrid struct {
	Grid
	at domain.Path
}

// unless returns the inner grid if there is one. If neither is given, the inner
// path is where it is missing.
func (g placedGrid) unless(closer Grid, at domain.Path) placedGrid {
	if closer != (Grid{}) || g.Grid == (Grid{}) {
		return placedGrid{closer, at}
	}
	return g
}

func (b *builder) grid(g placedGrid) (rows, perRow int, ok bool) {
	rows, okRows := b.size(g.at.Field("rows"), g.Rows)
	perRow, okSeats := b.size(g.at.Field("seats_per_row"), g.SeatsPerRow)
	return rows, perRow, okRows && okSeats
}

func (b *builder) size(at domain.Path, n *int) (int, bool) {
	if n == nil {
		b.bad.add(at, "required", "the number of rows, and of seats in each row")
		return 0, false
	}
	return *n, b.bad.between(at, *n, 1, domain.MaxNumber)
}
