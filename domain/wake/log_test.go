package wake_test

import (
	"testing"
	"time"

	"github.com/onsale-tickets/onsale/domain/wake"
)

// An archived event sleeps, whatever the log says of it, and whichever is heard first.
func TestAnArchivedEvent(t *testing.T) {
	now := time.Now()
	is := func(what string, l *wake.Log) {
		t.Helper()
		awake, _ := l.Awake(1, now)
		if !l.Archived(1) || !l.Asleep(1) || awake || len(l.Tired(now.Add(time.Hour))) != 1 || l.NextRest(1, names[0], 9, 0) != nil {
			t.Errorf("%s: archived %v, asleep %v, awake %v, tired %v", what, l.Archived(1), l.Asleep(1), awake, l.Tired(now.Add(time.Hour)))
		}
	}
	l := wake.NewLog()
	l.Know(1, true, now)
	l.Know(2, true, now)
	l.Apply(0, wake.Record{Event: 1}, now)
	if l.Archived(1) || l.Asleep(1) {
		t.Error("it is archived before")
	}
	l.Archive(1)
	is("after its records", l)
	l.Know(1, true, now)
	l.Apply(1, wake.Record{Event: 1}, now)
	is("before its records", l)
	l.Skip(6)
	if l.Next() != 7 || l.Archived(2) || l.Asleep(2) {
		t.Errorf("next %d, the other event archived %v, asleep %v", l.Next(), l.Archived(2), l.Asleep(2))
	}
}

func TestKeysAreThoseOfTheRecords(t *testing.T) {
	keys := map[string]bool{wake.Record{Event: 1}.Key(): true}
	for _, s := range names {
		for _, round := range []wake.Round{wake.First, wake.Second} {
			keys[rested(s, round, 0, 0).Key()] = true
		}
	}
	for _, k := range wake.Keys(1) {
		if !keys[k] {
			t.Errorf("no record has the key %q", k)
		}
		delete(keys, k)
	}
	if len(keys) != 0 {
		t.Errorf("missing: %v", keys)
	}
}
