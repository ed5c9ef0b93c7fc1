package journal

// Fold says how far a partition was read, and what is needed to accept the next
// record. The zero Fold stands before the first record.
type Fold struct {
	Next    int64 // next offset to read
	Claimed bool  // a claim was read
	Epoch   int64 // offset of the latest claim
	NextSeq uint64
	Nonce   uint64 // of the latest claim
}

// Mark returns the place of the fold. Messages can be sent again from there.
func (f Fold) Mark() Mark {
	if !f.Claimed {
		return Mark{Offset: f.Next, Epoch: -1}
	}
	return Mark{Offset: f.Next, Epoch: f.Epoch, NextSeq: f.NextSeq}
}

// FoldFrom returns the fold at a mark. Its nonce is unknown: only a server that
// looks for its own claim needs it.
func FoldFrom(m Mark) Fold {
	return Fold{Next: m.Offset, Claimed: m.Epoch >= 0, Epoch: m.Epoch, NextSeq: m.NextSeq}
}

// Accept moves the fold past an entry and reports whether the entry counts. A claim
// always counts. Any other record counts if its epoch is the offset of the latest
// claim and its seq is the next. Every reader of a journal uses this rule and no
// other, so all of them see the same history.
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
