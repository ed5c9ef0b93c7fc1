package archivefile_test

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/klauspost/compress/zstd"

	"github.com/onsale-tickets/onsale/adapter/archivefile"
	"github.com/onsale-tickets/onsale/domain"
	"github.com/onsale-tickets/onsale/domain/booking"
	"github.com/onsale-tickets/onsale/domain/journal"
	"github.com/onsale-tickets/onsale/domain/message"
	"github.com/onsale-tickets/onsale/domain/seating"
	"github.com/onsale-tickets/onsale/domain/ticketing"
	"github.com/onsale-tickets/onsale/port"
)

var at = time.Date(2027, 1, 2, 3, 4, 5, 6000, time.UTC)

// event is an archive in which every field of an event, a booking and a ticket is set.
func event() port.ArchivedEvent {
	id := domain.BookingID{0: 1, 15: 9}
	seat := domain.SeatID{Section: "A", Subsection: 2, Row: 3, Seat: 4}
	a := port.ArchivedEvent{At: at.Add(time.Hour),
		Event: ticketing.CatalogueEvent{ID: 7, SellerID: 3, SellerName: "a seller", Name: "The \"show\"", Description: "of\nthe year", VenueName: "音樂廳",
			StartsAt: at, TimeZone: "Asia/Taipei", Currency: "TWD", MaxTickets: 4, Closed: true, CreatedAt: at.Add(-time.Hour), Revision: 12, JournalTopicID: "journal",
			Sections: []ticketing.CatalogueSection{
				{Price: 5000, Layout: seating.SectionLayout{Name: "A", Subsections: []seating.Subsection{seating.Regular(2, 3, 4)}}},
				{Price: 0, Layout: seating.SectionLayout{Name: "B", Subsections: []seating.Subsection{{Number: 10, Rows: []seating.Row{{Number: 3, Seats: []int{1, 4}}}}}}}}},
		Bookings: []booking.Booking{
			{ID: id, EventID: 7, BuyerID: 42, Section: "A", Subsection: 2, Mode: message.Manual, Positions: []domain.SeatPosition{{Row: 3, Seat: 4}}, Quantity: 1,
				AllowPartial: true, UnitPrice: domain.Money{Amount: 5000, Currency: "TWD"}, Status: booking.Cancelled, Seats: []domain.SeatID{seat}, Hold: 11,
				Failure: "sold_out", Cancellation: booking.ByBuyer, CreatedAt: at, ExpiresAt: at.Add(time.Minute), PaidAt: at.Add(time.Second), Revision: 3,
				Window: booking.Window{Opened: at.Add(time.Millisecond), Length: time.Minute + time.Microsecond}},
			{ID: domain.BookingID{0: 1, 15: 10}, EventID: 7, BuyerID: 43, Section: "B", Mode: message.BestAvailable, Quantity: 2, UnitPrice: domain.Money{Currency: "TWD"},
				Status: booking.Failed, CreatedAt: at, Revision: 1}},
		Tickets: []ticketing.Ticket{{Seat: seat, Status: ticketing.Sold, Hold: 11, Phase: ticketing.PhaseEnded, BookingID: id, HolderID: 42, Price: 5000},
			{Seat: domain.SeatID{Section: "A", Subsection: 2, Row: 3, Seat: 5}}},
		Counts:  []ticketing.Counts{{Available: 11, Reserved: 2, Sold: 1}, {Available: 2}},
		Revenue: []int64{5000, 0},
		Minutes: []ticketing.Interval{{At: at.Truncate(time.Minute), Sold: 1, Revenue: 5000}}}
	a.Journal[3] = []journal.Entry{
		{Offset: 0, Record: journal.Record{Kind: journal.Claimed, At: 5, Server: "s1", Nonce: 1 << 63, Cause: journal.Cause{Offset: -1}}},
		{Offset: 1, Record: journal.Record{Kind: journal.SeatsReserved, Seq: 1, At: 6, Cause: journal.Cause{Action: message.TicketReserving, TopicID: "t", Offset: 4}, Section: "A",
			BookingID: id, BuyerID: 42, Seats: []seating.Index{2, 5}, UnitPrice: domain.Money{Amount: 5000, Currency: "TWD"}}},
		{Offset: 2, Damaged: errors.New("the record is damaged"), Bytes: []byte{0, 0xff, '\n', 1}},
		{Offset: 3, Damaged: errors.New("the record is damaged")}}
	a.Journal[9] = []journal.Entry{{Offset: 0, Record: journal.Record{Kind: journal.Checkpoint, Positions: journal.Positions{message.TicketReserving: {TopicID: "t", Next: 5}},
		Emitted: journal.Mark{Offset: 8, Epoch: 4, NextSeq: 4}}}}
	return a
}

// A field that is new must be set in event, and is kept then, or this fails.
func TestEveryFieldIsKept(t *testing.T) {
	want := event()
	for _, of := range []any{want.Event, want.Event.Sections[0], want.Bookings[0], want.Bookings[0].Window, want.Tickets[0], want.Counts[0], want.Minutes[0]} {
		v := reflect.ValueOf(of)
		for i := range v.NumField() {
			if name := v.Type().Field(i).Name; v.Field(i).IsZero() && name != "Archived" && name != "NoRoom" {
				t.Errorf("%s.%s is not set here", v.Type(), name)
			}
		}
	}
	s := archivefile.Archives{Dir: filepath.Join(t.TempDir(), "a new directory")}

	written, err := s.Write(t.Context(), want)
	if err != nil {
		t.Fatal(err)
	}
	got, read, err := s.Read(t.Context(), written.Name)

	if err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("%v\ngot  %+v\nwant %+v", err, got, want)
	}
	info, err := os.Stat(filepath.Join(s.Dir, "event-7.zst"))
	if err != nil || read != written || written.Name != "event-7.zst" || len(written.SHA256) != 64 || info.Size() != written.Bytes {
		t.Errorf("%+v %+v %v", written, read, err)
	}
	if info.Mode().Perm() != 0o600 {
		t.Errorf("others can read it: %s", info.Mode())
	}
}

func TestAnyFlippedBitIsFound(t *testing.T) {
	s := archivefile.Archives{Dir: t.TempDir()}
	f, err := s.Write(t.Context(), event())
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(s.Dir, f.Name)
	whole, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	for i := range whole {
		damaged := append([]byte(nil), whole...)
		damaged[i] ^= 1 << (i % 8)
		if err := os.WriteFile(path, damaged, 0o600); err != nil {
			t.Fatal(err)
		}
		if _, _, err := s.Read(t.Context(), f.Name); !errors.Is(err, port.ErrArchiveDamaged) {
			t.Fatalf("byte %d of %d: %v", i, len(whole), err)
		}
	}
	for _, n := range []int{0, 1, 30, len(whole) / 2, len(whole) - 1} {
		if err := os.WriteFile(path, whole[:n], 0o600); err != nil {
			t.Fatal(err)
		}
		if _, _, err := s.Read(t.Context(), f.Name); !errors.Is(err, port.ErrArchiveDamaged) {
			t.Errorf("%d bytes of %d: %v", n, len(whole), err)
		}
	}
	if err := os.WriteFile(path, append(whole, 0), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, _, err := s.Read(t.Context(), f.Name); !errors.Is(err, port.ErrArchiveDamaged) {
		t.Errorf("a byte more: %v", err)
	}
}

func TestCommonToolsReadIt(t *testing.T) {
	s := archivefile.Archives{Dir: t.TempDir()}
	f, err := s.Write(t.Context(), event())
	if err != nil {
		t.Fatal(err)
	}
	packed, err := os.ReadFile(filepath.Join(s.Dir, f.Name))
	if err != nil {
		t.Fatal(err)
	}
	d, err := zstd.NewReader(nil)
	if err != nil {
		t.Fatal(err)
	}
	text, err := d.DecodeAll(packed, nil) // header and trailer are frames that are skipped
	if err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(strings.TrimSpace(string(text)), "\n")
	if !strings.HasPrefix(lines[0], `{"event":{"id":7,`) || !strings.HasPrefix(lines[len(lines)-1], `{"manifest":{"format":1,`) || len(lines) != 1+2+5+2+2+1+1 {
		t.Errorf("%d lines, the first is %s, the last is %s", len(lines), lines[0], lines[len(lines)-1])
	}
}

func TestAnArchiveIsReplacedOnlyByOneOfItsEvent(t *testing.T) {
	s := archivefile.Archives{Dir: t.TempDir()}
	a := event()
	first, err := s.Write(t.Context(), a)
	if err != nil {
		t.Fatal(err)
	}
	other := event()
	other.Event.JournalTopicID = "the journal of another installation"
	if _, err := s.Write(t.Context(), other); err == nil || !strings.Contains(err.Error(), "another event") {
		t.Errorf("%v", err)
	}
	if _, f, err := s.Read(t.Context(), first.Name); err != nil || f != first {
		t.Errorf("%+v %v", f, err)
	}
	a.Bookings = a.Bookings[:1]
	if err := os.WriteFile(filepath.Join(s.Dir, first.Name+".part-123"), []byte("of an archive that was killed"), 0o600); err != nil {
		t.Fatal(err)
	}
	again, err := s.Write(t.Context(), a)
	if err != nil || again == first {
		t.Errorf("%+v %v", again, err)
	}
	if err := os.WriteFile(filepath.Join(s.Dir, first.Name), []byte("half an archive"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Write(t.Context(), other); err != nil {
		t.Errorf("one that is damaged: %v", err)
	}
	left, err := fs.Glob(os.DirFS(s.Dir), "*part*")
	if err != nil || len(left) != 0 {
		t.Errorf("%v %v", left, err)
	}
}
