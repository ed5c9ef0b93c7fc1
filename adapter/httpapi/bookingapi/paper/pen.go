package paper

import (
	_ "embed"
	"sync"

	"codeberg.org/go-pdf/fpdf"
	"golang.org/x/image/font/gofont/gobold"
	"golang.org/x/image/font/gofont/goregular"
	"golang.org/x/image/font/sfnt"
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

const box = '□' // stands for a character that no font has

// pen writes text of any characters.
type pen struct {
	pdf *fpdf.Fpdf
	has map[string]bool // fonts that are in the document: a large one is not without need
}

// line writes a paragraph; size is in points, height, that of a line, in mm.
func (p pen) line(style string, size, height float64, text string) {
	for _, run := range runs(text) {
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

func runs(text string) []run {
	var all []run
	for _, r := range text {
		f, r := faceOf(r)
		if n := len(all); n > 0 && all[n-1].face.name == f.name {
			all[n-1].text += string(r)
		} else {
			all = append(all, run{f, string(r)})
		}
	}
	return all
}

func faceOf(r rune) (face, rune) {
	for _, r := range []rune{r, box} {
		for _, f := range faces {
			if f.draws(r) {
				return f, r
			}
		}
	}
	return faces[0], ' '
}
