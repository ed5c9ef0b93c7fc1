package reservation_test

import (
	"errors"
	"hash/fnv"
	"math/rand/v2"
	"sync"
)

// kind is a kind of event in a run. Most are faults. TestSimulation fails if one of
// them never happens in its runs.
type kind string

const (
	recordLost      kind = "record lost"
	recordUnknown   kind = "record kept, reported as failed"
	recordDoubled   kind = "record kept twice"
	recordForgotten kind = "record lost, and never reported"
	recordLate      kind = "record late"
	recordOrphaned  kind = "record arrived after its sender was killed"
	ackLate         kind = "acknowledgement late"
	ackMissing      kind = "acknowledgement never came"
	messageLost     kind = "message lost"
	messageUnknown  kind = "message kept, reported as failed"
	messageDoubled  kind = "message kept twice"
	messageLate     kind = "message late"
	messageOrphaned kind = "message arrived after its sender was killed"

	journalUnread  kind = "journal could not be read"
	journalBroken  kind = "journal stopped being followed"
	seatsUnwritten kind = "seat store could not be written"
	seatsUnread    kind = "seat store could not be read"
	seatsLost      kind = "seat store lost"
	seatsOld       kind = "seat store of a backup"
	seatsForeign   kind = "seat store of the other server"

	storeRefused    kind = "transaction failed"
	storeUnanswered kind = "transaction done, reported as failed"
	letterRefused   kind = "dead letter failed"
	letterLate      kind = "dead letter late"

	catalogueAway   kind = "catalogue not read"
	catalogueStale  kind = "catalogue stale"
	catalogueRefuse kind = "catalogue not written"
	catalogueBroken kind = "catalogue stopped being followed"

	lulls      kind = "few people come for a while"
	fellAsleep kind = "event fell asleep"
	woke       kind = "event woke"
	wakeLost   kind = "wake-up or rest not written"

	unreadable kind = "record that cannot be read"
	foreign    kind = "request on a foreign partition"
	garbled    kind = "every request of a booking cannot be read"
	skipped    kind = "delivery behind a gap"
	repeated   kind = "old delivery again"
	killed     kind = "server killed"
	zombie     kind = "two servers joined"
	jumped     kind = "clocks jumped"
	priced     kind = "price changed"
	closed     kind = "sale closed"
	opened     kind = "event opened in the midst"
	resent     kind = "request sent again when it was due"

	gatewayLost    kind = "request to the gateway lost"
	gatewaySilent  kind = "answer of the gateway lost"
	gatewayTimeout kind = "gateway took longer than its limit"
	gatewayStray   kind = "request reached the gateway after its caller was gone"
	payCancelled   kind = "payment went on after a cancellation"
	payExpired     kind = "payment went on after the window"
	paySecond      kind = "payment beside another of the booking"
	payBeaten      kind = "payment went on after another one won"
	payGivenUp     kind = "payment went on after it was given up"
)

// kinds are all of them.
var kinds = []kind{recordLost, recordUnknown, recordDoubled, recordForgotten, recordLate, recordOrphaned, ackLate, ackMissing,
	messageLost, messageUnknown, messageDoubled, messageLate, messageOrphaned,
	journalUnread, journalBroken, seatsUnwritten, seatsUnread, seatsLost, seatsOld, seatsForeign,
	storeRefused, storeUnanswered, letterRefused, letterLate, catalogueAway, catalogueStale, catalogueRefuse, catalogueBroken,
	lulls, fellAsleep, woke, wakeLost,
	unreadable, foreign, garbled, skipped, repeated, killed, zombie, jumped, priced, closed, opened, resent,
	gatewayLost, gatewaySilent, gatewayTimeout, gatewayStray, payCancelled, payExpired, paySecond, payBeaten, payGivenUp}

var errFault = errors.New("the seed makes it fail")

// faults decides what goes wrong, and counts it. Each decision draws from a stream
// of random numbers of its own, which belongs to a key. So it does not depend on
// the order in which goroutines that run at the same time come to it.
type faults struct {
	seed uint64

	mu      sync.Mutex
	perfect bool // nothing goes wrong any more
	drawn   map[string]uint64
	counts  map[kind]int
}

func newFaults(seed uint64) *faults {
	return &faults{seed: seed, perfect: true, drawn: map[string]uint64{}, counts: map[kind]int{}}
}

// draw returns the next random numbers of a key.
func (f *faults) draw(key string) *rand.Rand {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.drawn[key]++
	h := fnv.New64a()
	_, _ = h.Write([]byte(key))
	return rand.New(rand.NewPCG(f.seed<<32+f.drawn[key], h.Sum64()))
}

// count notes that something happened.
func (f *faults) count(k kind) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.counts[k]++
}

// fate returns one of the kinds, each as often as the others, in one of so many
// draws of the key. Otherwise, and after rest has begun, it returns "".
func (f *faults) fate(key string, oneIn int, kinds ...kind) kind {
	if f.isPerfect() {
		return ""
	}
	r := f.draw(key)
	if r.IntN(oneIn) > 0 {
		return ""
	}
	k := kinds[r.IntN(len(kinds))]
	f.count(k)
	return k
}

func (f *faults) isPerfect() bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.perfect
}

func (f *faults) setPerfect(is bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.perfect = is
}

// step does something, or not; or it does it and reports an error.
func (f *faults) step(key string, do func() error) error {
	switch f.fate(key, 30, storeRefused, storeUnanswered) {
	case storeRefused:
		return errFault
	case storeUnanswered:
		_ = do()
		return errFault
	}
	return do()
}
