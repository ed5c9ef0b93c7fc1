package owner

import "github.com/onsale-tickets/onsale/domain/journal"

// tells reports whether an accepted record has messages or a dead letter.
func tells(r *journal.Record) bool {
	return r.Kind.HasOutcome() && !r.BookingID.IsZero() || r.Kind == journal.CommandRejected
}

// Told reports whether every message of what was read is acknowledged, as the
// journal says. That is not known of what was stored behind the emission mark: then
// unknown is the part of the journal, from ≤ offset < to, that Recall has to be given.
func (p *Partition) Told() (told bool, unknown [2]int64) {
	mark := p.committed.Emitted.Offset
	switch {
	case p.telling > mark:
		return false, unknown
	case p.restored > mark:
		return false, [2]int64{mark, p.restored}
	}
	return true, unknown
}

// Recall takes the records that Told asked for, of a partition that has not been
// stepped since then.
func (p *Partition) Recall(entries []journal.Entry) {
	p.restored = 0
	fold := journal.FoldFrom(p.committed.Emitted)
	for i := range entries {
		if e := &entries[i]; fold.Accept(*e) && tells(&e.Record) {
			p.telling = max(p.telling, e.Offset+1)
		}
	}
}
