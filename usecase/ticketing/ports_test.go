package ticketing_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"go.uber.org/mock/gomock"

	"github.com/onsale-tickets/onsale/domain"
	"github.com/onsale-tickets/onsale/domain/message"
	rules "github.com/onsale-tickets/onsale/domain/ticketing"
	"github.com/onsale-tickets/onsale/port"
	"github.com/onsale-tickets/onsale/port/portmock"
	"github.com/onsale-tickets/onsale/usecase/ticketing"
)

var (
	errFault = errors.New("fault")
	seller   = port.Claims{User: 3, Name: "a new seller", Role: "seller"}
	buyer    = port.Claims{User: 3, Name: "a new buyer", Role: "buyer"}
)

// ports are mocks: a call that a test does not expect fails it.
type ports struct {
	created   *portmock.MockNewEvents
	changes   *portmock.MockEventChanges
	events    *portmock.MockEvents
	tickets   *portmock.MockTickets
	sales     *portmock.MockSales
	topics    *portmock.MockEventTopics
	publisher *portmock.MockPublisher
	catalogue *portmock.MockCataloguePublisher
}

func newPorts(t *testing.T) *ports {
	c := gomock.NewController(t)
	return &ports{portmock.NewMockNewEvents(c), portmock.NewMockEventChanges(c), portmock.NewMockEvents(c), portmock.NewMockTickets(c), portmock.NewMockSales(c),
		portmock.NewMockEventTopics(c), portmock.NewMockPublisher(c), portmock.NewMockCataloguePublisher(c)}
}

func (p *ports) open() *ticketing.OpenSale {
	return ticketing.NewOpenSale(p.changes, p.catalogue)
}

func (p *ports) create() *ticketing.CreateEvent {
	return ticketing.NewCreateEvent(p.created, p.events, p.open(), func(string) bool { return true }, func() time.Time { return now })
}

func (p *ports) change() *ticketing.ChangeEvent {
	return ticketing.NewChangeEvent(p.changes, p.events, p.open(), func(string) bool { return true }, func() time.Time { return now }, true)
}

// event is a stored event of a seller.
func event(of domain.UserID, status rules.EventStatus) rules.Event {
	e, err := creation().Event.Validated(now, func(string) bool { return true })
	if err != nil {
		panic(err)
	}
	e.ID, e.SellerID, e.JournalTopicID = 7, of, "journal"
	return rules.Event{CatalogueEvent: e, Status: status}
}

func code(err error) string {
	if r, ok := domain.AsRefusal(err); ok {
		return r.Code
	}
	return ""
}

// acknowledge is a publisher whose brokers respond with err.
func acknowledge(err error) func(message.Envelope, func(error)) {
	return func(_ message.Envelope, done func(error)) { done(err) }
}

// locked is a store that locks an event and stores what publish makes of it.
func locked(e rules.Event) func(context.Context, domain.EventID, func(context.Context, *rules.Event) error) error {
	return func(ctx context.Context, _ domain.EventID, publish func(context.Context, *rules.Event) error) error {
		return publish(ctx, &e)
	}
}

func TestCreateEventAndItsPorts(t *testing.T) {
	t.Run("stores nothing for a buyer", func(t *testing.T) {
		in := creation()
		in.Seller = buyer
		if _, err := newPorts(t).create().Handle(t.Context(), in); code(err) != "wrong_role" {
			t.Error(err)
		}
	})
	t.Run("stores nothing of a bad request", func(t *testing.T) {
		in := creation()
		in.Event.Currency = "XAU"
		if _, err := newPorts(t).create().Handle(t.Context(), in); code(err) != "invalid_request" {
			t.Error(err)
		}
	})
	t.Run("makes and sends nothing of an event that is not stored", func(t *testing.T) {
		p := newPorts(t)
		p.created.EXPECT().Create(gomock.Any(), gomock.Any()).Return(domain.EventID(0), errFault)
		if _, err := p.create().Handle(t.Context(), creation()); !errors.Is(err, errFault) {
			t.Error(err)
		}
	})
	t.Run("publishes the event, which has no topics yet", func(t *testing.T) {
		p, e := newPorts(t), event(3, rules.Creating)
		e.JournalTopicID = ""
		gomock.InOrder(
			p.created.EXPECT().Create(gomock.Any(), gomock.Any()).Return(e.ID, nil),
			p.changes.EXPECT().PublishLocked(gomock.Any(), e.ID, gomock.Any()).DoAndReturn(locked(e)),
			p.catalogue.EXPECT().PublishEvent(gomock.Any(), e.CatalogueEvent).Return(nil),
			p.events.EXPECT().Event(gomock.Any(), e.ID).Return(e, nil),
		)
		if _, err := p.create().Handle(t.Context(), creation()); err != nil {
			t.Error(err)
		}
	})
	t.Run("says that the sale is not open while the catalogue is not written", func(t *testing.T) {
		p, e := newPorts(t), event(3, rules.Creating)
		p.created.EXPECT().Create(gomock.Any(), gomock.Any()).Return(e.ID, nil)
		p.changes.EXPECT().PublishLocked(gomock.Any(), e.ID, gomock.Any()).DoAndReturn(locked(e))
		p.catalogue.EXPECT().PublishEvent(gomock.Any(), gomock.Any()).Return(errFault)
		if _, err := p.create().Handle(t.Context(), creation()); code(err) != "sale_not_open" || !errors.Is(err, errFault) {
			t.Error(err)
		}
	})
}

func TestChangeEventAndItsPorts(t *testing.T) {
	// every change of an event, by each use of the use case
	changes := map[string]func(*ticketing.ChangeEvent, port.Claims) error{
		"describe": func(h *ticketing.ChangeEvent, c port.Claims) error {
			_, err := h.Describe(t.Context(), c, 7, rules.Changes{Name: ptr("Another")})
			return err
		},
		"set price": func(h *ticketing.ChangeEvent, c port.Claims) error {
			_, err := h.SetPrice(t.Context(), c, 7, "A", ptr(int64(5)))
			return err
		},
		"close": func(h *ticketing.ChangeEvent, c port.Claims) error {
			_, err := h.Close(t.Context(), c, 7)
			return err
		},
	}
	store := func(e rules.Event) func(context.Context, domain.EventID, func(rules.Event) (rules.Event, error)) error {
		return func(_ context.Context, _ domain.EventID, change func(rules.Event) (rules.Event, error)) error {
			_, err := change(e)
			return err
		}
	}
	for name, change := range changes {
		t.Run(name, func(t *testing.T) {
			t.Run("reads nothing for a buyer", func(t *testing.T) {
				if err := change(newPorts(t).change(), buyer); code(err) != "wrong_role" {
					t.Error(err)
				}
			})
			t.Run("publishes nothing of another seller's event", func(t *testing.T) {
				p := newPorts(t)
				p.changes.EXPECT().Change(gomock.Any(), domain.EventID(7), gomock.Any()).DoAndReturn(store(event(4, rules.OnSale)))
				if err := change(p.change(), seller); code(err) != "event_not_found" {
					t.Error(err)
				}
			})
			t.Run("publishes nothing that is not stored", func(t *testing.T) {
				p := newPorts(t)
				p.changes.EXPECT().Change(gomock.Any(), domain.EventID(7), gomock.Any()).Return(errFault)
				if err := change(p.change(), seller); !errors.Is(err, errFault) {
					t.Error(err)
				}
			})
			t.Run("says that a stored change is not published yet", func(t *testing.T) {
				p, e := newPorts(t), event(3, rules.OnSale)
				p.changes.EXPECT().Change(gomock.Any(), e.ID, gomock.Any()).DoAndReturn(store(e))
				p.changes.EXPECT().PublishLocked(gomock.Any(), e.ID, gomock.Any()).DoAndReturn(locked(e))
				p.catalogue.EXPECT().PublishEvent(gomock.Any(), gomock.Any()).Return(errFault)
				if err := change(p.change(), seller); code(err) != "change_not_published" || !errors.Is(err, errFault) {
					t.Error(err)
				}
			})
		})
	}
}

func TestArchiveIsAskedFor(t *testing.T) {
	for name, c := range map[string]struct {
		status   rules.EventStatus
		who      port.Claims
		archiver bool
		code     string
		becomes  rules.EventStatus
	}{
		"of a closed event":          {rules.Closed, seller, true, "", rules.Archiving},
		"again":                      {rules.Archiving, seller, true, "", rules.Archiving},
		"of an archived event":       {rules.Archived, seller, true, "", rules.Archived},
		"of one on sale":             {rules.OnSale, seller, true, "event_on_sale", ""},
		"by a buyer":                 {rules.Closed, buyer, true, "wrong_role", ""},
		"by another seller":          {rules.Closed, port.Claims{User: 4, Role: "seller"}, true, "event_not_found", ""},
		"where nobody archives":      {rules.Closed, seller, false, "no_archiver", ""},
		"by another where nobody":    {rules.Closed, port.Claims{User: 4, Role: "seller"}, false, "event_not_found", ""},
		"of an archive where nobody": {rules.Archived, seller, false, "", rules.Archived},
	} {
		t.Run(name, func(t *testing.T) {
			p, e := newPorts(t), event(3, c.status)
			var becomes rules.EventStatus
			p.changes.EXPECT().Change(gomock.Any(), e.ID, gomock.Any()).AnyTimes().DoAndReturn(func(_ context.Context, _ domain.EventID, change func(rules.Event) (rules.Event, error)) error {
				after, err := change(e)
				if err == nil {
					becomes = after.Status
				}
				return err
			})
			p.changes.EXPECT().PublishLocked(gomock.Any(), e.ID, gomock.Any()).AnyTimes()
			p.events.EXPECT().Event(gomock.Any(), e.ID).AnyTimes().Return(e, nil)
			h := ticketing.NewChangeEvent(p.changes, p.events, p.open(), func(string) bool { return true }, func() time.Time { return now }, c.archiver)

			if _, err := h.Archive(t.Context(), c.who, e.ID); code(err) != c.code || becomes != c.becomes {
				t.Errorf("%v, it becomes %q", err, becomes)
			}
		})
	}
}

func TestOwnEventsAndItsPorts(t *testing.T) {
	open := func(p *ports, c port.Claims) (ticketing.OwnEvent, error) {
		return ticketing.NewOwnEvents(p.events, p.tickets, p.sales).Open(t.Context(), c, 7)
	}
	t.Run("reads nothing for a buyer", func(t *testing.T) {
		if _, err := open(newPorts(t), buyer); code(err) != "wrong_role" {
			t.Error(err)
		}
	})
	t.Run("does not open another seller's event", func(t *testing.T) {
		p := newPorts(t)
		p.events.EXPECT().Event(gomock.Any(), domain.EventID(7)).Return(event(4, rules.OnSale), nil)
		if e, err := open(p, seller); code(err) != "event_not_found" || e.ID != 0 {
			t.Errorf("%+v %v", e, err)
		}
	})
	t.Run("passes on what the store fails at", func(t *testing.T) {
		p := newPorts(t)
		p.events.EXPECT().Event(gomock.Any(), domain.EventID(7)).Return(rules.Event{}, errFault)
		if _, err := open(p, seller); !errors.Is(err, errFault) {
			t.Error(err)
		}
	})
	t.Run("opens tickets and sales of this event alone", func(t *testing.T) {
		p, f := newPorts(t), port.TicketFilter{Section: "A", Limit: 9}
		p.events.EXPECT().Event(gomock.Any(), domain.EventID(7)).Return(event(3, rules.OnSale), nil)
		p.tickets.EXPECT().List(gomock.Any(), domain.EventID(7), f).Return([]rules.Listed{{}}, nil)
		p.sales.EXPECT().Sales(gomock.Any(), domain.EventID(7)).Return(rules.Sales{}, errFault)
		e, err := open(p, seller)
		if err != nil {
			t.Fatal(err)
		}
		if page, err := e.Tickets(t.Context(), f); err != nil || len(page) != 1 {
			t.Error(page, err)
		}
		if _, err := e.Sales(t.Context()); !errors.Is(err, errFault) {
			t.Error(err)
		}
	})
}

func TestOpenSaleAndItsPorts(t *testing.T) {
	t.Run("publishes nothing that it cannot lock", func(t *testing.T) {
		p := newPorts(t)
		p.changes.EXPECT().PublishLocked(gomock.Any(), domain.EventID(7), gomock.Any()).Return(errFault)
		if err := p.open().Handle(t.Context(), 7); !errors.Is(err, errFault) {
			t.Error(err)
		}
	})
}

func TestTakeUpAndItsPorts(t *testing.T) {
	t.Run("tries the others after one that fails", func(t *testing.T) {
		p := newPorts(t)
		p.changes.EXPECT().Unpublished(gomock.Any()).Return([]domain.EventID{6, 7}, nil)
		p.changes.EXPECT().PublishLocked(gomock.Any(), domain.EventID(6), gomock.Any()).Return(errFault)
		p.changes.EXPECT().PublishLocked(gomock.Any(), domain.EventID(7), gomock.Any()).Return(nil)
		if err := ticketing.NewTakeUp(p.changes, p.open()).Handle(t.Context()); !errors.Is(err, errFault) {
			t.Error(err)
		}
	})
	t.Run("says that the list cannot be read", func(t *testing.T) {
		p := newPorts(t)
		p.changes.EXPECT().Unpublished(gomock.Any()).Return(nil, errFault)
		if err := ticketing.NewTakeUp(p.changes, p.open()).Handle(t.Context()); !errors.Is(err, errFault) {
			t.Error(err)
		}
	})
}

func TestFoldDeltasAndItsPort(t *testing.T) {
	t.Run("repeats the step until it is not full", func(t *testing.T) {
		m := portmock.NewMockDeltaFolding(gomock.NewController(t))
		full := func(_ context.Context, limit int) (int, error) { return limit, nil }
		gomock.InOrder(m.EXPECT().FoldDeltas(gomock.Any(), gomock.Any()).DoAndReturn(full).Times(2), m.EXPECT().FoldDeltas(gomock.Any(), gomock.Any()).Return(5, nil))
		if err := ticketing.NewFoldDeltas(m).Handle(t.Context()); err != nil {
			t.Error(err)
		}
	})
	t.Run("ends at a fault", func(t *testing.T) {
		m := portmock.NewMockDeltaFolding(gomock.NewController(t))
		m.EXPECT().FoldDeltas(gomock.Any(), gomock.Any()).Return(0, errFault)
		if err := ticketing.NewFoldDeltas(m).Handle(t.Context()); !errors.Is(err, errFault) {
			t.Error(err)
		}
	})
}

func TestUpdatesAndItsPorts(t *testing.T) {
	mocks := func(t *testing.T) (*ticketing.Updates, *portmock.MockTicketInputs, *portmock.MockCatalogue, *portmock.MockDeadLetters) {
		c := gomock.NewController(t)
		tickets, catalogue, letters := portmock.NewMockTicketInputs(c), portmock.NewMockCatalogue(c), portmock.NewMockDeadLetters(c)
		tickets.EXPECT().Positions(gomock.Any(), gomock.Any()).Return(map[port.Input]int64{input: 0}, nil)
		u := ticketing.NewUpdates(tickets, catalogue, letters)
		if _, err := u.Assigned(t.Context(), 1, map[port.Input]int64{input: 0}); err != nil {
			t.Fatal(err)
		}
		return u, tickets, catalogue, letters
	}
	batch := []port.Delivery{{Input: input, Offset: 0, Poison: errFault, Raw: []byte("{")}, {Input: input, Offset: 1, Envelope: message.Envelope{Body: paid(5), Time: now}}}
	known := event(3, rules.OnSale).CatalogueEvent
	t.Run("applies nothing when the poison of a batch cannot be buried", func(t *testing.T) {
		u, _, catalogue, letters := mocks(t)
		catalogue.EXPECT().Known(domain.EventID(1)).Return(known, true)
		letters.EXPECT().Bury(gomock.Any(), gomock.Any()).Return(errFault)
		if err := u.Deliver(t.Context(), 1, batch); !errors.Is(err, errFault) {
			t.Error(err)
		}
	})
	t.Run("buries and applies nothing of an event that it does not know", func(t *testing.T) {
		u, _, catalogue, _ := mocks(t)
		catalogue.EXPECT().Known(domain.EventID(1)).Return(rules.CatalogueEvent{}, false)
		if err := u.Deliver(t.Context(), 1, batch); err == nil {
			t.Error("the batch is taken for applied")
		}
	})
	t.Run("applies a batch again that could not be stored", func(t *testing.T) {
		u, tickets, catalogue, _ := mocks(t)
		catalogue.EXPECT().Known(domain.EventID(1)).Return(known, true).AnyTimes()
		first := []port.Progress{{Input: input, From: 0, To: 1}}
		gomock.InOrder(
			tickets.EXPECT().Apply(gomock.Any(), domain.EventID(1), first, gomock.Any(), gomock.Any()).Return(errFault),
			tickets.EXPECT().Apply(gomock.Any(), domain.EventID(1), first, gomock.Any(), gomock.Any()).Return(nil),
		)
		one := []port.Delivery{{Input: input, Offset: 0, Envelope: message.Envelope{Body: paid(5), Time: now}}}
		if err := u.Deliver(t.Context(), 1, one); !errors.Is(err, errFault) {
			t.Error(err)
		}
		if err := u.Deliver(t.Context(), 1, one); err != nil {
			t.Error(err)
		}
		if err := u.Deliver(t.Context(), 1, one); err != nil { // a repeat is not applied
			t.Error(err)
		}
	})
}
