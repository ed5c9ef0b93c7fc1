package pdf

import (
	_ "embed"
	"strings"
	"sync"
	"unicode"

	xfont "golang.org/x/image/font"
	"golang.org/x/image/font/gofont/gobold"
	"golang.org/x/image/font/gofont/goregular"
	"golang.org/x/image/font/sfnt"
	"golang.org/x/image/math/fixed"
	"golang.org/x/text/unicode/norm"
)

//go:embed fonts/DroidSansFallbackFull.ttf
var droid []byte

// face is a typeface in one or two weights.
type face struct {
	name    string
	regular *font
	bold    *font // nil if there is none: then bold text is drawn in regular
}

// faces are tried in order: the first that has a character draws it.
var faces = []face{
	{"go", newFont(goregular.TTF), newFont(gobold.TTF)},
	{"droid", newFont(droid), nil}, // Chinese and Japanese
}

// style returns the font that draws a style, and the style it has.
func (f face) style(style string) (*font, string) {
	if style == "" || f.bold == nil {
		return f.regular, ""
	}
	return f.bold, style
}

// font is a TrueType font, parsed on first use.
type font struct {
	file   []byte
	parsed func() *sfnt.Font
}

func newFont(file []byte) *font {
	return &font{file, sync.OnceValue(func() *sfnt.Font {
		f, err := sfnt.Parse(file)
		if err != nil { // impossible: the font is embedded
			panic(err)
		}
		return f
	})}
}

// has reports whether the font has a glyph for r.
func (f *font) has(r rune) bool {
	var buffer sfnt.Buffer
	i, err := f.parsed().GlyphIndex(&buffer, r)
	return err == nil && i != 0
}

// width returns how wide text is, as a multiple of the type size.
func (f *font) width(text string) float64 {
	var buffer sfnt.Buffer
	em, sum := f.parsed().UnitsPerEm(), fixed.Int26_6(0)
	for _, r := range text {
		i, err := f.parsed().GlyphIndex(&buffer, r)
		if err != nil {
			continue // not drawn
		}
		if advance, err := f.parsed().GlyphAdvance(&buffer, i, fixed.I(int(em)), xfont.HintingNone); err == nil {
			sum += advance
		}
	}
	return float64(sum) / 64 / float64(em)
}

// run is a piece of text that one face draws.
type run struct {
	face face
	text string
}

// legible returns the part of text that the faces can draw. It leaves out a symbol
// that no face has. If a letter, a digit or a mark is missing, it returns "": a name
// with a letter left out would be a different name.
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

// runs splits text into pieces of one face each. Every character must be legible.
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

// faceOf returns the first face that has r. The PDF library writes text in 16-bit
// units, so no face has a character above U+FFFF.
func faceOf(r rune) (face, bool) {
	for _, f := range faces {
		if r <= 0xFFFF && f.regular.has(r) {
			return f, true
		}
	}
	return face{}, false
}
