package owner_test

import (
	"testing"

	"github.com/onsale-tickets/onsale/domain"
	"github.com/onsale-tickets/onsale/domain/journal"
	"github.com/onsale-tickets/onsale/domain/owner"
)

// TestTold follows the journal of an owner that another server reads: it has decided
// once, and says in a checkpoint how far all was told.
func TestTold(t *testing.T) {
	claimed := journal.Entry{Offset: 0, Record: journal.Record{Kind: journal.Claimed, Nonce: 1}}
	decided := journal.Entry{Offset: 1, Record: journal.Record{Kind: journal.ReservationRefused, Seq: 1, BookingID: domain.BookingID{1}, Section: "A", Reason: "sold_out"}}
	checkpoint := journal.Entry{Offset: 2, Record: journal.Record{Kind: journal.Checkpoint, Seq: 2, Emitted: journal.Mark{Offset: 2, Epoch: 0, NextSeq: 2}}}
	open := func(stored owner.Snapshot) *owner.Partition {
		p, err := owner.New("s1", 1, 0, "t", stored)
		if err != nil {
			t.Fatal(err)
		}
		return p
	}
	is := func(when string, p *owner.Partition, told bool, unknown [2]int64) {
		t.Helper()
		if got, of := p.Told(); got != told || of != unknown {
			t.Errorf("%s: told %v, unknown %v", when, got, of)
		}
	}
	none := [2]int64{}

	p := open(owner.Snapshot{})
	is("of an empty journal", p, true, none)
	p.Step(owner.Read{Entries: []journal.Entry{claimed}}, 1, nil)
	is("after a claim", p, true, none)
	p.Step(owner.Read{Entries: []journal.Entry{decided}}, 1, nil)
	is("after a decision", p, false, none)
	p.Step(owner.Read{Entries: []journal.Entry{checkpoint}}, 1, nil)
	is("after a checkpoint behind it", p, true, none)

	fold := journal.Fold{Next: 2, Claimed: true, NextSeq: 2, Nonce: 1}
	stored := owner.Snapshot{SeatFold: owner.SeatFold{JournalTopicID: "t", Fold: fold, Positions: journal.Positions{}}}
	p = open(stored)
	is("restored behind the mark", p, false, [2]int64{0, 2})
	p.Recall([]journal.Entry{claimed, decided})
	is("when the decision behind the mark is known", p, false, none)
	p.Step(owner.Read{Entries: []journal.Entry{checkpoint}}, 1, nil)
	is("after the checkpoint", p, true, none)

	fold.Next = 1
	stored.Fold = fold
	p = open(stored)
	p.Recall([]journal.Entry{claimed})
	is("when nothing behind the mark has messages", p, true, none)
}
