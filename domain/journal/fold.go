package journal

// Fold is how far a reader is in a partition and what it has to know to accept
// the next record. The zero Fold stands before the first record.
type Fold struct {
	Next    int64 // next offset to read
	Claimed bool  // a claim was read
	Epoch   int64 // offset of the latest claim
	NextSeq uint64
	Nonce   uint64 // of the latest claim
}

// Mark is the fold as a place that emission can start from.
func (f Fold) Mark() Mark {
	if !f.Claimed {
		return Mark{Offset: f.Next, Epoch: -1}
	}
	return Mark{Offset: f.Next, Epoch: f.Epoch, NextSeq: f.NextSeq}
}

// FoldFrom is the fold that stands at a mark. The nonce is not known there;
// nothing but the recognition of one's own claim needs it.
func FoldFrom(m Mark) Fold {
	return Fold{Next: m.Offset, Claimed: m.Epoch >= 0, Epoch: m.Epoch, NextSeq: m.NextSeq}
}

// Accept moves the fold over an entry and tells whether the entry counts: a
// claim always does; anything else does if its epoch is the offset of the
// latest claim and its seq the next. Every reader of a journal uses this and
// nothing else, so all of them see the same history, whoever wrote it.
func (f *Fold) Accept(e Entry) bool {
	f.Next = e.Offset + 1
	if e.Damaged != nil {
		return false
	}
	r := &e.Record
	if r.Kind == Claimed {
		f.Claimed, f.Epoch, f.NextSeq, f.Nonce = true, e.Offset, 1, r.Nonce
		return true
	}
	if !f.Claimed || r.Epoch != f.Epoch || r.Seq != f.NextSeq {
		return false
	}
	f.NextSeq++
	return true
}
