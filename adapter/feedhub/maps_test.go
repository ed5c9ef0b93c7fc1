package feedhub_test

import (
	"context"
	"fmt"
	"maps"
	"testing"
	"testing/synctest"
	"time"

	"pgregory.net/rapid"

	"github.com/onsale-tickets/onsale/adapter/feedhub"
	"github.com/onsale-tickets/onsale/domain"
	"github.com/onsale-tickets/onsale/domain/seating"
	"github.com/onsale-tickets/onsale/port"
)

// owner stands for the seat owner: it has all seats and reports changes.
type owner struct {
	hub     *feedhub.Maps
	plan    *seating.Plan
	seats   []seating.Status
	version int64
}

func newOwner(t interface{ Fatal(...any) }) *owner {
	plan, err := seating.Compile(seating.SectionLayout{Name: "A", Subsections: []seating.Subsection{seating.Regular(1, 2, 3), seating.Regular(2, 2, 3)}})
	if err != nil {
		t.Fatal(err)
	}
	o := &owner{hub: feedhub.NewMaps(), plan: plan, seats: make([]seating.Status, plan.SeatCount())}
	o.hub.SetSnapshots(o)
	return o
}

func (o *owner) Watch(domain.EventID) func() { return func() {} }

func (o *owner) MapSnapshot(context.Context, domain.EventID, []string) (port.MapSnapshot, error) {
	return port.MapSnapshot{Version: o.version, Sections: []port.SectionSnapshot{{Plan: o.plan, Statuses: append([]seating.Status{}, o.seats...)}}}, nil
}

func (o *owner) set(s seating.Status, seats ...seating.Index) {
	o.version++
	c := port.SeatChanges{Version: o.version}
	for _, i := range seats {
		o.seats[i] = s
		c.Seats = append(c.Seats, port.StoredSeat{Section: "A", Index: i, Seat: seating.Seat{Status: s}})
	}
	o.hub.SeatsChanged(1, c)
}

// view is the map that a reader builds from frames.
type view struct {
	at     string
	seats  []seating.Status
	counts map[int]seating.SubsectionCount
}

func (v *view) read(r port.SeatMapReader) {
	frames, ok := r.After(v.at)
	if !ok {
		s := r.Snapshot()
		v.at, v.seats, v.counts = s.ID, append([]seating.Status{}, s.Map.Sections[0].Statuses...), map[int]seating.SubsectionCount{}
		v.count(s)
		return
	}
	for _, f := range frames {
		v.at = f.ID
		for _, d := range f.Changes {
			v.seats[d.Seat] = d.Status
		}
		v.count(f)
	}
}

func (v *view) count(f *port.SeatFrame) {
	for _, c := range f.Counts {
		for _, sub := range c.Subsections {
			v.counts[sub.Number] = sub
		}
	}
}

func follow(t interface{ Fatal(...any) }, o *owner) port.SeatMapReader {
	r, err := o.hub.Follow(context.Background(), 1, []string{"A"})
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// step is something that happens around a map.
type step struct {
	kind   int // 0: time passes, 1: the reader looks, 2: it reconnects, else: seats change
	wait   time.Duration
	status seating.Status
	seats  [2]seating.Index
}

// A reader has the seat owner's map in the end, whatever changes between its reads and
// whether it reconnects.
func TestMapsAreTheOwners(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		seat := rapid.Map(rapid.IntRange(0, 11), func(n int) seating.Index { return seating.Index(n) })
		plan := rapid.SliceOfN(rapid.Custom(func(rt *rapid.T) step {
			return step{rapid.IntRange(0, 5).Draw(rt, "kind"), time.Duration(rapid.IntRange(0, 120).Draw(rt, "ms")) * time.Millisecond,
				seating.Status(rapid.IntRange(0, 2).Draw(rt, "status")), [2]seating.Index{seat.Draw(rt, "seat"), seat.Draw(rt, "other seat")}}
		}), 1, 40).Draw(rt, "plan")
		var complaint string
		synctest.Test(t, func(t *testing.T) { complaint = play(t, plan) })
		if complaint != "" {
			rt.Fatal(complaint)
		}
	})
}

func play(t *testing.T, plan []step) string {
	o := newOwner(t)
	o.set(seating.Sold, 0)
	r, keep := follow(t, o), follow(t, o) // the map outlives a reader that reconnects
	defer keep.Close()
	var v view
	v.read(r)
	for _, s := range plan {
		switch s.kind {
		case 0:
			time.Sleep(s.wait)
		case 1:
			v.read(r)
		case 2:
			r.Close()
			r = follow(t, o)
		default:
			o.set(s.status, s.seats[:]...)
		}
	}
	time.Sleep(200 * time.Millisecond)
	v.read(r)
	r.Close()
	want := map[int]seating.SubsectionCount{1: {Number: 1}, 2: {Number: 2}}
	for i, s := range o.seats {
		if v.seats[i] != s {
			return fmt.Sprintf("seat %d is %s, the reader has %s", i, s, v.seats[i])
		}
		sub := o.plan.Seat(seating.Index(i)).Subsection
		c := want[sub]
		switch s {
		case seating.Available:
			c.Available++
		case seating.Reserved:
			c.Reserved++
		case seating.Sold:
			c.Sold++
		}
		want[sub] = c
	}
	if !maps.Equal(want, v.counts) {
		return fmt.Sprintf("counts are %v, the reader has %v", want, v.counts)
	}
	return ""
}

func TestMapsPaceFrames(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		o := newOwner(t)
		r := follow(t, o)
		defer r.Close()
		first := r.Snapshot().ID
		for n := range 1000 { // one change a millisecond
			o.set(seating.Status(1+n/12%2), seating.Index(n%12))
			time.Sleep(time.Millisecond)
		}
		time.Sleep(100 * time.Millisecond)
		frames, ok := r.After(first)
		if !ok || len(frames) > 22 || len(frames) < 15 {
			t.Errorf("%d frames in a second (%v)", len(frames), ok)
		}
		if _, ok := r.After("another-1"); ok {
			t.Error("an id of another map is known")
		}
	})
}

func TestMapsKeepSomeFrames(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		o := newOwner(t)
		r := follow(t, o)
		defer r.Close()
		first := r.Snapshot().ID
		for n := range 300 {
			o.set(seating.Status(1+n%2), 3)
			time.Sleep(60 * time.Millisecond)
		}
		if _, ok := r.After(first); ok {
			t.Error("frames are kept for ever")
		}
	})
}

// The first map is dropped after its last reader. The ids of its frames mean nothing
// in the next map.
func TestMapsIgnoreIDsOfAnEarlierMap(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		o := newOwner(t)
		lastID := func() string {
			r := follow(t, o)
			defer r.Close()
			o.set(seating.Reserved, 3)
			time.Sleep(200 * time.Millisecond)
			o.set(seating.Available, 3)
			time.Sleep(200 * time.Millisecond)
			return r.Snapshot().ID
		}
		first := lastID()
		r := follow(t, o)
		defer r.Close()
		o.set(seating.Sold, 5)
		time.Sleep(200 * time.Millisecond)
		o.set(seating.Sold, 6)
		time.Sleep(200 * time.Millisecond)

		if frames, ok := r.After(first); ok {
			t.Errorf("%s is taken for a frame of this map, %d follow", first, len(frames))
		}
	})
}
