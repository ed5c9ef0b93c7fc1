package reservation

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/onsale-tickets/onsale/domain"
	"github.com/onsale-tickets/onsale/domain/journal"
	"github.com/onsale-tickets/onsale/domain/owner"
	"github.com/onsale-tickets/onsale/domain/seating"
	"github.com/onsale-tickets/onsale/domain/ticketing"
	"github.com/onsale-tickets/onsale/port"
)

// event is what the server has of one event. Only the loop touches it.
type event struct {
	id      domain.EventID
	need    need
	end     context.CancelFunc // ends serve; nil: the event is not served
	problem error              // why it is not served; nil: it is, or is being loaded
	// partitions are empty while the event is not loaded.
	partitions []*partition
	ends       map[domain.Partition]int64 // of the journal, when the event was loaded
	read       bool                       // up to these ends
	version    int64                      // of what the feed was told
	unsold     map[string]*seating.Map    // sections that were asked for while there was no journal

	waits      []*claimWait
	delivering bool  // Deliver is under way
	failed     error // why it fails
	unreported bool  // a loss that OwnershipLost has to report
	idle       bool  // the membership was left without anything to read, because of problem
	letters    []letter
}

// partition is a state machine with its place.
type partition struct {
	*owner.Partition
	event  *event
	number domain.Partition
	fail   func(error) // ends Follow: the event is loaded again

	nonce        uint64
	appendFailed func(error) // of the claim with this nonce
}

// appended returns the function that reports a failed append of a claim. It is made
// once for each claim.
func (p *partition) appended(s *Server, nonce uint64) func(error) {
	if p.appendFailed == nil || p.nonce != nonce {
		p.nonce, p.appendFailed = nonce, func(err error) {
			if err != nil {
				s.mail.post(mail{to: p, input: owner.AppendFailed{Nonce: nonce, Err: err}})
			}
		}
	}
	return p.appendFailed
}

// revoke drops all claims.
func (e *event) revoke() {
	for _, p := range e.partitions {
		p.Step(owner.Revoked{}, 0, nil)
	}
}

// ErrJournalLost is in the chain when the journal lacks records that were stored
// here: the broker lost what it had acknowledged.
var ErrJournalLost = errors.New("the broker lost acknowledged records")

// Times of loading.
const (
	loadLimit  = 30 * time.Second
	firstPause = time.Second // before an event is loaded again; it doubles
	mostPause  = time.Minute
	steady     = 10 * time.Second // a journal followed this long resets the pause
)

// serve loads an event and follows its journal until ctx is done. After a failure it
// begins again, after a pause that grows. Other events do not notice.
func (s *Server) serve(ctx context.Context, c ticketing.CatalogueEvent, e *event) {
	for pause := firstPause; ; pause = min(2*pause, mostPause) {
		followed, err := s.serveOnce(ctx, c, e)
		if ctx.Err() != nil {
			return // a stop is no failure
		}
		s.deps.Log.Error("event is not served", "event_id", int64(c.ID), "error", err)
		_ = s.mail.do(s.ctx, func() { s.unload(e, err) })
		if errors.Is(err, port.ErrOtherJournal) {
			<-ctx.Done() // seats that were sold would be sold again: a person has to act
			return
		}
		if followed >= steady {
			pause = firstPause
		}
		select {
		case <-time.After(pause):
		case <-ctx.Done():
			return
		}
	}
}

// serveOnce returns how long the journal was followed, and why it is not followed
// any more.
func (s *Server) serveOnce(ctx context.Context, c ticketing.CatalogueEvent, e *event) (followed time.Duration, err error) {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	r := &journalReader{server: s, event: e, fail: cancel}
	select {
	case s.loads <- struct{}{}:
	case <-ctx.Done():
		return 0, ctx.Err()
	}
	stored, ends, err := s.load(ctx, c)
	<-s.loads
	if err != nil {
		return 0, err
	}
	from := map[domain.Partition]int64{}
	err = s.mail.do(s.ctx, func() {
		for p, machine := range stored {
			r.partitions = append(r.partitions, &partition{Partition: machine, event: e, number: domain.Partition(p), fail: cancel})
			from[domain.Partition(p)] = machine.Next()
		}
		s.loaded(e, r.partitions, ends)
	})
	if err != nil {
		return 0, err
	}
	began := time.Now()
	err = s.deps.Journal.Follow(ctx, c.ID, c.JournalTopicID, from, r)
	return time.Since(began), cmp.Or(context.Cause(ctx), err)
}

// loaded begins to serve an event.
func (s *Server) loaded(e *event, partitions []*partition, ends map[domain.Partition]int64) {
	e.partitions, e.ends, e.read, e.problem = partitions, ends, false, nil
	e.noteRead()
	for _, w := range e.waits {
		s.claim(e, w)
	}
	e.settleWaits()
	if e.idle { // the membership has nothing to read: it is taken again
		e.idle, e.unreported = false, true
		s.announce(e)
	}
}

// unload stops to serve an event.
func (s *Server) unload(e *event, why error) {
	owned := e.owned() > 0
	e.revoke()
	e.partitions, e.ends, e.read, e.problem = nil, nil, false, why
	e.need.decided()
	if len(e.waits) > 0 {
		e.idle = true
		e.endWaits(nil)
	} else if owned {
		e.unreported = true
		s.announce(e)
	}
}

func (e *event) owned() (n int) {
	for _, p := range e.partitions {
		if p.Owned() {
			n++
		}
	}
	return n
}

// noteRead notes whether the journal was read as far as it went when the event was
// loaded.
func (e *event) noteRead() {
	if e.read || len(e.partitions) == 0 {
		return
	}
	for _, p := range e.partitions {
		if p.Next() < e.ends[p.number] {
			return
		}
	}
	e.read = true
	e.need.decided()
}

// journalReader takes what is read of an event's journal. It belongs to one load:
// after another load it has no effect.
type journalReader struct {
	server     *Server
	event      *event
	partitions []*partition
	fail       func(error) // ends Follow
}

// Read blocks until the entries are stored.
func (r *journalReader) Read(_ domain.EventID, p domain.Partition, entries []journal.Entry) {
	_ = r.server.mail.do(r.server.ctx, func() {
		e := r.event
		if len(e.partitions) == 0 || e.partitions[p] != r.partitions[p] {
			return
		}
		if err := gap(r.partitions[p].Next(), entries); err != nil {
			// What was decided in the gap is not known: its seats would be sold again.
			r.fail(fmt.Errorf("journal of event %d partition %d: %w", e.id, p, err))
			return
		}
		r.server.step(r.partitions[p], owner.Read{Entries: entries})
		e.noteRead()
	})
}

// gap returns an error if a record is missing between next and the last entry.
func gap(next int64, entries []journal.Entry) error {
	for _, e := range entries {
		if e.Offset > next {
			return fmt.Errorf("records %d to %d were not read", next, e.Offset-1)
		}
		next = max(next, e.Offset+1)
	}
	return nil
}

// load recognises the journal of an event and restores its partitions from the
// store.
func (s *Server) load(ctx context.Context, c ticketing.CatalogueEvent) ([]*owner.Partition, map[domain.Partition]int64, error) {
	ctx, cancel := context.WithTimeout(ctx, loadLimit)
	defer cancel()
	if err := s.deps.Journal.Recognise(ctx, c.ID, c.JournalTopicID); err != nil {
		return nil, nil, fmt.Errorf("journal of event %d: %w", c.ID, err)
	}
	ends, err := s.deps.Journal.Ends(ctx, c.ID)
	if err != nil {
		return nil, nil, fmt.Errorf("ends of the journal of event %d: %w", c.ID, err)
	}
	partitions := make([]*owner.Partition, domain.Partitions)
	for n := range partitions {
		if partitions[n], err = s.restore(ctx, c, domain.Partition(n), ends[domain.Partition(n)]); err != nil {
			return nil, nil, fmt.Errorf("event %d partition %d: %w", c.ID, n, err)
		}
	}
	return partitions, ends, nil
}

// restore returns a partition as it is stored, if that is a fold of this very
// journal. Otherwise it begins with an empty partition.
func (s *Server) restore(ctx context.Context, c ticketing.CatalogueEvent, p domain.Partition, end int64) (*owner.Partition, error) {
	stored, found, err := s.deps.Seats.Load(c.ID, p)
	if err != nil {
		return nil, fmt.Errorf("load stored seats: %w", err)
	}
	switch {
	case !found:
		stored = port.SeatSnapshot{}
	case stored.JournalTopicID != c.JournalTopicID:
		s.deps.Log.Warn("stored seats are of another journal, folded anew", "event_id", int64(c.ID), "partition", int(p))
		stored = port.SeatSnapshot{}
		if err := s.deps.Seats.Wipe(c.ID, p); err != nil {
			return nil, fmt.Errorf("wipe stored seats: %w", err)
		}
	default:
		if err := s.recognise(ctx, c.ID, p, stored, end); err != nil {
			return nil, err
		}
	}
	return owner.New(s.deps.ServerID, c.ID, p, c.JournalTopicID, stored)
}

// recognise reads the last folded record again. If the journal ends before it, or
// has another record there, the broker lost records that it had acknowledged.
func (s *Server) recognise(ctx context.Context, id domain.EventID, p domain.Partition, stored port.SeatSnapshot, end int64) error {
	last := stored.Fold.Next - 1
	if last < 0 {
		return nil
	}
	if last >= end {
		return fmt.Errorf("%w: seats are stored up to offset %d, the journal ends at %d", ErrJournalLost, last, end)
	}
	var read port.RecordIdentity
	err := s.deps.Journal.Range(ctx, id, p, last, last+1, func(e journal.Entry) { read = port.IdentityOf(e.Record) })
	if err != nil {
		return fmt.Errorf("read journal record %d again: %w", last, err)
	}
	if read != stored.LastRecord {
		return fmt.Errorf("%w: the journal has another record at offset %d than the one that was stored", ErrJournalLost, last)
	}
	return nil
}
