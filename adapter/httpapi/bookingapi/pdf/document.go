package pdf

import (
	_ "embed"
	"strings"
	"sync"
	"unicode"

	"codeberg.org/go-pdf/fpdf"
	"golang.org/x/image/font/gofont/gobold"
	"golang.org/x/image/font/gofont/goregular"
	"golang.org/x/image/font/sfnt"
	"golang.org/x/text/unicode/norm"
)

//go:embed fonts/DroidSansFallbackFull.ttf
var droid []byte

// face is a font; the first that has a character draws it. Without a bold one it
// is as it is in all styles.
type face struct {
	name          string
	regular, bold []byte
	glyphs        func() *sfnt.Font
}

var faces = []face{
	{"go", goregular.TTF, gobold.TTF, parsed(goregular.TTF)},
	{"droid", droid, nil, parsed(droid)}, // Chinese and Japanese
}

// parsed reads a font when it is first asked for.
func parsed(font []byte) func() *sfnt.Font {
	return sync.OnceValue(func() *sfnt.Font {
		f, err := sfnt.Parse(font)
		if err != nil { // it is compiled in
			panic(err)
		}
		return f
	})
}

func (f face) draws(r rune) bool {
	var buffer sfnt.Buffer
	i, err := f.glyphs().GlyphIndex(&buffer, r)
	return err == nil && i != 0
}

// pen writes text of any characters.
type pen struct {
	pdf *fpdf.Fpdf
	has map[string]bool // fonts that are in the document: a large one is not without need
}

// line writes a paragraph, if it can be drawn; size is in points, height, that of
// a line, in mm.
func (p pen) line(style string, size, height float64, text string) {
	drawn := legible(text)
	if drawn == "" {
		return
	}
	for _, run := range runs(drawn) {
		font, style := run.face.bold, style
		if style == "" || font == nil {
			font, style = run.face.regular, ""
		}
		if key := run.face.name + style; !p.has[key] {
			p.has[key] = true
			p.pdf.AddUTF8FontFromBytes(run.face.name, style, font)
		}
		p.pdf.SetFont(run.face.name, style, size)
		p.pdf.Write(height, run.text)
	}
	p.pdf.Ln(height)
}

// run is text of one font.
type run struct {
	face face
	text string
}

// legible is what the fonts can draw of a text: a symbol that none of them has is
// left out; without a letter a name would be another one, so all of it is.
func legible(text string) string {
	var out strings.Builder
	for _, r := range norm.NFC.String(text) {
		if _, ok := faceOf(r); ok {
			out.WriteRune(r)
		} else if unicode.In(r, unicode.L, unicode.N, unicode.M) && !unicode.Is(unicode.Variation_Selector, r) {
			return ""
		}
	}
	return strings.Join(strings.Fields(out.String()), " ")
}

func runs(legible string) []run {
	var all []run
	for _, r := range legible {
		f, _ := faceOf(r)
		if n := len(all); n > 0 && all[n-1].face.name == f.name {
			all[n-1].text += string(r)
		} else {
			all = append(all, run{f, string(r)})
		}
	}
	return all
}

// faceOf is the font that has a character. A PDF's text is written in 16 bits.
func faceOf(r rune) (face, bool) {
	for _, f := range faces {
		if r <= 0xFFFF && f.draws(r) {
			return f, true
		}
	}
	return face{}, false
}
