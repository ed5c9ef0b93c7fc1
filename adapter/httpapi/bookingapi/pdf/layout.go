package pdf

import (
	"errors"
	"strings"

	"codeberg.org/go-pdf/fpdf"
	"github.com/rivo/uniseg"
)

// paragraph is a text of one style. Size is in points. Height is that of a line and
// before is the space above the paragraph, both in millimetres.
type paragraph struct {
	text         string
	style        string // "" or "B"
	size, height float64
	before       float64
	mayShrink    bool // names may; what the staff at the entrance must read may not
}

// line is one line of a paragraph, already broken to the width of the page.
type line struct {
	paragraph
	text string
}

// document adds text of any script to a PDF.
type document struct {
	*fpdf.Fpdf
	added map[string]bool // fonts that the PDF has; a large one is added only when needed
}

// scales are tried in order until a page's text fits. No text gets smaller than
// smallest, in points: at that size three names of 128 wide letters fit.
var scales = []float64{1, 0.9, 0.8, 0.7, 0.6, 0.5, 0.4}

const smallest = 8.0

var errTooLong = errors.New("pdf: the text does not fit on the page")

// fit breaks paragraphs into lines of at most width and returns them once they are
// no higher than height in total. It shrinks the paragraphs that may shrink.
func (d document) fit(paragraphs []paragraph, width, height float64) ([]line, error) {
	for _, scale := range scales {
		var lines []line
		total := 0.0
		for _, p := range paragraphs {
			if p.mayShrink {
				size := max(p.size*scale, smallest)
				p.height *= size / p.size
				p.size = size
			}
			broken := d.lines(p, width)
			if len(broken) > 0 {
				total += p.before + float64(len(broken))*p.height
			}
			lines = append(lines, broken...)
		}
		if total <= height {
			return lines, nil
		}
	}
	return nil, errTooLong
}

// lines breaks the legible part of a paragraph into lines: where Unicode (UAX #14)
// allows it, and within a word that is wider than a line. Only the first line has
// the space above.
func (d document) lines(p paragraph, width float64) []line {
	var lines []line
	text := ""
	end := func() {
		if text != "" {
			lines = append(lines, line{p, strings.TrimRight(text, " ")})
			p.before, text = 0, ""
		}
	}
	add := func(piece string) (fits bool) {
		if d.width(p, strings.TrimRight(text+piece, " ")) > width {
			return false
		}
		text += piece
		return true
	}
	for rest, state := legible(p.text), -1; rest != ""; {
		var word string
		word, rest, _, state = uniseg.FirstLineSegmentInString(rest, state)
		if add(word) {
			continue
		}
		end()
		if add(word) {
			continue
		}
		for characters := uniseg.NewGraphemes(word); characters.Next(); {
			if !add(characters.Str()) {
				end()
				add(characters.Str())
			}
		}
	}
	end()
	return lines
}

// write draws lines below each other from y on and returns where they end.
func (d document) write(lines []line, x, y float64) float64 {
	for _, l := range lines {
		y += l.before
		d.draw(l, x, y+l.height/2+0.3*d.PointToUnitConvert(l.size))
		y += l.height
	}
	return y
}

// draw writes one line, and adds the fonts that it needs to the PDF.
func (d document) draw(l line, x, baseline float64) {
	for _, run := range runs(l.text) {
		font, style := run.face.style(l.style)
		if key := run.face.name + style; !d.added[key] {
			d.added[key] = true
			d.AddUTF8FontFromBytes(run.face.name, style, font.file)
		}
		d.SetFont(run.face.name, style, l.size)
		d.Text(x, baseline, run.text)
		x += d.PointToUnitConvert(l.size * font.width(run.text))
	}
}

// width returns how wide a text in the style of a paragraph is, in millimetres.
func (d document) width(p paragraph, text string) float64 {
	sum := 0.0
	for _, run := range runs(text) {
		font, _ := run.face.style(p.style)
		sum += font.width(run.text)
	}
	return d.PointToUnitConvert(p.size * sum)
}
