package porttest

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"testing"
	"time"

	"github.com/onsale-tickets/onsale/domain"
	"github.com/onsale-tickets/onsale/domain/account"
	"github.com/onsale-tickets/onsale/domain/message"
	"github.com/onsale-tickets/onsale/domain/seating"
	"github.com/onsale-tickets/onsale/domain/ticketing"
	"github.com/onsale-tickets/onsale/port"
)

// TicketingStore has the ports of a store of accounts, events and tickets.
type TicketingStore struct {
	port.Users
	port.NewEvents
	port.EventChanges
	port.Events
	port.Sales
	Listed port.Tickets
	port.TicketInputs
	port.Outbox
	port.DeltaFolding
	Work     port.Work
	Archives port.ArchiveRecords
	Dropped  port.ArchivedInputs
}

type tickets struct {
	*testing.T
	TicketingStore
	seller account.User
}

func (s *tickets) check(err error) {
	s.Helper()
	if err != nil {
		s.Fatal(err)
	}
}

var opened = time.Date(2027, 1, 2, 3, 4, 5, 6000, time.UTC)

// hall has subsections and rows whose order as numbers is not that as text.
func (s *tickets) hall() ticketing.CatalogueEvent {
	e := ticketing.CatalogueEvent{SellerID: s.seller.ID, SellerName: s.seller.Name, Name: "The show", Description: "of\nthe year", VenueName: "The hall",
		StartsAt: opened.Add(time.Hour), TimeZone: "Asia/Taipei", Currency: "TWD", MaxTickets: 4, CreatedAt: opened, Revision: 1}
	for i, name := range []string{"B", "A"} {
		e.Sections = append(e.Sections, ticketing.CatalogueSection{Price: int64(100 + i), Layout: seating.SectionLayout{Name: name,
			Subsections: []seating.Subsection{seating.Regular(2, 1, 2), {Number: 10, Rows: []seating.Row{{Number: 3, Seats: []int{1, 4}}}}}}})
	}
	return e
}

func (s *tickets) open() domain.EventID {
	s.Helper()
	id, err := s.Create(s.Context(), s.hall())
	s.check(err)
	s.check(s.PublishLocked(s.Context(), id, func(_ context.Context, e *ticketing.Event) error {
		e.Status = ticketing.OnSale
		return nil
	}))
	return id
}

func seat(section string, subsection, row, n int) domain.SeatID {
	return domain.SeatID{Section: section, Subsection: subsection, Row: row, Seat: n}
}

func input(topic string) port.Input {
	return port.Input{Event: 1, Action: message.TicketToPaid, Partition: 7, Cluster: "c", TopicID: topic}
}

func progress(topic string, from, to int64) []port.Progress {
	return []port.Progress{{Input: input(topic), From: from, To: to}}
}

// Ticketing tests the contract of the ports in TicketingStore. open returns an
// empty store.
func Ticketing(t *testing.T, open func(t *testing.T) TicketingStore) {
	run := func(name string, test func(s *tickets)) {
		t.Run(name, func(t *testing.T) {
			s := &tickets{T: t, TicketingStore: open(t)}
			var err error
			s.seller, err = s.Register(t.Context(), account.User{Email: "seller@example.com", Name: "a new seller", Role: account.Seller, CreatedAt: opened}, "hash")
			s.check(err)
			test(s)
		})
	}
	run("keeps accounts, one for each address", accounts)
	run("shows an event once it is on sale, and hides it before", created)
	run("keeps nothing of what fn changed when it fails", func(s *tickets) {
		id, err := s.Create(s.Context(), s.hall())
		s.check(err)
		fault := errors.New("no broker")
		err = s.PublishLocked(s.Context(), id, func(_ context.Context, e *ticketing.Event) error {
			e.Status = ticketing.OnSale
			return fault
		})
		if !errors.Is(err, fault) {
			s.Errorf("%v", err)
		}
		if _, err := s.Event(s.Context(), id); code(err) != "event_not_found" {
			s.Errorf("%v", err)
		}
		if err := s.PublishLocked(s.Context(), 99, nil); code(err) != "event_not_found" {
			s.Errorf("unknown: %v", err)
		}
	})
	run("changes an event under the next revision, and lists what is not published", changed)
	run("sums what was sold, before and after folding", sales)
	run("lists events, newest first", listed)
	run("lists tickets in layout order, in pages", layoutOrder)
	run("applies all of a step, or nothing", applied)
	run("archives an event that is closed, once", archived)
	run("lets one archive of an event be made at a time", archiving)
	run("drops the positions of topics that are removed", func(s *tickets) {
		s.open()
		dropped(s.T, s, s.Dropped, s.TicketInputs)
	})
	run("is idle about an event that is on sale and has sent its messages", idleTickets)
}

func accounts(s *tickets) {
	if _, err := s.Register(s.Context(), account.User{Email: "seller@example.com", Name: "Other", Role: account.Buyer, CreatedAt: opened}, "h"); code(err) != "email_taken" {
		s.Errorf("%v", err)
	}
	u, hash, err := s.ByEmail(s.Context(), "seller@example.com")
	if err != nil || hash != "hash" || !reflect.DeepEqual(u, s.seller) || u.ID < 1 {
		s.Errorf("%+v %q %v", u, hash, err)
	}
	if u, err := s.ByID(s.Context(), s.seller.ID); err != nil || !reflect.DeepEqual(u, s.seller) {
		s.Errorf("%+v %v", u, err)
	}
	for _, err := range []error{second(s.ByID(s.Context(), 99)), third(s.ByEmail(s.Context(), "x@y"))} {
		if r, ok := domain.AsRefusal(err); !ok || r.Kind != domain.NotFound {
			s.Errorf("%v", err)
		}
	}
}

func second[T any](_ T, err error) error        { return err }
func third[T, U any](_ T, _ U, err error) error { return err }

func created(s *tickets) {
	id, err := s.Create(s.Context(), s.hall())
	s.check(err)
	if _, err := s.Event(s.Context(), id); code(err) != "event_not_found" {
		s.Errorf("while creating: %v", err)
	}
	if all, err := s.List(s.Context(), port.EventFilter{Seller: s.seller.ID, Limit: 10}); err != nil || len(all) != 0 {
		s.Errorf("while creating: %v %v", all, err)
	}
	if ids, err := s.Unpublished(s.Context()); err != nil || !reflect.DeepEqual(ids, []domain.EventID{id}) {
		s.Errorf("%v %v", ids, err)
	}
	want := s.hall()
	want.ID = id
	if e, err := s.Stored(s.Context(), id); err != nil || e.Status != ticketing.Creating || !reflect.DeepEqual(e.CatalogueEvent, want) {
		s.Errorf("stored: %+v %v", e, err)
	}
	if _, err := s.Stored(s.Context(), 99); code(err) != "event_not_found" {
		s.Errorf("unknown: %v", err)
	}
	s.check(s.PublishLocked(s.Context(), id, func(_ context.Context, e *ticketing.Event) error {
		if !reflect.DeepEqual(e.CatalogueEvent, want) {
			s.Errorf("got  %+v\nwant %+v", e.CatalogueEvent, want)
		}
		e.Status = ticketing.OnSale
		return nil
	}))
	e, err := s.Event(s.Context(), id)
	if err != nil || e.Status != ticketing.OnSale || e.Name != "The show" || e.Sections[1].Layout.Name != "A" || e.Sections[1].Price != 101 ||
		len(e.Sections[1].Layout.Subsections) != 2 || !reflect.DeepEqual(e.Counts, []ticketing.Counts{{Available: 4}, {Available: 4}}) {
		s.Errorf("%+v %v", e, err)
	}
	if ids, err := s.Unpublished(s.Context()); err != nil || len(ids) != 0 {
		s.Errorf("%v %v", ids, err)
	}
}

func changed(s *tickets) {
	id := s.open()
	price := int64(777)
	change := func(e ticketing.Event) (ticketing.Event, error) {
		e.Name = "Another"
		return e.WithPrice("A", &price)
	}
	s.check(s.Change(s.Context(), id, change))
	if ids, err := s.Unpublished(s.Context()); err != nil || !reflect.DeepEqual(ids, []domain.EventID{id}) {
		s.Errorf("%v %v", ids, err)
	}
	s.check(s.PublishLocked(s.Context(), id, func(_ context.Context, e *ticketing.Event) error {
		if e.Revision != 2 || e.Name != "Another" || e.Sections[1].Price != 777 || e.Sections[0].Price != 100 {
			s.Errorf("%+v", e)
		}
		return nil
	}))
	s.check(s.Change(s.Context(), id, change)) // the same again is no change
	if ids, err := s.Unpublished(s.Context()); err != nil || len(ids) != 0 {
		s.Errorf("%v %v", ids, err)
	}
	s.check(s.Change(s.Context(), id, func(e ticketing.Event) (ticketing.Event, error) {
		e.JournalTopicID, e.NoRoom = "topic", true
		return e.Close()
	}))
	if e, err := s.Event(s.Context(), id); err != nil || e.Status != ticketing.Closed || !e.Closed || e.Revision != 3 || e.Sections[1].Price != 777 {
		s.Errorf("%+v %v", e, err)
	}
	if e, err := s.Stored(s.Context(), id); err != nil || !e.HasTopics() || !e.NoRoom {
		s.Errorf("stored: %+v %v", e, err)
	}
	fault := errors.New("no")
	err := s.Change(s.Context(), id, func(e ticketing.Event) (ticketing.Event, error) { e.Name = "x"; return e, fault })
	if e, _ := s.Event(s.Context(), id); !errors.Is(err, fault) || e.Name != "Another" {
		s.Errorf("%v %+v", err, e)
	}
	if err := s.Change(s.Context(), 99, change); code(err) != "event_not_found" {
		s.Errorf("%v", err)
	}
	if page, err := s.List(s.Context(), port.EventFilter{Limit: 5}); err != nil || len(page) != 0 {
		s.Errorf("a closed sale is listed: %v %v", page, err)
	}
	if page, err := s.List(s.Context(), port.EventFilter{Limit: 5, Seller: s.seller.ID}); err != nil || len(page) != 1 {
		s.Errorf("its seller's own: %v %v", page, err)
	}
}

func sales(s *tickets) {
	id := s.open()
	s.add(id, ticketing.Delta{Section: "A", Counts: ticketing.Counts{Available: -2, Sold: 2}, Revenue: 202, Bookings: 2, At: opened.Add(time.Hour).Truncate(time.Minute)},
		ticketing.Delta{Section: "B", Counts: ticketing.Counts{Available: -1, Reserved: 1}, Bookings: 1, At: opened})
	want := ticketing.Sales{Sections: []ticketing.SectionSales{{Section: "B", Counts: ticketing.Counts{Available: 3, Reserved: 1}},
		{Section: "A", Counts: ticketing.Counts{Available: 2, Sold: 2}, Revenue: 202}},
		OverTime: []ticketing.Interval{{At: opened.Add(time.Hour).Truncate(time.Minute), Sold: 2, Revenue: 202}}, Bookings: 3}
	for _, when := range []string{"before", "after", "after the second"} {
		if when != "before" {
			_, err := s.FoldDeltas(s.Context(), 100)
			s.check(err)
		}
		got, err := s.Sales.Sales(s.Context(), id)
		e, errEvent := s.Event(s.Context(), id)
		if err != nil || errEvent != nil || !reflect.DeepEqual(got, want) || e.Counts[1] != want.Sections[1].Counts {
			s.Errorf("%s folding: %v %v\ngot  %+v %+v\nwant %+v", when, err, errEvent, got, e.Counts, want)
		}
	}
	s.add(id, ticketing.Delta{Section: "A", Counts: ticketing.Counts{Available: -1, Sold: 1}, Revenue: 101, Bookings: 1, At: opened.Add(time.Hour)})
	want.Sections[1].Counts, want.Sections[1].Revenue, want.OverTime[0].Sold, want.OverTime[0].Revenue, want.Bookings = ticketing.Counts{Available: 1, Sold: 3}, 303, 3, 303, 4
	if got, err := s.Sales.Sales(s.Context(), id); err != nil || !reflect.DeepEqual(got, want) {
		s.Errorf("sold after folding: %v\ngot  %+v\nwant %+v", err, got, want)
	}
}

func (s *tickets) add(id domain.EventID, deltas ...ticketing.Delta) {
	s.Helper()
	s.check(s.Apply(s.Context(), id, nil, nil, func([]ticketing.Ticket) port.TicketChanges { return port.TicketChanges{Deltas: deltas} }))
}

func listed(s *tickets) {
	first, second := s.open(), s.open()
	page, err := s.List(s.Context(), port.EventFilter{Limit: 1})
	if err != nil || len(page) != 1 || page[0].ID != second || page[0].Total() != (ticketing.Counts{Available: 8}) || len(page[0].Sections) != 0 {
		s.Fatalf("%+v %v", page, err)
	}
	page, err = s.List(s.Context(), port.EventFilter{Limit: 5, Before: second})
	if err != nil || len(page) != 1 || page[0].ID != first {
		s.Errorf("%+v %v", page, err)
	}
	if page, err = s.List(s.Context(), port.EventFilter{Limit: 5, Seller: s.seller.ID + 1}); err != nil || len(page) != 0 {
		s.Errorf("another's: %+v %v", page, err)
	}
}

func layoutOrder(s *tickets) {
	id := s.open()
	s.check(s.Apply(s.Context(), id, nil, []domain.SeatID{seat("A", 10, 3, 4)}, func(t []ticketing.Ticket) port.TicketChanges {
		sold, _ := t[0].Take(ticketing.Update{To: ticketing.Sold, BookingID: numbered(1), HolderID: s.seller.ID, Hold: 5, Price: 77})
		return port.TicketChanges{Tickets: []ticketing.Ticket{sold}}
	}))
	var got []string
	f := port.TicketFilter{Limit: 3}
	for {
		page, err := s.Listed.List(s.Context(), id, f)
		s.check(err)
		for _, t := range page {
			got = append(got, fmt.Sprint(t.Seat, " ", t.Price))
		}
		if len(page) < f.Limit {
			break
		}
		f.After = page[len(page)-1].Seat
	}
	want := []string{"B-2-1-1 100", "B-2-1-2 100", "B-10-3-1 100", "B-10-3-4 100", "A-2-1-1 101", "A-2-1-2 101", "A-10-3-1 101", "A-10-3-4 77"}
	if !reflect.DeepEqual(got, want) {
		s.Errorf("got  %v\nwant %v", got, want)
	}
	status := ticketing.Sold
	page, err := s.Listed.List(s.Context(), id, port.TicketFilter{Section: "A", Subsection: 10, Status: &status, Limit: 9})
	if err != nil || len(page) != 1 || page[0].HolderName != "a new seller" || page[0].HolderEmail != "seller@example.com" || page[0].BookingID != numbered(1) {
		s.Errorf("%+v %v", page, err)
	}
	if page, err := s.Listed.List(s.Context(), 99, port.TicketFilter{Limit: 9}); err != nil || len(page) != 0 {
		s.Errorf("unknown: %v %v", page, err)
	}
}

func applied(s *tickets) {
	id := s.open()
	if at, err := s.Positions(s.Context(), []port.Input{input("t")}); err != nil || at[input("t")] != 0 {
		s.Fatal(at, err)
	}
	seats := []domain.SeatID{seat("A", 2, 1, 2), seat("B", 10, 3, 1), seat("A", 9, 9, 9)}
	reserve := func(found []ticketing.Ticket) port.TicketChanges {
		var c port.TicketChanges
		for _, t := range found {
			t, _ = t.Take(ticketing.Update{To: ticketing.Reserved, BookingID: numbered(1), HolderID: s.seller.ID, Hold: 5, Price: 77})
			c.Tickets = append(c.Tickets, t)
		}
		c.Deltas = []ticketing.Delta{{Section: "A", Counts: ticketing.Counts{Available: -1, Reserved: 1}, At: opened}}
		c.Outgoing = []port.OutgoingSeats{{Action: message.FinalizeTicket, Section: 1, At: opened,
			Change: message.SeatChange{EventID: id, BookingID: numbered(1), Section: "A", Seats: seats[:1], Hold: 5}}}
		return c
	}
	s.check(s.Apply(s.Context(), id, progress("t", 0, 2), seats, func(found []ticketing.Ticket) port.TicketChanges {
		if len(found) != 2 {
			s.Errorf("found %v", found)
		}
		return reserve(found)
	}))
	if err := s.Apply(s.Context(), id, progress("t", 0, 3), seats, reserve); !errors.Is(err, port.ErrFenced) {
		s.Errorf("overtaken: %v", err)
	}
	if at, err := s.Positions(s.Context(), []port.Input{input("t"), input("new")}); err != nil || at[input("t")] != 2 || at[input("new")] != 0 {
		s.Error(at, err)
	}
	e, err := s.Event(s.Context(), id)
	if err != nil || e.Counts[1] != (ticketing.Counts{Available: 3, Reserved: 1}) {
		s.Errorf("%+v %v", e.Counts, err)
	}
	s.outbox(id)
}

// outbox checks that a message is kept until it is published, with the same id.
func (s *tickets) outbox(event domain.EventID) {
	s.Helper()
	var sent []message.Envelope
	publish := func(err error) func(context.Context, []message.Envelope) error {
		return func(_ context.Context, e []message.Envelope) error {
			sent = append(sent, e...)
			return err
		}
	}
	if n, err := s.Claim(s.Context(), 10, publish(errors.New("no broker"))); n != 0 || err == nil {
		s.Errorf("%d %v", n, err)
	}
	if n, err := s.Claim(s.Context(), 10, publish(nil)); n != 1 || err != nil {
		s.Errorf("%d %v", n, err)
	}
	if n, err := s.Claim(s.Context(), 10, publish(nil)); n != 0 || err != nil {
		s.Errorf("%d %v", n, err)
	}
	want := message.FinalizeSeats{SeatChange: message.SeatChange{EventID: event, BookingID: numbered(1), Section: "A", Seats: []domain.SeatID{seat("A", 2, 1, 2)}, Hold: 5}}
	if len(sent) != 2 || sent[0].ID != sent[1].ID || sent[0].Partition != 1 || !sent[0].Time.Equal(opened) || !reflect.DeepEqual(sent[1].Body, want) {
		s.Errorf("%+v", sent)
	}
}

func idleTickets(s *tickets) {
	is := func(when string, id domain.EventID, want bool) {
		s.Helper()
		if idle, err := s.Work.Idle(s.Context(), id); err != nil || idle != want {
			s.Errorf("%s: idle %v, %v", when, idle, err)
		}
	}
	creating, err := s.Create(s.Context(), s.hall())
	s.check(err)
	is("while it is created", creating, false)
	id := s.open()
	is("on sale", id, true)
	if _, err := s.Positions(s.Context(), []port.Input{input("t")}); err != nil {
		s.Fatal(err)
	}
	s.check(s.Apply(s.Context(), id, progress("t", 0, 1), nil, func([]ticketing.Ticket) port.TicketChanges {
		return port.TicketChanges{Outgoing: []port.OutgoingSeats{{Action: message.ReleaseTicket, At: opened,
			Change: message.SeatChange{EventID: id, BookingID: domain.BookingID{1}, Section: "A", Seats: []domain.SeatID{seat("A", 1, 1, 1)}, Hold: 1}}}}
	}))
	is("while a message waits to be sent", id, false)
	is("while a message of another event waits to be sent", creating, false)
	_, err = s.Claim(s.Context(), 10, func(context.Context, []message.Envelope) error { return nil })
	s.check(err)
	is("when it was sent", id, true)
}
