package wake_test

import (
	"testing"
	"time"

	"github.com/onsale-tickets/onsale/domain/message"
	"github.com/onsale-tickets/onsale/domain/wake"
)

// rested is the record of a rest.
func rested(s message.Service, round wake.Round, after, inputs int64) wake.Record {
	return wake.Record{Event: 1, Rest: &wake.Rest{Service: s, Round: round, After: after, Inputs: inputs}}
}

func TestEvent(t *testing.T) {
	woken := wake.Record{Event: 1}
	round := func(r wake.Round, after int64) (all []wake.Record) {
		for i, s := range names {
			all = append(all, rested(s, r, after, int64(10*i)))
		}
		return all
	}
	twice := append(round(wake.First, 0), round(wake.Second, 3)...)
	for name, c := range map[string]struct {
		log           []wake.Record
		awake, asleep bool
	}{
		"is awake without records":                           {awake: true},
		"is neither when one service has rested":             {log: twice[:1]},
		"is neither when all have rested once":               {log: twice[:3]},
		"sleeps when all have rested twice":                  {log: twice, asleep: true},
		"is awake when it was woken after that":              {log: append(twice[:6:6], woken), awake: true},
		"does not sleep when a service has not rested again": {log: twice[:5]},
		"does not sleep when a service looked too early":     {log: append(twice[:5:5], rested(names[2], wake.Second, 2, 20))},
		"does not sleep when a service has read more":        {log: append(twice[:5:5], rested(names[2], wake.Second, 3, 21))},
		"does not sleep when a service rests anew":           {log: append(twice[:6:6], rested(names[0], wake.First, 6, 1))},
		"takes no rest of a service that it does not know":   {log: []wake.Record{rested("another", wake.First, 0, 0), rested(names[0], 3, 0, 0)}, awake: true},
	} {
		t.Run(name, func(t *testing.T) {
			var e wake.Event
			for i, r := range c.log {
				e.Apply(int64(i), r)
			}
			if e.Awake() != c.awake || e.Asleep() != c.asleep {
				t.Errorf("awake %v, asleep %v", e.Awake(), e.Asleep())
			}
		})
	}
}

func TestNext(t *testing.T) {
	var e wake.Event
	is := func(what string, got *wake.Rest, want *wake.Rest) {
		t.Helper()
		if got == nil != (want == nil) || got != nil && *got != *want {
			t.Errorf("%s: %+v, want %+v", what, got, want)
		}
	}
	one := names[0]
	is("at first", e.Next(one, 0, 5), &wake.Rest{Service: one, Round: wake.First, Inputs: 5})
	e.Apply(0, rested(one, wake.First, 0, 5))
	is("while the others have not rested", e.Next(one, 1, 5), nil)
	is("after it has read more", e.Next(one, 1, 6), &wake.Rest{Service: one, Round: wake.First, After: 1, Inputs: 6})
	e.Apply(1, rested(names[1], wake.First, 0, 0))
	e.Apply(2, rested(names[2], wake.First, 0, 0))
	is("after a look that began before all had rested", e.Next(one, 2, 5), nil)
	is("when all have rested", e.Next(one, 3, 5), &wake.Rest{Service: one, Round: wake.Second, After: 3, Inputs: 5})
	e.Apply(3, rested(one, wake.Second, 3, 5))
	is("once it has rested again", e.Next(one, 4, 5), nil)
	e.Apply(4, wake.Record{Event: 1})
	is("when the event was woken", e.Next(one, 5, 5), &wake.Rest{Service: one, Round: wake.First, After: 5, Inputs: 5})
}

func TestLog(t *testing.T) {
	began := time.Now()
	l := wake.NewLog()
	if awake, since := l.Awake(7, began); !awake || since != began || l.Asleep(7) || l.NextRest(7, names[0], 0, 0).Round != wake.First {
		t.Error("an event that is not known")
	}
	l.Know(2, true, began)
	l.Know(1, true, began.Add(time.Minute))
	if ids := l.Tired(began.Add(time.Minute)); len(ids) != 2 || ids[0] != 1 {
		t.Errorf("tired: %v", ids)
	}
	if ids := l.Tired(began); len(ids) != 1 || ids[0] != 2 {
		t.Errorf("tired earlier: %v", ids)
	}
	l.Apply(0, wake.Record{Event: 2}, began.Add(time.Hour))
	if ids := l.Tired(began.Add(time.Minute)); len(ids) != 1 || l.Next() != 1 {
		t.Errorf("tired after a wake-up: %v, next %d", ids, l.Next())
	}
}

func TestLogOfASleepingEvent(t *testing.T) {
	began := time.Now()
	l := wake.NewLog()
	l.Know(1, true, began)
	for round := range 2 {
		for _, s := range names {
			l.Apply(l.Next(), rested(s, wake.Round(1+round), int64(3*round), 0), began)
		}
	}
	if !l.Asleep(1) || len(l.Tired(began)) != 0 {
		t.Errorf("asleep %v, tired %v", l.Asleep(1), l.Tired(began))
	}
}

// An event without topics sleeps until it is woken for the first time. Nobody rests
// about it: there is nothing to read yet.
func TestLogOfAnEventWithoutTopics(t *testing.T) {
	began := time.Now()
	l := wake.NewLog()
	l.Know(1, false, began)
	if awake, _ := l.Awake(1, began); awake || !l.Asleep(1) || len(l.Tired(began)) != 0 {
		t.Errorf("at first: awake %v, asleep %v, tired %v", awake, l.Asleep(1), l.Tired(began))
	}
	l.Apply(0, wake.Record{Event: 1}, began)
	if awake, _ := l.Awake(1, began); !awake || l.Asleep(1) || len(l.Tired(began)) != 0 {
		t.Errorf("woken: awake %v, asleep %v, tired %v", awake, l.Asleep(1), l.Tired(began))
	}
	l.Know(1, true, began)
	if awake, _ := l.Awake(1, began); !awake || len(l.Tired(began)) != 1 {
		t.Errorf("with topics: awake %v, tired %v", awake, l.Tired(began))
	}
}
