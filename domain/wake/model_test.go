package wake_test

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/onsale-tickets/onsale/domain/message"
	"github.com/onsale-tickets/onsale/domain/wake"
)

// The services, as indices.
const (
	bookings = iota
	seats
	tickets
	all
)

var names = [all]message.Service{message.BookingService, message.SeatReservation, message.EventTicketing}

// model is one event in three services that share the log of wake-ups and the topics
// between them, and know of each other nothing else.
type model struct {
	rng  *rand.Rand
	log  []wake.Record
	view [all]struct {
		wake.Event
		read int // records of the log
	}
	topic [all][]msg // what each service reads
	read  [all]int   // how much of it
	look  [all]look

	processing int // bookings without an answer
	untold     int // decisions that were not told
	outgoing   [all]int
	slept      int
}

type msg int

const (
	request  msg = iota // to seats: choose
	answer              // to bookings
	reserved            // to tickets: changes nothing here
	paid                // to tickets
	final               // to seats
)

// look is a look of a service that takes a while.
type look struct {
	stage int // 0: none
	after int64
	ends  int
}

func (m *model) member(s int) bool { return !m.view[s].Asleep() }

func (m *model) idle(s int) bool {
	switch s {
	case bookings:
		return m.processing == 0 && m.outgoing[s] == 0
	case seats:
		return m.untold == 0
	}
	return m.outgoing[s] == 0
}

// wake writes a wake-up, if the service does not know that it need not.
func (m *model) wake(s int) {
	if !m.view[s].Awake() {
		m.log = append(m.log, wake.Record{Event: 1})
	}
}

func (m *model) hear(s int) {
	if v := &m.view[s]; v.read < len(m.log) {
		v.Apply(int64(v.read), m.log[v.read])
		v.read++
	}
}

// consume lets a member read one message.
func (m *model) consume(s int) bool {
	if !m.member(s) || m.read[s] == len(m.topic[s]) {
		return false
	}
	is := m.topic[s][m.read[s]]
	m.read[s]++
	switch is {
	case request:
		m.untold++
	case answer:
		if m.processing > 0 {
			m.processing--
			m.outgoing[bookings] += m.rng.IntN(2) // it is paid at once, or has failed
		}
	case paid:
		m.outgoing[tickets]++
	}
	return true
}

// send sends what a service has to send.
func (m *model) send(s int) bool {
	if s == seats {
		if m.untold == 0 {
			return false
		}
		m.untold--
		m.topic[bookings] = append(m.topic[bookings], answer)
		m.topic[tickets] = append(m.topic[tickets], reserved)
		return true
	}
	if m.outgoing[s] == 0 {
		return false
	}
	m.wake(s)
	m.outgoing[s]--
	if s == bookings {
		m.topic[tickets] = append(m.topic[tickets], paid)
	} else {
		m.topic[seats] = append(m.topic[seats], final)
	}
	return true
}

func (m *model) ask() {
	m.wake(bookings)
	m.topic[seats] = append(m.topic[seats], request)
}

// lookOn takes the next step of a look, as usecase/rest does.
func (m *model) lookOn(s int) {
	l, v := &m.look[s], &m.view[s]
	l.stage++
	switch l.stage {
	case 1:
		if v.Asleep() {
			l.stage = 0
		}
		l.after = int64(v.read)
	case 2:
		l.ends = len(m.topic[s])
	case 3:
		if m.read[s] < l.ends || !m.idle(s) {
			l.stage = 0
		}
	case 4:
		if r := v.Next(names[s], l.after, int64(l.ends)); r != nil {
			m.log = append(m.log, wake.Record{Event: 1, Rest: r})
		}
		l.stage = 0
	}
}

func (m *model) step() {
	s := m.rng.IntN(all)
	switch k := m.rng.IntN(20); {
	case k == 0:
		if m.rng.IntN(12) == 0 {
			m.processing++
			m.ask()
		}
	case k < 8:
		m.hear(s)
	case k < 11:
		m.consume(s)
	case k < 14:
		m.send(s)
	default:
		m.lookOn(s)
	}
	if e := m.fold(); e.Asleep() {
		m.slept++
	}
}

// fold is the whole log.
func (m *model) fold() (e wake.Event) {
	for i, r := range m.log {
		e.Apply(int64(i), r)
	}
	return e
}

// finish lets everything come to its end, without anybody new.
func (m *model) finish() error {
	for range 100 {
		moved := false
		for s := range all {
			for m.view[s].read < len(m.log) {
				m.hear(s)
				moved = true
			}
			for m.consume(s) {
				moved = true
			}
			for m.send(s) {
				moved = true
			}
		}
		if !moved && m.processing > 0 {
			m.ask() // it is sent again
			moved = true
		}
		if !moved {
			break
		}
	}
	for s := range all {
		if unread := len(m.topic[s]) - m.read[s]; unread > 0 || !m.idle(s) {
			return fmt.Errorf("%s has %d messages unread, idle: %v, asleep: %v", names[s], unread, m.idle(s), m.view[s].Asleep())
		}
	}
	return nil
}

// Whatever the order in which services act, hear of each other and look: an event that
// sleeps has nothing left to read, or somebody wakes it.
func TestNothingIsLeftUnreadInASleepingEvent(t *testing.T) {
	slept := 0
	for seed := range uint64(20_000) {
		m := &model{rng: rand.New(rand.NewPCG(seed, 1))}
		for range 50 + m.rng.IntN(400) {
			m.step()
		}
		if m.slept > 0 {
			slept++
		}
		if err := m.finish(); err != nil {
			t.Fatalf("seed %d: %v\n%s", seed, err, m.story())
		}
	}
	if slept < 6000 {
		t.Errorf("the event slept in %d runs only", slept)
	}
}

// Without anybody new, an event falls asleep.
func TestAnEventThatNobodyNeedsFallsAsleep(t *testing.T) {
	for seed := range uint64(1000) {
		m := &model{rng: rand.New(rand.NewPCG(seed, 2))}
		for range 100 {
			m.step()
		}
		if err := m.finish(); err != nil {
			t.Fatal(err)
		}
		for range 2 * all { // a round, and one more for a look that was under way
			for s := range all {
				for range 8 {
					m.lookOn(s)
				}
				for m.view[s].read < len(m.log) {
					m.hear(s)
				}
			}
		}
		if e := m.fold(); !e.Asleep() {
			t.Fatalf("seed %d: it is awake\n%s", seed, m.story())
		}
	}
}

func (m *model) story() (s string) {
	for i, r := range m.log {
		if r.Rest == nil {
			s += fmt.Sprintf("%d woken\n", i)
			continue
		}
		s += fmt.Sprintf("%d %+v\n", i, *r.Rest)
	}
	return s
}

// A log that keeps the last record of each key says the same as the whole log.
func TestACompactedLogSaysTheSame(t *testing.T) {
	for seed := range uint64(3000) {
		m := &model{rng: rand.New(rand.NewPCG(seed, 3))}
		for range 150 {
			m.step()
		}
		last := map[string]int{}
		for i, r := range m.log {
			last[r.Key()] = i
		}
		var compacted wake.Event
		for i, r := range m.log {
			if last[r.Key()] == i {
				compacted.Apply(int64(i), r)
			}
		}
		if whole := m.fold(); compacted != whole {
			t.Fatalf("seed %d: %+v, whole %+v", seed, compacted, whole)
		}
	}
}
