package terminal

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"strings"
)

// table are the figures of a benchmark as rows, which are also the fields of its
// JSON.
type table struct {
	Origin
	title string
	rows  []row
	chart Chart
}

// row is one figure.
type row struct {
	field string // of the JSON, with the unit
	value float64
	text  string // what it is, for people
	unit  string
}

// Text implements Figures.
func (t table) Text(out io.Writer) {
	where := ""
	if t.Broker != "" {
		where = t.Broker + " broker, "
	}
	if t.Servers > 0 {
		where += count(t.Servers, "server") + " of each service; "
	}
	fmt.Fprintf(out, "%s (%s%s, commit %s)\n", t.title, where, t.Machine, t.Commit)
	for _, r := range t.rows {
		fmt.Fprintln(out, strings.TrimRight(fmt.Sprintf("  %-44s %10s %s", r.text, figure(r.value), r.unit), " "))
	}
}

// JSON implements Figures.
func (t table) JSON(violations int) any { return tableJSON{t, violations} }

// Chart implements Charted.
func (t table) Chart() Chart { return t.chart }

type tableJSON struct {
	table
	violations int
}

// MarshalJSON writes the origin, the rows in their order, and the violations.
func (t tableJSON) MarshalJSON() ([]byte, error) {
	origin, err := json.Marshal(t.Origin)
	if err != nil {
		return nil, err
	}
	out := bytes.NewBuffer(bytes.TrimSuffix(origin, []byte("}")))
	for _, r := range append(t.rows[:len(t.rows):len(t.rows)], row{field: "violations", value: float64(t.violations)}) {
		value, err := json.Marshal(r.value)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", r.field, err)
		}
		fmt.Fprintf(out, ",%q:%s", r.field, value)
	}
	out.WriteByte('}')
	return out.Bytes(), nil
}
