package bench_test

import (
	"context"
	"encoding/binary"
	"errors"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"go.uber.org/mock/gomock"

	"github.com/onsale-tickets/onsale/domain"
	"github.com/onsale-tickets/onsale/domain/booking"
	"github.com/onsale-tickets/onsale/domain/message"
	"github.com/onsale-tickets/onsale/domain/ticketing"
	"github.com/onsale-tickets/onsale/port"
	"github.com/onsale-tickets/onsale/port/portmock"
	"github.com/onsale-tickets/onsale/usecase/bench"
)

// counting returns booking ids 1, 2 and so on.
func counting() func() domain.BookingID {
	var n atomic.Uint64
	return func() (id domain.BookingID) {
		binary.BigEndian.PutUint64(id[8:], n.Add(1))
		return id
	}
}

func TestGroupCommit(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := gomock.NewController(t)
		grouped, single := portmock.NewMockBookings(c), portmock.NewMockBookings(c)
		var ids [2]atomic.Int64
		takes := func(n int, d time.Duration) func(context.Context, booking.Booking, port.IdempotencyKey) (booking.Booking, error) {
			return func(_ context.Context, b booking.Booking, _ port.IdempotencyKey) (booking.Booking, error) {
				ids[n].Add(1)
				time.Sleep(d)
				return b, nil
			}
		}
		grouped.EXPECT().Accept(gomock.Any(), gomock.Any(), gomock.Any()).AnyTimes().DoAndReturn(takes(0, time.Second))
		single.EXPECT().Accept(gomock.Any(), gomock.Any(), gomock.Any()).AnyTimes().DoAndReturn(takes(1, 4*time.Second))
		s := &steps{}

		f, err := bench.NewGroupCommit(grouped, single, counting()).Handle(t.Context(), bench.GroupCommitInput{Clients: 5, Bookings: 100, Rounds: 2, Steps: s})

		// Five clients: five bookings in 1 s, and five in 4 s.
		if err != nil || f.Grouped != 5 || f.Single != 1.25 || f.Ratio != 4 || f.Accepted != 330 {
			t.Errorf("%+v, %v", f, err)
		}
		if ids[0].Load() != 300 || ids[1].Load() != 30 || len(s.names) != 6 || s.names[0] != "warm-up, one by one" {
			t.Errorf("%d in groups, %d one by one, steps %q", ids[0].Load(), ids[1].Load(), s.names)
		}
	})
}

func TestGroupCommitEndsAtAnError(t *testing.T) {
	c := gomock.NewController(t)
	grouped, single := portmock.NewMockBookings(c), portmock.NewMockBookings(c)
	full := errors.New("the disk is full")
	single.EXPECT().Accept(gomock.Any(), gomock.Any(), gomock.Any()).Return(booking.Booking{}, full)

	_, err := bench.NewGroupCommit(grouped, single, counting()).Handle(t.Context(), bench.GroupCommitInput{Clients: 1, Bookings: 100, Rounds: 1, Steps: &steps{}})

	if !errors.Is(err, full) {
		t.Error(err)
	}
}

// owner is a seat owner that answers after a while, or with something else.
type owner struct {
	desk   *bench.SeatDesk
	answer func(message.TicketReservedRequest) message.Message
	mu     sync.Mutex
	asked  []message.TicketReservedRequest
	most   int // requests that waited at the same time
	open   int
}

func (o *owner) Send(e message.Envelope, done func(error)) {
	done(nil)
	m, is := e.Body.(message.TicketReservedRequest)
	if !is {
		return // the initialisation
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	o.asked = append(o.asked, m)
	o.open++
	o.most = max(o.most, o.open)
	time.AfterFunc(time.Second, func() {
		o.mu.Lock()
		o.open--
		o.mu.Unlock()
		if a := o.answer(m); a != nil {
			answer := port.Delivery{Input: port.Input{Event: 1, Action: a.Action()}, Envelope: message.Envelope{Body: a}}
			_ = o.desk.Deliver(context.Background(), 1, []port.Delivery{answer, answer}) // told twice
		}
	})
}

func TestJournalBatch(t *testing.T) {
	held := func(m message.TicketReservedRequest) message.Message {
		return message.BookingUpdatedToPendingPayment{Held: message.Held{BookingID: m.BookingID}}
	}
	run := func(t *testing.T, answer func(message.TicketReservedRequest) message.Message) (*owner, ticketing.CatalogueEvent, bench.JournalBatchFigures, error) {
		c := gomock.NewController(t)
		topics, catalogue := portmock.NewMockEventTopics(c), portmock.NewMockCataloguePublisher(c)
		topics.EXPECT().Create(gomock.Any(), domain.EventID(1)).Return("journal", nil)
		var event ticketing.CatalogueEvent
		catalogue.EXPECT().PublishEvent(gomock.Any(), gomock.Any()).DoAndReturn(func(_ context.Context, e ticketing.CatalogueEvent) error { event = e; return nil })
		o := &owner{answer: answer}
		o.desk = bench.NewSeatDesk(o, counting())
		f, err := bench.NewJournalBatch(topics, o, catalogue, o.desk).Handle(t.Context(), bench.JournalBatchInput{Alone: 3, Many: 40, Most: 20, Rounds: 2, Steps: &steps{}})
		return o, event, f, err
	}

	t.Run("compares", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			o, event, f, err := run(t, held)
			if err != nil || f.Alone != 1 || f.Many != 20 || f.Ratio != 20 {
				t.Errorf("%+v, %v", f, err)
			}
			if len(o.asked) != 3*43 || o.most != 20 || o.asked[0].Section != "A" || o.asked[0].Quantity != 1 {
				t.Errorf("%d asked, %d at once, %+v", len(o.asked), o.most, o.asked[0])
			}
			if event.JournalTopicID != "journal" || len(event.Sections) != 10 || event.Sections[9].Layout.Name != "J" {
				t.Errorf("%+v", event)
			}
		})
	})
	t.Run("ends when there is no seat", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			_, _, _, err := run(t, func(m message.TicketReservedRequest) message.Message {
				return message.BookingUpdatedToFailed{BookingID: m.BookingID, Reason: "sold_out"}
			})
			if err == nil || !strings.Contains(err.Error(), "sold_out") {
				t.Error(err)
			}
		})
	})
	t.Run("ends when nobody answers", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			_, _, _, err := run(t, func(message.TicketReservedRequest) message.Message { return nil })
			if err == nil || !strings.Contains(err.Error(), "no answer for 30s, after 0 of 3") {
				t.Error(err)
			}
		})
	})
}

func TestSeatDeskReadsOn(t *testing.T) {
	desk := bench.NewSeatDesk(nil, counting())
	input := port.Input{Event: 1, Action: message.BookingToFailed, Partition: 3}
	if err := desk.Deliver(t.Context(), 1, []port.Delivery{{Input: input, Offset: 7, Envelope: message.Envelope{Body: message.BookingUpdatedToFailed{}}}}); err != nil {
		t.Fatal(err)
	}
	from, err := desk.Assigned(t.Context(), 1, map[port.Input]int64{input: 9, {Event: 1}: 5})
	if err != nil || from[input] != 8 || from[port.Input{Event: 1}] != 0 || len(from) != 2 {
		t.Errorf("%v, %v", from, err)
	}
}
