package pdf_test

import (
	"bytes"
	"compress/zlib"
	"fmt"
	"image"
	"image/draw"
	"io"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/makiuchi-d/gozxing"
	"github.com/makiuchi-d/gozxing/qrcode"

	"github.com/onsale-tickets/onsale/adapter/httpapi/bookingapi/pdf"
	"github.com/onsale-tickets/onsale/domain"
	"github.com/onsale-tickets/onsale/domain/booking"
	"github.com/onsale-tickets/onsale/domain/ticketing"
)

var (
	show = ticketing.CatalogueEvent{ID: 7, Name: "The show", VenueName: "The hall", StartsAt: time.Date(2027, 1, 1, 12, 0, 0, 0, time.UTC), TimeZone: "Asia/Taipei", Revision: 3}
	paid = booking.Booking{ID: domain.BookingID{15: 1}, UnitPrice: domain.Money{Amount: 200000, Currency: "TWD"}, PaidAt: time.Date(2026, 12, 1, 0, 0, 0, 0, time.UTC),
		Seats: []domain.SeatID{{Section: "A", Subsection: 1, Row: 1, Seat: 1}, {Section: "A", Subsection: 1, Row: 1, Seat: 2}}}
)

// signer records what it signed.
type signer map[string]domain.BookingID

func (s signer) SignTicket(ticket string, b domain.BookingID) string { s[ticket] = b; return "signed" }

func TestTickets(t *testing.T) {
	signed := signer{}
	out := tickets(t, show, "A new buyer", signed)
	if len(signed) != 2 {
		t.Errorf("signed: %v", signed)
	}
	if !bytes.HasPrefix(out, []byte("%PDF-")) || bytes.Count(out, []byte("/Type /Page\n")) != 2 {
		t.Errorf("not a PDF of two pages: %.200q", out)
	}
	if len(out) > 100<<10 {
		t.Errorf("%d bytes: does it embed a whole font?", len(out))
	}
}

// A line may mix scripts. A symbol that no font has is left out; a name with a letter
// that no font has is left out as a whole.
func TestTicketsOfAllNames(t *testing.T) {
	e := show
	e.Name, e.VenueName = "五月天 Live \U0001F3B8\uFE0F 演唱會", "Theatre مسرح"
	drawn := texts(t, tickets(t, e, "Zoe\u0308 新的買家 \U0001F600", signer{}))
	for _, want := range []string{"五月天", " Live ", "演唱會", "Zoë ", "新的買家"} {
		if !bytes.Contains(drawn, inUTF16(want)) {
			t.Errorf("%s is not drawn", want)
		}
	}
	for _, not := range []string{"□", "Theatre", "\uFFFD"} {
		if bytes.Contains(drawn, inUTF16(not)) {
			t.Errorf("%s is drawn", not)
		}
	}
}

func TestTicketsInChinese(t *testing.T) {
	var out bytes.Buffer
	if err := pdf.Tickets(&out, pdf.Languages["zh-Hant"], paid, show, "A new buyer", signer{}); err != nil {
		t.Fatal(err)
	}
	drawn := texts(t, out.Bytes())
	for _, want := range []string{"區", "排", "月", "日", "星期五", "訂單", "The show"} {
		if !bytes.Contains(drawn, inUTF16(want)) {
			t.Errorf("%s is not drawn", want)
		}
	}
	for _, not := range []string{"Section", "Friday", "Booking"} {
		if bytes.Contains(drawn, inUTF16(not)) {
			t.Errorf("%s is drawn", not)
		}
	}
}

func inUTF16(text string) []byte {
	var out []byte
	for _, r := range text {
		out = append(out, byte(r>>8), byte(r))
	}
	return out
}

func tickets(t *testing.T, e ticketing.CatalogueEvent, holder string, s signer) []byte {
	t.Helper()
	var out bytes.Buffer
	if err := pdf.Tickets(&out, pdf.English, paid, e, holder, s); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

// texts returns the contents of a PDF's text streams, in UTF-16.
func texts(t *testing.T, pdf []byte) []byte {
	t.Helper()
	var all []byte
	for _, part := range bytes.Split(pdf, []byte("\nstream\n"))[1:] {
		r, err := zlib.NewReader(bytes.NewReader(part))
		if err != nil {
			continue // not compressed: a picture or a table
		}
		if content, err := io.ReadAll(r); err == nil && bytes.Contains(content, []byte("Tj")) {
			all = append(all, strings.NewReplacer(`\\`, `\`, `\(`, `(`, `\)`, `)`).Replace(string(content))...)
		}
	}
	return all
}

// A QR reader reads what was signed.
func TestCode(t *testing.T) {
	var out bytes.Buffer
	b := paid
	b.EventID = show.ID
	if err := pdf.Code(&out, b, b.Seats[1], signer{}); err != nil {
		t.Fatal(err)
	}
	got, err := qrcode.NewQRCodeReader().Decode(drawn(t, out.String()), nil)
	if err != nil {
		t.Fatal(err)
	}
	if want := "7-A-1-1-2 00000000-0000-0000-0000-000000000001 signed"; got.GetText() != want {
		t.Errorf("%q, want %q", got.GetText(), want)
	}
}

// drawn renders the modules of a code, eight pixels each.
func drawn(t *testing.T, svg string) *gozxing.BinaryBitmap {
	t.Helper()
	const pixels = 8
	var left, top, side, same int
	if _, err := fmt.Sscanf(svg[strings.Index(svg, "viewBox"):], `viewBox="%d %d %d %d"`, &left, &top, &side, &same); err != nil || side != same {
		t.Fatalf("%v: %.200s", err, svg)
	}
	picture := image.NewGray(image.Rect(0, 0, side*pixels, side*pixels))
	draw.Draw(picture, picture.Bounds(), image.White, image.Point{}, draw.Src)
	for _, module := range regexp.MustCompile(`M(\d+) (\d+)h(\d+)v1h`).FindAllStringSubmatch(svg[strings.LastIndex(svg, "<path"):], -1) {
		x, _ := strconv.Atoi(module[1])
		y, _ := strconv.Atoi(module[2])
		run, _ := strconv.Atoi(module[3])
		at := image.Pt(x-left, y-top)
		draw.Draw(picture, image.Rectangle{Min: at.Mul(pixels), Max: at.Add(image.Pt(run, 1)).Mul(pixels)}, image.Black, image.Point{}, draw.Src)
	}
	bitmap, err := gozxing.NewBinaryBitmapFromImage(picture)
	if err != nil {
		t.Fatal(err)
	}
	return bitmap
}

func TestCalendar(t *testing.T) {
	e := show
	e.Name = strings.Repeat("長い名前;", 20)
	var out bytes.Buffer
	if err := pdf.Calendar(&out, pdf.English, paid, e, time.Date(2026, 12, 1, 10, 0, 0, 0, time.UTC)); err != nil {
		t.Fatal(err)
	}
	text := out.String()
	if !strings.HasPrefix(text, "BEGIN:VCALENDAR\r\n") || !strings.HasSuffix(text, "END:VCALENDAR\r\n") {
		t.Errorf("%q", text)
	}
	for _, line := range strings.SplitAfter(text, "\r\n") {
		if len(strings.TrimSuffix(line, "\r\n")) > 75 || !utf8.ValidString(line) || strings.Contains(strings.TrimSuffix(line, "\r\n"), "\n") {
			t.Errorf("line of %d octets: %q", len(line), line)
		}
	}
	whole := strings.ReplaceAll(text, "\r\n ", "")
	for _, want := range []string{"UID:booking-00000000-0000-0000-0000-000000000001@onsale", "DTSTAMP:20261201T100000Z", "DTSTART:20270101T120000Z",
		"SEQUENCE:3", "SUMMARY:" + strings.Repeat(`長い名前\;`, 20), "LOCATION:The hall"} {
		if !strings.Contains(whole, want+"\r\n") {
			t.Errorf("no %s in\n%s", want, whole)
		}
	}
}

// In the hour that the clocks show twice, a ticket says which of the two it means.
func TestTicketsOfAnHourShownTwice(t *testing.T) {
	for start, want := range map[string]string{
		"2027-10-31T00:30:00Z": "02:30 (Europe/Berlin, UTC+02:00)",
		"2027-10-31T01:30:00Z": "02:30 (Europe/Berlin, UTC+01:00)",
		"2027-10-31T02:30:00Z": "03:30 (Europe/Berlin)",
		"2027-10-30T23:30:00Z": "01:30 (Europe/Berlin)",
		"2027-03-28T00:30:00Z": "01:30 (Europe/Berlin)",
		"2027-03-28T01:30:00Z": "03:30 (Europe/Berlin)",
	} {
		e := show
		e.TimeZone = "Europe/Berlin"
		var err error
		if e.StartsAt, err = time.Parse(time.RFC3339, start); err != nil {
			t.Fatal(err)
		}
		if drawn := texts(t, tickets(t, e, "A new buyer", signer{})); !bytes.Contains(drawn, inUTF16(want)) {
			t.Errorf("%s is not shown as %s", start, want)
		}
	}
}
