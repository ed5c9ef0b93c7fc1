package journalcodec_test

import (
	"encoding/hex"
	"reflect"
	"testing"

	"github.com/onsale-tickets/onsale/adapter/journalcodec"
	"github.com/onsale-tickets/onsale/domain"
	"github.com/onsale-tickets/onsale/domain/journal"
	"github.com/onsale-tickets/onsale/domain/message"
	"github.com/onsale-tickets/onsale/domain/seating"
)

var (
	stalls = seating.SectionLayout{Name: "A", Subsections: []seating.Subsection{seating.Regular(1, 2, 3)}}
	mine   = domain.BookingID{1}
	other  = domain.BookingID{2}
)

func records() []journal.Record {
	return []journal.Record{
		{Kind: journal.Claimed, At: 1, Server: "s1", Nonce: 1 << 63, Cause: journal.Cause{Offset: -1}},
		{Kind: journal.SeatsInitialized, Epoch: 3, Seq: 1, Section: "A", Layout: &stalls, HoldBase: 7, Cause: journal.Cause{TopicID: "t", Offset: 0}},
		{Kind: journal.SeatsReserved, Epoch: 3, Seq: 2, At: 1_800_000_000_000_000, Section: "A", BookingID: mine, BuyerID: 42,
			Seats: []seating.Index{3, 4}, UnitPrice: domain.Money{Amount: 200000, Currency: "TWD"},
			Cause: journal.Cause{Action: message.TicketReserving, TopicID: "AAAAAAAAAAAAAAAAAAAAAA", Offset: 9}},
		{Kind: journal.ReservationRefused, Epoch: 3, Seq: 3, Section: "A", BookingID: other, Reason: "sold_out"},
		{Kind: journal.SeatsReleased, Epoch: 3, Seq: 4, Section: "A", BookingID: mine, Seats: []seating.Index{3, 4}, Hold: 16},
		{Kind: journal.CommandRejected, Epoch: 3, Seq: 5, Reason: journal.NotReadable},
		{Kind: journal.Checkpoint, Epoch: 3, Seq: 6, Cause: journal.Cause{Offset: -1}, Emitted: journal.Mark{Offset: 4, Epoch: 3, NextSeq: 2},
			Positions: journal.Positions{message.TicketReserving: {TopicID: "t", Next: 10}, message.ReleaseTicket: {TopicID: "r", Next: 1}}},
	}
}

// These bytes were written by the first version. They stay readable, and stay
// the same: a new owner and an old one may write to one journal.
var written = map[journal.Kind]string{
	journal.Claimed:            "010100000200000102733180808080808080808001",
	journal.SeatsInitialized:   "0102060100000174000e014101010201030101010203010101",
	journal.SeatsReserved:      "010306028080c489e5c5b20601164141414141414141414141414141414141414141414112014101000000000000000000000000000000540080b5180354574400020608",
	journal.ReservationRefused: "01040603000000000141020000000000000000000000000000000000000008736f6c645f6f757400",
	journal.SeatsReleased:      "01060604000000000141010000000000000000000000000000000020000000020608",
	journal.CommandRejected:    "01070605000000000000000000000000000000000000000000000000000c6e6f745f7265616461626c6500",
	journal.Checkpoint:         "0108060600000001080602020101741408017202",
}

func TestBytesAreThoseOfTheFirstVersion(t *testing.T) {
	for _, r := range records() {
		old, err := hex.DecodeString(written[r.Kind])
		if err != nil {
			t.Fatal(err)
		}

		read, err := journalcodec.Decode(old)

		if err != nil || !reflect.DeepEqual(read, r) {
			t.Errorf("%s: read %+v, %v\nwant %+v", r.Kind, read, err, r)
		}
		if now := journalcodec.Append(nil, r); hex.EncodeToString(now) != written[r.Kind] {
			t.Errorf("%s is written as %x, was %s", r.Kind, now, written[r.Kind])
		}
	}
}

func TestRecordsAreReadAsTheyWereWritten(t *testing.T) {
	for _, r := range records() {
		b := journalcodec.Append(nil, r)
		got, err := journalcodec.Decode(b)
		if err != nil || !reflect.DeepEqual(got, r) {
			t.Errorf("%s: %v\ngot  %+v\nwant %+v", r.Kind, err, got, r)
		}
		for n := range b {
			if _, err := journalcodec.Decode(b[:n]); err == nil {
				t.Errorf("%s: %d of %d bytes were taken for a record", r.Kind, n, len(b))
			}
		}
		if _, err := journalcodec.Decode(append(b, 0)); err == nil {
			t.Errorf("%s: a byte too many was taken", r.Kind)
		}
	}
}

func FuzzDecode(f *testing.F) {
	for _, r := range records() {
		f.Add(journalcodec.Append(nil, r))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		r, err := journalcodec.Decode(b)
		if err != nil {
			return
		}
		again, err := journalcodec.Decode(journalcodec.Append(nil, r))
		if err != nil || !reflect.DeepEqual(again, r) {
			t.Fatalf("%+v was read again as %+v (%v)", r, again, err)
		}
	})
}
