package owner

import (
	"fmt"

	"github.com/onsale-tickets/onsale/domain"
	"github.com/onsale-tickets/onsale/domain/journal"
	"github.com/onsale-tickets/onsale/domain/message"
	"github.com/onsale-tickets/onsale/domain/seating"
)

// Partition is one partition of an event's seats on one server. It has one user at
// a time.
type Partition struct {
	event   domain.EventID
	number  domain.Partition
	server  string // named in claims, for people
	topicID string // of the journal
	finder  seating.Finder

	fold      journal.Fold
	last      RecordIdentity
	committed *journal.State
	own       *ownership // nil: not owned
	telling   int64      // the offset behind the last record that was read and has messages; 0: there is none
	restored  int64      // what stands before it was restored, and is not in telling

	now      int64 // of the present Step
	effects  []Effect
	accepted []accepted // scratch of Read
	outcomes []Outcome
	readBack []int64
}

// ownership is what a claim gives. It is dropped whole at the first doubt.
type ownership struct {
	nonce uint64
	held  bool // the claim was read back
	ticks int  // since the claim was appended
	epoch int64
	// Own records with unread ≤ seq < next were appended and not read back yet.
	unread, next uint64
	speculative  *journal.State
	// inFlight has the trace context of each request whose record was appended and
	// not read back.
	inFlight map[domain.BookingID]string
	// initEnd is the end of the initialisation topic at assignment. Until it is
	// reached, other commands wait in parked.
	initEnd int64
	parked  []Command
	dirty   bool // there is news for a checkpoint
	untold  untold
	retries []Effect // a Send or Bury that failed
}

// claimTicks is how many seconds a claim may take to be read back.
const claimTicks = 6

// New returns a partition as it was stored; the zero Snapshot is that of an empty
// journal. server is named in claims.
func New(server string, event domain.EventID, number domain.Partition, journalTopicID string, stored Snapshot) (*Partition, error) {
	p := &Partition{server: server, event: event, number: number, topicID: journalTopicID, fold: stored.Fold, last: stored.LastRecord,
		committed: journal.NewState(), restored: stored.Fold.Next}
	if stored.Positions != nil {
		p.committed.Positions, p.committed.Emitted = stored.Positions, stored.Emitted
	}
	for _, s := range stored.Sections {
		if _, err := p.committed.AddSection(s.Layout, s.HoldBase); err != nil {
			return nil, fmt.Errorf("stored layout of section %s: %w", s.Layout.Name, err)
		}
	}
	for _, s := range stored.Seats {
		if section, ok := p.committed.Section(s.Section); ok {
			section.Map.Restore(s.Index, s.Seat)
		}
	}
	return p, nil
}

// Owned reports whether the claim of this server was read back.
func (p *Partition) Owned() bool { return p.own != nil && p.own.held }

// Next is the next offset of the journal to read.
func (p *Partition) Next() int64 { return p.fold.Next }

// Committed returns the state that was read back. It is not to be changed, and
// valid until the next Step.
func (p *Partition) Committed() *journal.State { return p.committed }

// Position returns the next offset to read of a command topic, while the partition
// is owned. A topic that was made anew begins at 0.
func (p *Partition) Position(a message.Action, topicID string) int64 {
	at := p.own.speculative.Positions[a]
	if at.TopicID != topicID {
		return 0
	}
	return at.Next
}

// Step takes an input at a time (Unix microseconds) and returns what has to be done
// about it, appended to effects.
func (p *Partition) Step(in Input, now int64, effects []Effect) []Effect {
	if nonce, bound := in.claim(); bound && (p.own == nil || p.own.nonce != nonce) {
		return effects // of a claim that is gone
	}
	p.now, p.effects = now, effects
	switch in := in.(type) {
	case Assigned:
		p.assigned(in)
	case Revoked:
		p.own = nil
	case Command:
		p.command(in)
	case Read:
		p.read(in.Entries)
	case AppendFailed:
		p.lose(fmt.Errorf("append to partition %d: %w", p.number, in.Err))
	case Acknowledged:
		p.acknowledged(in)
	case NotAcknowledged:
		p.own.retries = append(p.own.retries, in.Effect)
		p.add(RetryLater{})
	case RereadDone:
		p.reread(in.Entries)
	case RereadFailed:
		p.lose(fmt.Errorf("read partition %d again: %w", p.number, in.Err))
	case Tick:
		p.tick()
	case Retry:
		p.retry()
	}
	effects, p.effects = p.effects, nil
	return effects
}

func (p *Partition) add(e Effect) { p.effects = append(p.effects, e) }

// lose drops what the claim gave. There is one way back: the next assignment.
func (p *Partition) lose(reason error) {
	p.own = nil
	p.add(LostOwnership{Reason: reason})
}

// assigned appends a claim. Until it is read back nothing else is decided.
func (p *Partition) assigned(in Assigned) {
	if p.Owned() {
		p.own.initEnd, p.own.parked = in.InitEnd, nil // parked commands are delivered again
		return
	}
	p.own = &ownership{nonce: in.Nonce, initEnd: in.InitEnd}
	p.add(Append{Nonce: in.Nonce, Record: journal.Record{Kind: journal.Claimed, Server: p.server, Nonce: in.Nonce, At: p.now, Cause: journal.Cause{Offset: -1}}})
}

// record gives a decision its place in the chain, applies it to the speculative
// state and appends it.
func (p *Partition) record(r journal.Record, trace string) {
	own := p.own
	r.Epoch, r.Seq = own.epoch, own.next
	own.next++
	if !r.BookingID.IsZero() && r.Kind.HasOutcome() {
		own.inFlight[r.BookingID] = trace
	}
	own.speculative.Apply(&r, -1)
	p.add(Append{Nonce: own.nonce, Record: r})
}

func (p *Partition) tick() {
	own := p.own
	switch {
	case own == nil:
	case !own.held:
		if own.ticks++; own.ticks > claimTicks {
			p.lose(fmt.Errorf("the claim of partition %d was not read back within %d s", p.number, claimTicks))
		}
	case own.dirty && len(own.parked) == 0:
		p.checkpoint()
	}
}

// checkpoint records positions and the emission mark, so that a new owner repeats
// little.
func (p *Partition) checkpoint() {
	p.own.dirty = false
	positions := make(journal.Positions, len(p.own.speculative.Positions))
	for a, at := range p.own.speculative.Positions {
		positions[a] = at
	}
	p.record(journal.Record{Kind: journal.Checkpoint, At: p.now, Cause: journal.Cause{Offset: -1}, Positions: positions, Emitted: p.emitted()}, "")
}

// emitted returns the fold at the lowest offset with a message that is not
// acknowledged.
func (p *Partition) emitted() journal.Mark {
	if mark, ok := p.own.untold.oldest(); ok {
		return mark
	}
	return p.fold.Mark()
}

func (p *Partition) retry() {
	if p.own == nil {
		return
	}
	p.effects = append(p.effects, p.own.retries...)
	p.own.retries = nil
}
