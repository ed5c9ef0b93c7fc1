package porttest

import (
	"context"
	"errors"
	"reflect"
	"testing"
	"time"

	"github.com/onsale-tickets/onsale/domain"
	"github.com/onsale-tickets/onsale/domain/booking"
	"github.com/onsale-tickets/onsale/domain/ticketing"
	"github.com/onsale-tickets/onsale/port"
)

func sealed(s *bookings) {
	seal := func(want bool) {
		s.Helper()
		if settled, err := s.Sealed.Seal(s.Context(), 7); settled != want || err != nil {
			s.Errorf("settled %v, %v", settled, err)
		}
	}
	key := port.IdempotencyKey{Key: "k", Body: [32]byte{1}}
	first, err := s.Accept(s.Context(), s.request(), key)
	s.check(err)
	seal(false)
	held := s.pending(time.Hour)
	s.cancel(first.ID)
	seal(false)
	s.cancel(held.ID)
	seal(false) // the seat owner is not told yet
	late, err := s.Accept(s.Context(), s.request(), port.IdempotencyKey{})
	s.check(err)
	s.cancel(late.ID)
	s.outgoing()

	seal(true)

	other := s.request()
	other.EventID = 8
	refused := s.request()
	for range 2 {
		if _, err := s.Accept(s.Context(), refused, port.IdempotencyKey{}); code(err) != "event_closed" {
			s.Errorf("a booking of a sealed event: %v", err)
		}
	}
	if again, err := s.Accept(s.Context(), s.request(), key); err != nil || again.ID != first.ID {
		s.Errorf("a repeat of a booking from before: %v %v", again.ID, err)
	}
	if _, err := s.Accept(s.Context(), other, port.IdempotencyKey{}); err != nil {
		s.Errorf("a booking of another event: %v", err)
	}
	seal(true)
	of, err := s.Sealed.OfEvent(s.Context(), 7)
	s.check(err)
	var ids []domain.BookingID
	for _, b := range of {
		is, err := s.Booking(s.Context(), b.ID)
		s.check(err)
		b.Window = is.Window // only an audit reads it
		if !reflect.DeepEqual(b, is) {
			s.Errorf("got  %+v\nwant %+v", b, is)
		}
		ids = append(ids, b.ID)
	}
	if want := []domain.BookingID{first.ID, held.ID, late.ID}; !reflect.DeepEqual(ids, want) {
		s.Errorf("%v are of the event, want %v", ids, want)
	}
}

// positions is what BookingInputs and TicketInputs have in common.
type positions interface {
	Positions(ctx context.Context, inputs []port.Input) (map[port.Input]int64, error)
}

func dropped(t *testing.T, s positions, drop port.ArchivedInputs, tickets port.TicketInputs) {
	gone, kept := input("gone"), input("kept")
	_, err := s.Positions(t.Context(), []port.Input{gone, kept})
	must(t, err)
	for _, topic := range []string{"gone", "kept"} {
		if tickets != nil {
			must(t, tickets.Apply(t.Context(), 1, progress(topic, 0, 5), nil, func([]ticketing.Ticket) (c port.TicketChanges) { return c }))
			continue
		}
		must(t, s.(port.BookingInputs).Apply(t.Context(), progress(topic, 0, 5), nil,
			func(time.Time, map[domain.BookingID]booking.Booking) (c port.BookingChanges) { return c }))
	}

	must(t, drop.DropInputs(t.Context(), []string{"gone", "unknown"}))
	must(t, drop.DropInputs(t.Context(), nil))

	at, err := s.Positions(t.Context(), []port.Input{gone, kept})
	if err != nil || at[gone] != 0 || at[kept] != 5 {
		t.Errorf("%v %v", at, err)
	}
}

func archived(s *tickets) {
	id, other := s.open(), s.open()
	file, at := port.ArchiveFile{Name: "event-1.zst", SHA256: "00ff", Bytes: 42}, opened.Add(time.Hour)
	if err := s.Archives.Archive(s.Context(), id, file, at); code(err) != "event_on_sale" {
		s.Errorf("an event on sale: %v", err)
	}
	if r, err := s.Archives.Record(s.Context(), id); err != nil || r != (port.ArchiveRecord{}) {
		s.Errorf("before: %+v %v", r, err)
	}
	s.check(s.Change(s.Context(), id, func(e ticketing.Event) (ticketing.Event, error) { return e.Close() }))
	s.check(s.Change(s.Context(), id, func(e ticketing.Event) (ticketing.Event, error) { return e.ToArchive() }))
	before, err := s.Stored(s.Context(), id)
	s.check(err)
	if e, err := s.Event(s.Context(), id); err != nil || e.Status != ticketing.Archiving || !e.Closed || !before.Closed || e.Archived {
		s.Errorf("to be archived: %+v %v", e, err)
	}
	if ids, err := s.Archives.Pending(s.Context()); err != nil || !reflect.DeepEqual(ids, []domain.EventID{id}) {
		s.Errorf("asked for: %v %v", ids, err)
	}

	s.check(s.Archives.Archive(s.Context(), id, file, at))
	s.check(s.Archives.Archive(s.Context(), id, port.ArchiveFile{Name: "another"}, at.Add(time.Hour)))

	e, err := s.Event(s.Context(), id)
	if err != nil || e.Status != ticketing.Archived || !e.Archived || !e.Closed || e.Revision != before.Revision+1 {
		s.Errorf("%+v %v", e, err)
	}
	if stored, err := s.Stored(s.Context(), id); err != nil || !stored.Archived || !stored.Closed {
		s.Errorf("%+v %v", stored, err)
	}
	if r, err := s.Archives.Record(s.Context(), id); err != nil || r != (port.ArchiveRecord{File: file, Archived: at}) {
		s.Errorf("%+v %v", r, err)
	}
	if ids, err := s.Unpublished(s.Context()); err != nil || !reflect.DeepEqual(ids, []domain.EventID{id}) {
		s.Errorf("to be published: %v %v", ids, err)
	}
	if e, err := s.Event(s.Context(), other); err != nil || e.Status != ticketing.OnSale {
		s.Errorf("another event: %+v %v", e, err)
	}
	err = s.Change(s.Context(), id, func(e ticketing.Event) (ticketing.Event, error) { return e.Close() })
	if code(err) != "event_archived" {
		s.Errorf("a change afterwards: %v", err)
	}
	if ids, err := s.Archives.Pending(s.Context()); err != nil || !reflect.DeepEqual(ids, []domain.EventID{id}) {
		s.Errorf("pending %v %v", ids, err)
	}
	s.check(s.Archives.Removed(s.Context(), id))
	s.check(s.Archives.Removed(s.Context(), other)) // without a record: nothing happens
	if r, err := s.Archives.Record(s.Context(), id); err != nil || !r.Removed {
		s.Errorf("%+v %v", r, err)
	}
	if ids, err := s.Archives.Pending(s.Context()); err != nil || len(ids) != 0 {
		s.Errorf("pending %v %v", ids, err)
	}
}

func archiving(s *tickets) {
	release, err := s.Archives.Lock(s.Context(), 1)
	s.check(err)
	if _, err := s.Archives.Lock(s.Context(), 1); !errors.Is(err, port.ErrArchiving) {
		s.Errorf("locked: %v", err)
	}
	other, err := s.Archives.Lock(s.Context(), 2)
	s.check(err)
	other()

	release()

	again, err := s.Archives.Lock(s.Context(), 1)
	s.check(err)
	again()
}
