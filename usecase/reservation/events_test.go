package reservation_test

import (
	"context"
	"errors"
	"log/slog"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/onsale-tickets/onsale/adapter/memory"
	"github.com/onsale-tickets/onsale/domain"
	"github.com/onsale-tickets/onsale/domain/journal"
	"github.com/onsale-tickets/onsale/domain/message"
	"github.com/onsale-tickets/onsale/domain/ticketing"
	"github.com/onsale-tickets/onsale/port"
	"github.com/onsale-tickets/onsale/usecase/reservation"
)

// other is a second event, beside show.
const other = domain.EventID(2)

// service is a server of two events that reads the journals by itself.
type service struct {
	*reservation.Server
	journal   *memory.Journal
	seats     *memory.SeatStore
	catalogue *memory.Catalogue
	wakes     *memory.WakeLog
	broken    atomic.Bool  // the journal of other cannot be read
	gone      atomic.Bool  // it can be read, but not followed
	slow      atomic.Int64 // how long it takes to read a journal
	log       strings.Builder
	stop      func() error
}

// journalOf is the journal of a service.
type journalOf struct {
	*memory.Journal
	service *service
}

func (j journalOf) Ends(ctx context.Context, id domain.EventID) (map[domain.Partition]int64, error) {
	select {
	case <-time.After(time.Duration(j.service.slow.Load())):
		return j.Journal.Ends(ctx, id)
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

func (j journalOf) Follow(ctx context.Context, id domain.EventID, topic string, from map[domain.Partition]int64, r port.JournalReader) error {
	if id == other && j.service.gone.Load() {
		return errBroken
	}
	return j.Journal.Follow(ctx, id, topic, from, r)
}

var errBroken = errors.New("the partition has no leader")

// serving runs f in a bubble, with a server of two events. The journal of other is
// broken if f wants it so.
func serving(t *testing.T, broken bool, f func(t *testing.T, s *service)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		s := &service{journal: memory.NewJournal(), seats: memory.NewSeatStore(), wakes: memory.NewWakeLog()}
		s.broken.Store(broken)
		s.journal.ReadFault = func(_ context.Context, id domain.EventID) error {
			if id == other && s.broken.Load() {
				return errBroken
			}
			return nil
		}
		s.start(t)
		f(t, s)
		if err := s.stop(); err != nil {
			t.Errorf("the server stopped: %v", err)
		}
	})
}

func (s *service) start(t *testing.T) {
	s.build(t)
	s.run()
}

func (s *service) run() {
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func(server *reservation.Server) { ended <- server.Run(ctx) }(s.Server)
	s.stop = func() error { cancel(); return <-ended }
	synctest.Wait()
}

// build makes the server, which does not run yet.
func (s *service) build(t *testing.T) {
	catalogue := memory.NewCatalogue()
	s.catalogue = catalogue
	for _, id := range []domain.EventID{other, show} {
		e := catalogued()
		e.ID = id
		if err := catalogue.PublishEvent(t.Context(), e); err != nil {
			t.Fatal(err)
		}
	}
	nonce := uint64(0)
	s.Server = reservation.NewServer(reservation.Deps{Journal: journalOf{s.journal, s}, Seats: s.seats, Publisher: &memory.Publisher{},
		DeadLetters: &memory.DeadLetters{}, Catalogue: catalogue, Wakes: memory.NewWakes(s.wakes, catalogue, message.SeatReservation, time.Hour), Feed: noFeed{}, Meter: &memory.SeatMeter{}, ServerID: "s1", Now: time.Now,
		Nonce: func() uint64 { nonce++; return nonce }, Log: slog.New(slog.NewTextHandler(&s.log, nil))})
}

// assigned joins the group of an event.
func (s *service) assigned(id domain.EventID) (map[port.Input]int64, error) {
	in := input(message.SeatInitialization, 0)
	in.Event = id
	return s.Assigned(context.Background(), id, map[port.Input]int64{in: 1})
}

func (s *service) initialise(t *testing.T, id domain.EventID) {
	t.Helper()
	in := input(message.SeatInitialization, 0)
	in.Event = id
	err := s.Deliver(t.Context(), id, []port.Delivery{{Input: in, Envelope: message.Envelope{Body: message.InitializeSeats{EventID: id, Layout: stallsLayout()}}}})
	if err != nil {
		t.Fatal(err)
	}
	synctest.Wait()
}

func (s *service) problem(t *testing.T, id domain.EventID) error {
	t.Helper()
	problems, err := s.NotServed(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return problems[id]
}

func unavailable(err error) bool {
	var refusal *domain.Refusal
	return errors.As(err, &refusal) && refusal.Kind == domain.Unavailable
}

// One event's trouble is one event's: the other is sold, and the first is served as
// soon as its journal can be read.
func TestOneEventThatCannotBeReadStopsNoOther(t *testing.T) {
	serving(t, true, func(t *testing.T, s *service) {
		if from, err := s.assigned(show); err != nil || len(from) != 1 {
			t.Fatalf("the sound event: %v, %v", from, err)
		}
		s.initialise(t, show)
		if counts, err := s.Counts(t.Context(), show, []string{stalls}); err != nil || len(counts) != 1 {
			t.Errorf("the sound event has %v, %v", counts, err)
		}

		pass(10 * time.Second) // ticks, and attempts to load
		if !errors.Is(s.problem(t, other), errBroken) || s.problem(t, show) != nil {
			t.Errorf("not served: %v and %v", s.problem(t, other), s.problem(t, show))
		}
		if _, err := s.Counts(t.Context(), other, []string{stalls}); !unavailable(err) {
			t.Errorf("counts: %v", err)
		}
		if totals, err := s.Totals(t.Context()); err != nil || len(totals) != 1 {
			t.Errorf("totals: %v, %v", totals, err)
		}
		if owned, err := s.Owned(t.Context()); err != nil || owned[other] != 0 || owned[show] != 1 {
			t.Errorf("owned: %v, %v", owned, err)
		}
		if err := s.Deliver(t.Context(), other, []port.Delivery{{Input: input(message.TicketReserving, 0)}}); !errors.Is(err, reservation.ErrOwnershipLost) {
			t.Errorf("deliver: %v", err)
		}
		s.Revoked(other, []port.Input{input(message.TicketReserving, 0)})
		if from, err := s.assigned(other); err != nil || len(from) != 0 {
			t.Errorf("of an event that is not served %v is read: %v", from, err)
		}
		if n := strings.Count(s.log.String(), "level=ERROR msg=\"event is not served\" event_id=2"); n < 3 || n > 5 {
			t.Errorf("%d attempts in 10 s: the pause does not grow, or it is not said loudly:\n%s", n, s.log.String())
		}

		s.broken.Store(false)
		pass(time.Minute)
		if s.problem(t, other) != nil {
			t.Fatalf("it is not served again: %v", s.problem(t, other))
		}
		select {
		case id := <-s.OwnershipLost():
			if id != other {
				t.Errorf("event %d is to be joined again", id)
			}
		default:
			t.Error("the bus does not learn that the event can be claimed now")
		}
		if from, err := s.assigned(other); err != nil || len(from) != 1 {
			t.Errorf("after the repair: %v, %v", from, err)
		}
	})
}

func TestJournalThatBreaksIsFollowedAgain(t *testing.T) {
	serving(t, false, func(t *testing.T, s *service) {
		for _, id := range []domain.EventID{show, other} {
			if _, err := s.assigned(id); err != nil {
				t.Fatal(err)
			}
			s.initialise(t, id)
		}
		s.broken.Store(true)
		s.journal.Append(other, 5, journal.Record{Kind: journal.Claimed, Server: "s2", Nonce: 99, Cause: journal.Cause{Offset: -1}}, func(error) {}) // the follower wakes up
		pass(500 * time.Millisecond)
		if !errors.Is(s.problem(t, other), errBroken) {
			t.Errorf("not served: %v", s.problem(t, other))
		}
		select {
		case id := <-s.OwnershipLost():
			if id != other {
				t.Errorf("the claims of event %d are lost", id)
			}
		default:
			t.Error("the loss is not reported")
		}
		if owned, err := s.Owned(t.Context()); err != nil || owned[other] != 0 || owned[show] != 1 {
			t.Errorf("owned: %v, %v", owned, err)
		}

		s.broken.Store(false)
		pass(5 * time.Second)
		if _, err := s.Counts(t.Context(), other, []string{stalls}); err != nil {
			t.Errorf("after the repair: %v", err)
		}
		if _, err := s.assigned(other); err != nil {
			t.Errorf("after the repair: %v", err)
		}
	})
}

// Assigned waits for an event that is being loaded, and not for ever.
func TestAssignedWaitsUntilItsEventIsLoaded(t *testing.T) {
	for name, tt := range map[string]struct {
		takes time.Duration
		ok    bool
	}{"soon": {2 * time.Second, true}, "too late": {20 * time.Second, false}} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := &service{journal: memory.NewJournal(), seats: memory.NewSeatStore(), wakes: memory.NewWakeLog()}
				began := time.Now()
				s.journal.ReadFault = func(ctx context.Context, _ domain.EventID) error {
					select {
					case <-time.After(time.Until(began.Add(tt.takes))):
						return nil
					case <-ctx.Done():
						return ctx.Err()
					}
				}
				s.start(t)
				from, err := s.assigned(show)
				if took := time.Since(began); (err == nil && len(from) == 1) != tt.ok || took > 8*time.Second {
					t.Errorf("after %s: %v, %v", took, from, err)
				}
				if err := s.stop(); err != nil {
					t.Error(err)
				}
			})
		})
	}
}

// A stop while an event is being loaded is a stop: no error, and no complaint about
// the broker.
func TestStopWhileLoadingIsNoFailure(t *testing.T) {
	for call, what := range []string{"the journal is recognised", "its ends are asked for", "the last stored record is read again"} {
		t.Run(what, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := &service{journal: memory.NewJournal(), seats: memory.NewSeatStore(), wakes: memory.NewWakeLog()}
				claim := journal.Record{Kind: journal.Claimed, Server: "s1", Nonce: 1, Cause: journal.Cause{Offset: -1}}
				for _, id := range []domain.EventID{show, other} {
					s.journal.Append(id, 0, claim, func(error) {})
					err := s.seats.Write(port.SeatBatch{Event: id, SeatFold: port.SeatFold{JournalTopicID: topicID, Fold: journal.Fold{Next: 1}, LastRecord: port.IdentityOf(claim)}})
					if err != nil {
						t.Fatal(err)
					}
				}
				var calls [3]atomic.Int32 // by event
				s.journal.ReadFault = func(ctx context.Context, id domain.EventID) error {
					if int(calls[id].Add(1)) <= call {
						return nil
					}
					<-ctx.Done()
					return ctx.Err()
				}
				s.start(t)
				if calls[show].Load() != int32(call+1) {
					t.Errorf("%d calls: this is not the moment that is meant", calls[show].Load())
				}
				if err := s.stop(); err != nil {
					t.Errorf("the server ended with %v", err)
				}
				if s.log.Len() > 0 {
					t.Errorf("it complains: %s", s.log.String())
				}
			})
		})
	}
}

// Seats are shown when every section was read, never with sections missing.
func TestSeatsAreShownWhenAllWereRead(t *testing.T) {
	two := catalogued()
	two.Sections = append(two.Sections, ticketing.CatalogueSection{Layout: stallsLayout(), Price: 100})
	two.Sections[1].Layout.Name = "B"
	names := []string{"A", "B"}
	refused := func(t *testing.T, n *node) bool {
		_, counts := n.Counts(t.Context(), show, names)
		_, seats := n.Seats(t.Context(), show, names, "A", 1)
		_, snapshot := n.MapSnapshot(t.Context(), show, names)
		if unavailable(counts) != unavailable(seats) || unavailable(counts) != unavailable(snapshot) {
			t.Errorf("one form is refused and another is not: %v, %v, %v", counts, seats, snapshot)
		}
		return unavailable(counts)
	}
	inWorld(t, 1, func(t *testing.T, w *world) {
		n := w.servers[0]
		w.sections = 2
		b := message.InitializeSeats{EventID: show, Layout: two.Sections[1].Layout}
		w.topics.put(port.Delivery{Input: input(b.Action(), 1), Envelope: message.Envelope{Body: b}})
		n.take()
		for _, step := range []struct {
			do      func()
			refused bool
			when    string
		}{
			{func() {}, true, "no section is initialised"},
			{func() { n.step(message.SeatInitialization) }, true, "one of two sections is initialised"},
			{func() { n.deliver(message.SeatInitialization, 1) }, true, "the other is decided, not read"},
			{func() { n.readAll() }, false, "both were read"},
			{func() { n.start() }, false, "after a restart with what was stored"},
			{func() { n.store = memory.NewSeatStore(); n.start() }, true, "after a restart without what was stored"},
			{func() { n.read(0, 1000) }, true, "one journal was read"},
			{func() { n.read(1, 1) }, true, "the other was read in part"},
			{func() { n.readAll() }, false, "both were read again"},
		} {
			step.do()
			if refused(t, n) != step.refused {
				t.Errorf("when %s: refused %v", step.when, !step.refused)
			}
		}

		w.ask(1, 1)
		n.take()
		n.reserve()
		n.readAll()
		if _, err := n.Seats(t.Context(), show, names, "B", 9); err != nil {
			t.Errorf("a subsection that is not there: %v", err)
		}
		behind := n.store
		w.ask(2, 1)
		n.reserve()
		n.kill()
		n.store = behind
		n.start() // what is stored is behind the journal
		if !refused(t, n) {
			t.Error("seats are shown before the journal was read to its end")
		}
		n.readAll()
		if refused(t, n) {
			t.Error("seats are refused although all was read")
		}
	})
}
