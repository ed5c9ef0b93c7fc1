package pdf_test

import (
	"bytes"
	"compress/zlib"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"unicode/utf16"

	"github.com/onsale-tickets/onsale/adapter/httpapi/bookingapi/pdf"
	"github.com/onsale-tickets/onsale/domain"
)

// Whatever the names are, all of them is on the page, and nothing covers anything
// else. Set ONSALE_PDFS to a directory to look at the tickets.
func TestTicketsOverlapNothing(t *testing.T) {
	long := func(s string) string { return strings.Repeat(s, 128) }
	for name, names := range map[string][3]string{ // event, venue, holder
		"short":  {"The show", "The hall", "A new buyer"},
		"wide":   {long("W"), long("W"), long("W")},
		"cjk":    {long("龘"), long("館"), long("買")},
		"narrow": {long("i"), long("i"), long("i")},
		"words":  {strings.TrimSpace(strings.Repeat("Wagner ", 18)), strings.Repeat("Oper ", 25), "A new buyer"},
		"emoji":  {"五月天 🎸 Live 🎤 演唱會 2027", "台北小巨蛋 🏟 Taipei Arena", "A new buyer 😀"},
		"mixed":  {strings.Repeat("WW演唱會🎸", 21), strings.Repeat("館W", 64), strings.Repeat("買ä", 64)},
	} {
		for tag, language := range pdf.Languages {
			t.Run(name+" in "+tag, func(t *testing.T) {
				e, b := show, paid
				e.Name, e.VenueName, e.TimeZone = names[0], names[1], "America/Argentina/ComodRivadavia"
				b.UnitPrice = domain.Money{Amount: 99999999, Currency: "TWD"}
				b.EventID, b.Seats = 1<<53, []domain.SeatID{{Section: "WWWWWWWW", Subsection: 9999, Row: 9999, Seat: 9999}}

				var out bytes.Buffer
				if err := pdf.Tickets(&out, language, b, e, names[2], signer{}); err != nil {
					t.Fatal(err)
				}

				if dir := os.Getenv("ONSALE_PDFS"); dir != "" {
					if err := os.WriteFile(filepath.Join(dir, name+"-"+tag+".pdf"), out.Bytes(), 0o644); err != nil {
						t.Fatal(err)
					}
				}
				placed := boxes(t, out.Bytes())
				drawn := ""
				for i, one := range placed {
					drawn += one.what
					if one.left < 39 || one.bottom < 20 || one.right > 420.94-39 || one.top > 595.28-20 {
						t.Errorf("beyond the margins: %+v", one)
					}
					for _, other := range placed[:i] {
						if one.left < other.right-0.1 && other.left < one.right-0.1 && one.bottom < other.top && other.bottom < one.top {
							t.Errorf("%+v overlaps %+v", one, other)
						}
					}
				}
				for _, text := range names {
					if want := letters(text); !strings.Contains(letters(drawn), want) {
						t.Errorf("not all of %s is drawn:\n%s", want, drawn)
					}
				}
				if !strings.Contains(drawn, "999,999.99") && !strings.Contains(drawn, "999999.99") {
					t.Errorf("the price is not drawn:\n%s", drawn)
				}
			})
		}
	}
}

// A name of 128 of the widest letters of either font still fits.
func TestTicketsOfTheWidestLetters(t *testing.T) {
	for _, letter := range []string{"Ǽ", "Щ", "㍿", "—", "Ψ"} {
		e := show
		e.Name, e.VenueName = strings.Repeat(letter, 128), strings.Repeat(letter, 128)
		var out bytes.Buffer
		if err := pdf.Tickets(&out, pdf.English, paid, e, e.Name, signer{}); err != nil {
			t.Errorf("%s: %v", letter, err)
		}
	}
}

// letters leaves out blanks, at which lines break, and the symbols that no font has.
func letters(text string) string {
	return regexp.MustCompile(`[ 🎸🎤🏟😀]`).ReplaceAllString(text, "")
}

// box is a text or a picture on a page, in points from its lower left corner.
type box struct {
	what                     string
	left, bottom, right, top float64
}

// boxes reads what the first page of a PDF draws, and where.
func boxes(t *testing.T, file []byte) []box {
	t.Helper()
	fonts := fontsOf(t, file)
	var all []box
	content := pageOf(t, file)
	number := `(-?[\d.]+)`
	operator := regexp.MustCompile(`(?s)/F([0-9a-f]{40}) ` + number + ` Tf|` + number + ` ` + number + ` Td \(((?:[^\\)]|\\.)*)\) ?Tj|` + number + ` 0 0 ` + number + ` ` + number + ` ` + number + ` cm`)
	var font widths
	var size float64
	for _, m := range operator.FindAllSubmatch(content, -1) {
		of := func(i int) float64 {
			n, err := strconv.ParseFloat(string(m[i]), 64)
			if err != nil {
				t.Fatal(err)
			}
			return n
		}
		switch {
		case m[1] != nil:
			font, size = fonts[string(m[1])], of(2)
		case m[3] != nil:
			text := decoded(m[5])
			all = append(all, box{text, of(3), of(4) - 0.2*size, of(3) + font.of(text)*size/1000, of(4) + 0.86*size})
		default:
			all = append(all, box{"a picture", of(8), of(9), of(8) + of(6), of(9) + of(7)})
		}
	}
	if len(all) < 9 || !slices.ContainsFunc(all, func(b box) bool { return b.what == "a picture" }) {
		t.Fatalf("only these were found: %+v", all)
	}
	return all
}

func pageOf(t *testing.T, file []byte) []byte {
	t.Helper()
	for _, part := range bytes.Split(file, []byte("\nstream\n"))[1:] {
		r, err := zlib.NewReader(bytes.NewReader(part))
		if err != nil {
			continue
		}
		if content, err := io.ReadAll(r); err == nil && bytes.Contains(content, []byte(" Tf")) {
			return content
		}
	}
	t.Fatal("no page")
	return nil
}

// decoded reads a PDF string of UTF-16.
func decoded(escaped []byte) string {
	raw := []byte(strings.NewReplacer(`\\`, `\`, `\(`, `(`, `\)`, `)`, `\r`, "\r").Replace(string(escaped)))
	var units []uint16
	for i := 0; i+1 < len(raw); i += 2 {
		units = append(units, uint16(raw[i])<<8|uint16(raw[i+1]))
	}
	return string(utf16.Decode(units))
}

// widths are those of a font's characters, in thousandths of its size.
type widths struct {
	of1   map[int]float64
	other float64
}

func (w widths) of(text string) (sum float64) {
	for _, r := range text {
		if width, ok := w.of1[int(r)]; ok {
			sum += width
		} else {
			sum += w.other
		}
	}
	return sum
}

// fontsOf reads the fonts of a PDF by their names in it.
func fontsOf(t *testing.T, file []byte) map[string]widths {
	t.Helper()
	object := func(n []byte) []byte {
		_, rest, _ := bytes.Cut(file, fmt.Appendf(nil, "\n%s 0 obj\n", n))
		of, _, _ := bytes.Cut(rest, []byte("endobj"))
		return of
	}
	all := map[string]widths{}
	for _, font := range regexp.MustCompile(`/F([0-9a-f]{40}) (\d+) 0 R`).FindAllSubmatch(file, -1) {
		descendant := object(regexp.MustCompile(`/DescendantFonts \[(\d+) 0 R`).FindSubmatch(object(font[2]))[1])
		w := widths{of1: map[int]float64{}}
		w.other, _ = strconv.ParseFloat(string(regexp.MustCompile(`/DW (\d+)`).FindSubmatch(descendant)[1]), 64)
		table := regexp.MustCompile(`(?s)/W \[(.*)\]`).FindSubmatch(descendant)[1]
		for _, entry := range regexp.MustCompile(`(\d+) \[([^\]]*)\]|(\d+) (\d+) (\d+)`).FindAllSubmatch(table, -1) {
			at := func(i int) int { n, _ := strconv.Atoi(string(entry[i])); return n }
			if entry[1] != nil {
				for i, width := range strings.Fields(string(entry[2])) {
					w.of1[at(1)+i], _ = strconv.ParseFloat(width, 64)
				}
			} else {
				for i := at(3); i <= at(4); i++ {
					w.of1[i] = float64(at(5))
				}
			}
		}
		all[string(font[1])] = w
	}
	if len(all) == 0 {
		t.Fatal("no font")
	}
	return all
}
