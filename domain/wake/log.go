package wake

import (
	"slices"
	"time"

	"github.com/onsale-tickets/onsale/domain"
	"github.com/onsale-tickets/onsale/domain/message"
)

// Log is the log as one server has folded it. It has one user at a time.
type Log struct {
	next     int64
	events   map[domain.EventID]*entry
	archived map[domain.EventID]bool
}

// entry is an event with the time since which it has been awake, on the clock of this
// server. Only its length counts, so it does not matter what that clock shows.
type entry struct {
	Event
	since time.Time
	bare  bool // it has no topics yet
}

// Asleep reports whether the event sleeps. One without topics sleeps until it is woken.
func (e *entry) Asleep() bool { return e.bare && !e.Woken() || e.Event.Asleep() }

// NewLog returns an empty log.
func NewLog() *Log {
	return &Log{events: map[domain.EventID]*entry{}, archived: map[domain.EventID]bool{}}
}

// Archive says that an event is archived. It sleeps for good, whatever the log says,
// and costs nothing but its id.
func (l *Log) Archive(id domain.EventID) {
	l.archived[id] = true
	delete(l.events, id)
}

// Archived reports whether an event is archived.
func (l *Log) Archived(id domain.EventID) bool { return l.archived[id] }

// Skip passes over the record at an offset.
func (l *Log) Skip(offset int64) { l.next = offset + 1 }

// Next returns the offset of the record to be read next.
func (l *Log) Next() int64 { return l.next }

// Know takes in an event of the catalogue, and whether it has topics.
func (l *Log) Know(id domain.EventID, topics bool, now time.Time) {
	if l.archived[id] {
		return
	}
	l.entry(id, now).bare = !topics
}

func (l *Log) entry(id domain.EventID, now time.Time) *entry {
	e, ok := l.events[id]
	if !ok {
		e = &entry{since: now}
		l.events[id] = e
	}
	return e
}

// Apply folds the record at an offset, read now.
func (l *Log) Apply(offset int64, r Record, now time.Time) {
	l.next = offset + 1
	if l.archived[r.Event] {
		return
	}
	e := l.entry(r.Event, now)
	e.Apply(offset, r)
	if r.Rest == nil {
		e.since = now
	}
}

// Asleep reports whether an event sleeps. One that the log does not know is awake.
func (l *Log) Asleep(id domain.EventID) bool {
	e, ok := l.events[id]
	return l.archived[id] || ok && e.Asleep()
}

// Awake reports whether no service has rested about an event since it was woken, and
// when that was. One that the log does not know is awake now.
func (l *Log) Awake(id domain.EventID, now time.Time) (awake bool, since time.Time) {
	if l.archived[id] {
		return false, time.Time{}
	}
	e, ok := l.events[id]
	if !ok {
		return true, now
	}
	return e.Event.Awake() && !e.Asleep(), e.since
}

// NextRest is Event.Next of an event.
func (l *Log) NextRest(id domain.EventID, s message.Service, after, inputs int64) *Rest {
	if l.archived[id] {
		return nil
	}
	if e, ok := l.events[id]; ok {
		return e.Next(s, after, inputs)
	}
	return new(Event).Next(s, after, inputs)
}

// Tired returns the events that are not asleep and were woken before a time, in the
// order of their ids. Nobody can rest about an event without topics: it is about to
// get them.
func (l *Log) Tired(before time.Time) (ids []domain.EventID) {
	for id, e := range l.events {
		if !e.bare && !e.since.After(before) && !e.Asleep() {
			ids = append(ids, id)
		}
	}
	slices.Sort(ids)
	return ids
}
