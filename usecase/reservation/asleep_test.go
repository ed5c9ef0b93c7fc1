package reservation_test

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/onsale-tickets/onsale/adapter/memory"
	"github.com/onsale-tickets/onsale/domain"
	"github.com/onsale-tickets/onsale/domain/message"
	"github.com/onsale-tickets/onsale/domain/seating"
	"github.com/onsale-tickets/onsale/domain/ticketing"
	"github.com/onsale-tickets/onsale/port"
)

// sleep lets all services rest about an event until it sleeps.
func (s *service) sleep(t *testing.T, id domain.EventID) {
	t.Helper()
	for range 2 {
		for _, of := range []message.Service{message.BookingService, message.SeatReservation, message.EventTicketing} {
			v := memory.NewWakes(s.wakes, s.catalogue, of, time.Hour)
			_, after := v.Tired(0)
			if err := v.Rest(t.Context(), id, after, 1); err != nil {
				t.Fatal(err)
			}
		}
	}
	synctest.Wait()
}

func (s *service) wake(t *testing.T, id domain.EventID) {
	t.Helper()
	if err := memory.NewWakes(s.wakes, s.catalogue, message.BookingService, time.Hour).Wake(t.Context(), id); err != nil {
		t.Fatal(err)
	}
	synctest.Wait()
}

// loaded reports whether the server has seats of an event in memory.
func (s *service) loaded(t *testing.T, id domain.EventID) bool {
	t.Helper()
	totals, err := s.Totals(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	_, is := totals[id]
	return is
}

// servingSeats runs f with a server whose show has seats.
func servingSeats(t *testing.T, f func(t *testing.T, s *service)) {
	serving(t, false, func(t *testing.T, s *service) {
		if _, err := s.assigned(show); err != nil {
			t.Fatal(err)
		}
		s.initialise(t, show)
		pass(2 * time.Second) // a checkpoint
		f(t, s)
	})
}

func (s *service) leave() {
	s.Revoked(show, []port.Input{input(message.SeatInitialization, 0)})
	synctest.Wait()
}

func TestAnEventThatSleepsIsNotInMemory(t *testing.T) {
	servingSeats(t, func(t *testing.T, s *service) {
		s.sleep(t, show)
		pass(5 * time.Second)
		if !s.loaded(t, show) {
			t.Error("it was dropped while its seats are owned")
		}
		s.leave()
		pass(2 * time.Second)
		if s.loaded(t, show) || !s.loaded(t, other) {
			t.Error("it is in memory, or the event that is awake is not")
		}
		s.wake(t, show)
		if from, err := s.assigned(show); err != nil || len(from) != 1 || !s.loaded(t, show) {
			t.Errorf("it does not wake: %v, %v", from, err)
		}
	})
}

func TestAnEventThatWakesWhileItIsDropped(t *testing.T) {
	servingSeats(t, func(t *testing.T, s *service) {
		s.leave()
		s.sleep(t, show)
		time.Sleep(time.Second)
		s.wake(t, show)
		if from, err := s.assigned(show); err != nil || len(from) != 1 {
			t.Errorf("it is not served: %v, %v", from, err)
		}
	})
}

func TestSeatsOfASleepingEventCanBeSeen(t *testing.T) {
	servingSeats(t, func(t *testing.T, s *service) {
		s.leave()
		s.sleep(t, show)
		pass(2 * time.Second)
		records := s.wakes.Len()
		counts, err := s.Counts(t.Context(), show, []string{stalls})
		if err != nil || len(counts) != 1 || counts[0].Subsections[0].Available != rows*rowSeats {
			t.Errorf("counts: %+v, %v", counts, err)
		}
		if s.wakes.Len() != records {
			t.Error("to look has woken it")
		}
		pass(15 * time.Second)
		if s.loaded(t, show) {
			t.Error("it is still in memory")
		}
		release := s.Watch(show)
		pass(time.Minute)
		if !s.loaded(t, show) {
			t.Error("it is not in memory while its map is read")
		}
		release()
		pass(5 * time.Second)
		if s.loaded(t, show) {
			t.Error("it is still in memory after its last reader")
		}
		if _, err := s.Counts(t.Context(), 99, []string{stalls}); !unavailable(err) {
			t.Errorf("an event that is not known: %v", err)
		}
	})
}

// A question waits two seconds. It is answered later, even if the journal takes longer
// to read than a question is remembered.
func TestSeatsOfASleepingEventAreReadHoweverLongThatTakes(t *testing.T) {
	servingSeats(t, func(t *testing.T, s *service) {
		s.leave()
		s.sleep(t, show)
		pass(2 * time.Second)
		s.slow.Store(int64(20 * time.Second))
		if _, err := s.Counts(t.Context(), show, []string{stalls}); !unavailable(err) {
			t.Errorf("at once: %v", err)
		}
		pass(19 * time.Second)
		if _, err := s.Counts(t.Context(), show, []string{stalls}); err != nil {
			t.Errorf("after 21 s: %v", err)
		}
		pass(15 * time.Second)
		if s.loaded(t, show) {
			t.Error("it is still in memory")
		}
	})
}

// Nothing was ever sold of an event without topics: its seats are those of the layout.
// Once it has a journal, only the journal counts.
func TestSeatsOfAnEventThatWasNeverWoken(t *testing.T) {
	serving(t, false, func(t *testing.T, s *service) {
		const unwoken = domain.EventID(9)
		e := catalogued()
		e.ID, e.JournalTopicID = unwoken, ""
		publish := func() {
			if err := s.catalogue.PublishEvent(t.Context(), e); err != nil {
				t.Fatal(err)
			}
			synctest.Wait()
		}
		publish()
		snapshot, err := s.MapSnapshot(t.Context(), unwoken, []string{stalls})
		if err != nil || len(snapshot.Sections) != 1 || len(snapshot.Sections[0].Statuses) != rows*rowSeats {
			t.Errorf("map: %+v, %v", snapshot, err)
		}
		seats, err := s.Seats(t.Context(), unwoken, []string{stalls}, stalls, 1)
		if err != nil || len(seats) != rows*rowSeats || seats[0].Status != seating.Available {
			t.Errorf("seats: %+v, %v", seats, err)
		}
		if s.wakes.Len() != 0 || s.loaded(t, unwoken) {
			t.Error("to look has woken it, or loaded it")
		}
		e.JournalTopicID, e.Revision = topicID, 2
		publish()
		if _, err := s.Counts(t.Context(), unwoken, []string{stalls}); !unavailable(err) {
			t.Errorf("before its journal has the seats: %v", err)
		}
	})
}

// An event that is archived leaves memory and store, also while its map is read, and is
// never served again.
func TestAnArchivedEventIsForgotten(t *testing.T) {
	servingSeats(t, func(t *testing.T, s *service) {
		s.leave()
		s.sleep(t, show)
		release := s.Watch(show)
		pass(2 * time.Second)
		if _, found, err := s.seats.Load(show, 0); err != nil || !found || !s.loaded(t, show) {
			t.Fatalf("before: stored %v, %v", found, err)
		}
		e := catalogued()
		e.ID, e.Revision, e.Closed, e.Archived = show, 2, true, true
		if err := s.catalogue.PublishEvent(t.Context(), e); err != nil {
			t.Fatal(err)
		}
		pass(2 * time.Second)
		forgotten := func(when string) {
			t.Helper()
			if _, found, err := s.seats.Load(show, 0); err != nil || found || s.loaded(t, show) {
				t.Errorf("%s: stored %v, %v, loaded %v", when, found, err, s.loaded(t, show))
			}
		}
		forgotten("after it was archived")
		if _, err := s.Counts(t.Context(), show, []string{stalls}); err != ticketing.NoLiveSeats {
			t.Errorf("its seats: %v", err)
		}
		release()
		s.Watch(show)()
		if err := memory.NewWakes(s.wakes, s.catalogue, message.BookingService, time.Hour).Wake(t.Context(), show); err != port.ErrArchived {
			t.Errorf("waking it: %v", err)
		}
		pass(20 * time.Second)
		forgotten("later")
		if err := s.stop(); err != nil {
			t.Fatal(err)
		}
		// A server that was down finds rows of an event that was archived meanwhile.
		if err := s.seats.Write(port.SeatBatch{Event: show, Partition: 0}); err != nil {
			t.Fatal(err)
		}
		s.build(t)
		if err := s.catalogue.PublishEvent(t.Context(), e); err != nil {
			t.Fatal(err)
		}
		s.run()
		pass(2 * time.Second)
		forgotten("after a restart")
	})
}

// Idle says whether an event may sleep for all that the journal says.
func TestIdle(t *testing.T) {
	servingSeats(t, func(t *testing.T, s *service) {
		is := func(when string, want bool) {
			t.Helper()
			if idle, err := s.Idle(t.Context(), show); err != nil || idle != want {
				t.Errorf("%s: idle %v, %v", when, idle, err)
			}
		}
		is("after a checkpoint", true)
		in := input(message.TicketReserving, 0)
		if err := s.Deliver(t.Context(), show, []port.Delivery{{Input: in, Envelope: message.Envelope{Body: request(1, 1)}}}); err != nil {
			t.Fatal(err)
		}
		synctest.Wait()
		is("before the checkpoint that says that all is told", false)
		pass(3 * time.Second)
		is("after it", true)
		next, err := s.Positions(t.Context(), []port.Input{in, input(message.ReleaseTicket, 0)})
		if err != nil || next[in] != 1 || next[input(message.ReleaseTicket, 0)] != 0 {
			t.Errorf("positions %v, %v", next, err)
		}
		// After a restart it has to read what was stored behind the mark.
		if err := s.stop(); err != nil {
			t.Fatal(err)
		}
		s.start(t)
		pass(2 * time.Second)
		is("after a restart", true)
		is("again", true)
		if idle, err := s.Idle(t.Context(), 99); err != nil || idle {
			t.Errorf("an event that is not served: idle %v, %v", idle, err)
		}
	})
}
