package terminal

import (
	"fmt"
	"html"
	"os"
	"slices"
	"strings"
)

// Chart is a drawing of figures: panels below each other, each with a scale of
// its own that begins at zero.
type Chart struct {
	Title  string
	Says   string // one sentence: what is seen
	Panels []Panel
}

// Panel has the bars of one figure.
type Panel struct {
	Name string // with its unit
	Bars []Bar
}

// Bar is a value, and what it is the median of, if that is drawn.
type Bar struct {
	Name  string
	Value float64
	Dots  []float64
}

// Measures of a chart, in pixels.
const (
	chartWidth = 640
	barsLeft   = 170 // names are on the left
	barsWide   = chartWidth - barsLeft - 80
	rowHeight  = 26
)

// WriteSVG draws the chart into a file. Its colours suit light and dark pages.
func (c Chart) WriteSVG(file string) error { return os.WriteFile(file, []byte(c.svg()), 0o644) }

func (c Chart) svg() string {
	var body strings.Builder
	text := func(x, y int, size int, s string) {
		fmt.Fprintf(&body, `<text x="%d" y="%d" font-size="%d">%s</text>`+"\n", x, y, size, html.EscapeString(s))
	}
	text(8, 24, 16, c.Title)
	y := 44
	for _, line := range wrap(c.Says, 100) {
		text(8, y, 12, line)
		y += 16
	}
	for _, p := range c.Panels {
		text(8, y+18, 13, p.Name)
		y += rowHeight
		most := p.most()
		for _, b := range p.Bars {
			text(8, y+16, 12, b.Name)
			fmt.Fprintf(&body, `<rect x="%d" y="%d" width="%.1f" height="18" fill="#3b82f6" fill-opacity="0.6"/>`+"\n", barsLeft, y+3, b.Value/most*barsWide)
			for _, d := range b.Dots {
				fmt.Fprintf(&body, `<circle cx="%.1f" cy="%d" r="3.5" fill="#1d4ed8"/>`+"\n", barsLeft+d/most*barsWide, y+12)
			}
			text(barsLeft+barsWide+14, y+16, 12, figure(b.Value))
			y += rowHeight
		}
		y += 8
	}
	return fmt.Sprintf(`<svg xmlns="http://www.w3.org/2000/svg" width="%d" height="%d" viewBox="0 0 %d %d" font-family="sans-serif" fill="#808080">
<title>%s</title>
%s</svg>
`, chartWidth, y, chartWidth, y, html.EscapeString(c.Title), body.String())
}

// most returns the largest value of a panel, and 1 if there is none above zero.
func (p Panel) most() float64 {
	most := 0.0
	for _, b := range p.Bars {
		most = max(most, b.Value, slices.Max(append([]float64{0}, b.Dots...)))
	}
	if most == 0 {
		return 1
	}
	return most
}

// wrap breaks a text into lines of at most n bytes, between words.
func wrap(text string, n int) (lines []string) {
	for _, word := range strings.Fields(text) {
		if last := len(lines) - 1; last >= 0 && len(lines[last])+1+len(word) <= n {
			lines[last] += " " + word
		} else {
			lines = append(lines, word)
		}
	}
	return lines
}
