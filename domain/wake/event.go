package wake

import (
	"strconv"

	"github.com/onsale-tickets/onsale/domain"
	"github.com/onsale-tickets/onsale/domain/message"
)

// Record is one record of the log. Of each Key only the last counts, so the log may
// be compacted.
type Record struct {
	Event domain.EventID
	Rest  *Rest // nil: the event was woken
}

// Key returns the key of the record.
func (r Record) Key() string {
	key := "event-" + r.Event.String()
	if r.Rest == nil {
		return key
	}
	return key + "-" + string(r.Rest.Service) + "-" + strconv.Itoa(int(r.Rest.Round))
}

// Rest says that a service has nothing left to do about an event.
type Rest struct {
	Service message.Service
	Round   Round
	// After is the offset that the service had read the log up to when it began to
	// look: the offset of the record that it would read next.
	After int64
	// Inputs is how many records the inputs of the service had, all of them read.
	Inputs int64
}

// Round is the first or the second round of rests.
type Round int

// The rounds.
const (
	First Round = 1 + iota
	Second
)

// services have to rest before an event sleeps.
var services = [...]message.Service{message.BookingService, message.SeatReservation, message.EventTicketing}

// Event is the fold of the records of one event. The zero value is that of an event
// without records: it is awake.
type Event struct {
	woken  int64 // the offset behind the last Woken; 0: there is none
	rested [len(services)][2]rested
}

// rested is a Rest and where it stands.
type rested struct {
	next   int64 // the offset behind the record; 0: there is none
	after  int64
	inputs int64
}

// Woken reports whether the event was ever woken.
func (e *Event) Woken() bool { return e.woken > 0 }

func indexOf(s message.Service) int {
	for i, is := range services {
		if is == s {
			return i
		}
	}
	return -1
}

// Apply folds the record at an offset. Records that no version of Onsale writes have
// no effect.
func (e *Event) Apply(offset int64, r Record) {
	if r.Rest == nil {
		e.woken = offset + 1
		return
	}
	i := indexOf(r.Rest.Service)
	if i < 0 || r.Rest.Round < First || r.Rest.Round > Second {
		return
	}
	e.rested[i][r.Rest.Round-1] = rested{next: offset + 1, after: r.Rest.After, inputs: r.Rest.Inputs}
}

// first reports whether a service has rested since the event was woken.
func (e *Event) first(i int) bool { return e.rested[i][0].next > e.woken }

// drowsy returns the offset behind the last rest of the first round, if every service
// has rested since the event was woken.
func (e *Event) drowsy() (behind int64, is bool) {
	for i := range services {
		if !e.first(i) {
			return 0, false
		}
		behind = max(behind, e.rested[i][0].next)
	}
	return behind, true
}

// Asleep reports whether the event sleeps.
func (e *Event) Asleep() bool {
	behind, is := e.drowsy()
	if !is {
		return false
	}
	for i := range services {
		if one, two := e.rested[i][0], e.rested[i][1]; two.after < behind || two.inputs != one.inputs {
			return false
		}
	}
	return true
}

// Awake reports whether no service has rested since the event was woken. Of any other
// event, who begins something writes a Woken.
func (e *Event) Awake() bool {
	for i := range services {
		if e.first(i) {
			return false
		}
	}
	return true
}

// Next returns the rest that a service may write now, if it has found nothing to do
// with so many records in its inputs, and had read the log up to the offset after
// before it looked. It returns nil if it has to wait for the others.
func (e *Event) Next(s message.Service, after, inputs int64) *Rest {
	i := indexOf(s)
	one, two := e.rested[i][0], e.rested[i][1]
	if !e.first(i) || one.inputs != inputs {
		return &Rest{Service: s, Round: First, After: after, Inputs: inputs}
	}
	behind, is := e.drowsy()
	if !is || after < behind || two.after >= behind && two.inputs == inputs {
		return nil
	}
	return &Rest{Service: s, Round: Second, After: after, Inputs: inputs}
}

// Keys returns the keys of all records that the log may have of an event.
func Keys(event domain.EventID) []string {
	keys := []string{Record{Event: event}.Key()}
	for _, s := range services {
		for _, round := range []Round{First, Second} {
			keys = append(keys, Record{Event: event, Rest: &Rest{Service: s, Round: round}}.Key())
		}
	}
	return keys
}
