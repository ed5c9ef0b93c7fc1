package booking_test

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"go.uber.org/mock/gomock"

	"github.com/onsale-tickets/onsale/domain"
	rules "github.com/onsale-tickets/onsale/domain/booking"
	"github.com/onsale-tickets/onsale/domain/message"
	"github.com/onsale-tickets/onsale/domain/seating"
	"github.com/onsale-tickets/onsale/domain/ticketing"
	"github.com/onsale-tickets/onsale/port"
	"github.com/onsale-tickets/onsale/port/portmock"
	"github.com/onsale-tickets/onsale/usecase/booking"
)

// What the use cases do when a port refuses or fails, and what they must not ask
// for then. A call that a mock does not expect fails the test.

var (
	errDown = errors.New("no connection")
	anyArg  = gomock.Any()
)

const buyer, other = domain.UserID(42), domain.UserID(43)

// ports are mocks of all ports of the package.
type ports struct {
	catalogue     *portmock.MockCatalogue
	bookings      *portmock.MockBookings
	unanswered    *portmock.MockUnansweredBookings
	inputs        *portmock.MockBookingInputs
	cancellations *portmock.MockCancellations
	payments      *portmock.MockPayments
	due           *portmock.MockDuePayments
	gateway       *portmock.MockGateway
	publisher     *portmock.MockPublisher
	letters       *portmock.MockDeadLetters
	feed          *portmock.MockBookingFeed
	wakes         *portmock.MockWakes // wakes show as often as it is asked
}

func mocks(t *testing.T) ports {
	c := gomock.NewController(t)
	wakes := portmock.NewMockWakes(c)
	wakes.EXPECT().Wake(anyArg, show).AnyTimes()
	return ports{portmock.NewMockCatalogue(c), portmock.NewMockBookings(c), portmock.NewMockUnansweredBookings(c), portmock.NewMockBookingInputs(c),
		portmock.NewMockCancellations(c), portmock.NewMockPayments(c), portmock.NewMockDuePayments(c), portmock.NewMockGateway(c),
		portmock.NewMockPublisher(c), portmock.NewMockDeadLetters(c), portmock.NewMockBookingFeed(c), wakes}
}

func (p ports) accept() *booking.AcceptBooking {
	return booking.NewAcceptBooking(p.catalogue, p.bookings, booking.NewRequests(p.catalogue, p.publisher), p.wakes, func() domain.BookingID { return id(1) }, func() time.Time { return now })
}

func (p ports) pay() *booking.PayBooking {
	return booking.NewPayBooking(p.payments, p.gateway, p.feed, func() rules.PaymentID { return paymentID })
}

// event is on sale at a price.
func event(price int64) ticketing.CatalogueEvent {
	return ticketing.CatalogueEvent{ID: show, JournalTopicID: "journal", Currency: "TWD", MaxTickets: 4, Sections: []ticketing.CatalogueSection{{Price: price,
		Layout: seating.SectionLayout{Name: "B", Subsections: []seating.Subsection{seating.Regular(1, 2, 3)}}}}}
}

// stored is a booking of one seat for 100 with a status.
func stored(status rules.Status) rules.Booking {
	b := rules.Booking{ID: id(1), EventID: show, BuyerID: buyer, Section: "B", Quantity: 1, UnitPrice: domain.Money{Amount: 100, Currency: "TWD"},
		Status: status, CreatedAt: now, Revision: 2}
	if status != rules.Processing {
		b.Seats, b.Hold, b.ExpiresAt = []domain.SeatID{{Section: "B", Subsection: 1, Row: 1, Seat: 1}}, 9, now.Add(15*time.Minute)
	}
	return b
}

func under(key string) booking.BookingRequest {
	r := request(1)
	r.Key = port.IdempotencyKey{Key: key, Body: [32]byte{1}}
	return r
}

func TestAcceptBookingPorts(t *testing.T) {
	t.Run("asks nobody about a request with bad fields", func(t *testing.T) {
		if _, err := mocks(t).accept().Handle(t.Context(), booking.BookingRequest{}); refusal(err) != "invalid_request" {
			t.Error(err)
		}
	})
	t.Run("stores nothing for an unknown event", func(t *testing.T) {
		p := mocks(t)
		p.catalogue.EXPECT().Event(anyArg, show).Return(ticketing.CatalogueEvent{}, errDown)
		if _, err := p.accept().Handle(t.Context(), request(1)); !errors.Is(err, errDown) {
			t.Error(err)
		}
	})
	t.Run("sends nothing when the booking is not stored", func(t *testing.T) {
		p := mocks(t)
		p.catalogue.EXPECT().Event(anyArg, show).Return(event(100), nil)
		p.bookings.EXPECT().Accept(anyArg, anyArg, anyArg).Return(rules.Booking{}, errDown)
		if _, err := p.accept().Handle(t.Context(), request(1)); !errors.Is(err, errDown) {
			t.Error(err)
		}
	})
	t.Run("sends nothing for a repeat", func(t *testing.T) {
		p := mocks(t)
		first := stored(rules.Processing)
		first.ID = id(7)
		p.catalogue.EXPECT().Event(anyArg, show).Return(event(100), nil)
		p.bookings.EXPECT().Accept(anyArg, anyArg, under("k").Key).Return(first, nil)
		if b, err := p.accept().Handle(t.Context(), under("k")); err != nil || b.ID != first.ID {
			t.Error(b, err)
		}
	})
	t.Run("stores first and sends then, to the partition of the section", func(t *testing.T) {
		p := mocks(t)
		e := event(100)
		e.Sections = append([]ticketing.CatalogueSection{{Layout: seating.SectionLayout{Name: "A"}}}, e.Sections...)
		p.catalogue.EXPECT().Event(anyArg, show).Return(e, nil)
		gomock.InOrder(
			p.bookings.EXPECT().Accept(anyArg, anyArg, anyArg).DoAndReturn(func(_ context.Context, b rules.Booking, _ port.IdempotencyKey) (rules.Booking, error) { return b, nil }),
			p.publisher.EXPECT().Send(anyArg, anyArg).Do(func(e message.Envelope, _ func(error)) {
				if e.Partition != 1 || e.Body.(message.TicketReservedRequest).BookingID != id(1) {
					t.Errorf("%+v", e)
				}
			}))
		if _, err := p.accept().Handle(t.Context(), request(1)); err != nil {
			t.Error(err)
		}
	})
	closed := event(100)
	closed.Closed = true
	t.Run("looks for a first answer when the sale is closed, only under a key", func(t *testing.T) {
		p := mocks(t)
		p.catalogue.EXPECT().Event(anyArg, show).Return(closed, nil).Times(3)
		if _, err := p.accept().Handle(t.Context(), request(1)); refusal(err) != "event_closed" {
			t.Error(err)
		}
		p.bookings.EXPECT().Accepted(anyArg, buyer, under("k").Key).Return(rules.Booking{}, rules.ErrUnknown)
		if _, err := p.accept().Handle(t.Context(), under("k")); refusal(err) != "event_closed" {
			t.Error(err)
		}
		p.bookings.EXPECT().Accepted(anyArg, buyer, under("k").Key).Return(stored(rules.Processing), nil)
		if b, err := p.accept().Handle(t.Context(), under("k")); err != nil || b.ID != id(1) {
			t.Error(b, err)
		}
	})
}

func TestAnswersPorts(t *testing.T) {
	answers := func(t *testing.T, p ports) *booking.Answers {
		t.Helper()
		a := booking.NewAnswers(p.inputs, p.letters, p.feed, time.Minute)
		p.inputs.EXPECT().Positions(anyArg, []port.Input{input}).Return(map[port.Input]int64{input: 0}, nil)
		if _, err := a.Assigned(t.Context(), show, map[port.Input]int64{input: 1}); err != nil {
			t.Fatal(err)
		}
		return a
	}
	apply := func(p ports, err error) *gomock.Call {
		return p.inputs.EXPECT().Apply(anyArg, []port.Progress{{Input: input, From: 0, To: 1}}, anyArg, anyArg).
			DoAndReturn(func(_ context.Context, _ []port.Progress, _ []domain.BookingID, decide func(time.Time, map[domain.BookingID]rules.Booking) port.BookingChanges) error {
				decide(now, map[domain.BookingID]rules.Booking{id(1): stored(rules.Processing)})
				return err
			})
	}
	for name, failure := range map[string]error{"a failed step": errDown, "a step that another server made": port.ErrFenced} {
		t.Run("tell nobody of "+name+", bury nothing and try again from the same offset", func(t *testing.T) {
			p := mocks(t)
			a := answers(t, p)
			apply(p, failure)
			if err := a.Deliver(t.Context(), show, []port.Delivery{held(id(1), 0)}); !errors.Is(err, failure) {
				t.Error(err)
			}
			apply(p, nil)
			p.feed.EXPECT().Changed(gomock.Len(1))
			if err := a.Deliver(t.Context(), show, []port.Delivery{held(id(1), 0)}); err != nil || !a.CaughtUp() {
				t.Error(err)
			}
		})
	}
	t.Run("store nothing before poison is buried", func(t *testing.T) {
		p := mocks(t)
		a := answers(t, p)
		p.letters.EXPECT().Bury(anyArg, anyArg).Return(errDown)
		if err := a.Deliver(t.Context(), show, []port.Delivery{{Input: input, Poison: errors.New("no JSON")}}); !errors.Is(err, errDown) {
			t.Error(err)
		}
	})
	t.Run("do not pass over a bad value before it is buried", func(t *testing.T) {
		p := mocks(t)
		a := answers(t, p)
		apply(p, port.ErrBadValue).Times(2) // as a batch, then alone
		p.letters.EXPECT().Bury(anyArg, anyArg).Return(errDown)
		if err := a.Deliver(t.Context(), show, []port.Delivery{held(id(1), 0)}); !errors.Is(err, errDown) || a.CaughtUp() {
			t.Error(err, a.CaughtUp())
		}
	})
}

func TestCancelBookingPorts(t *testing.T) {
	cancel := func(p ports, as domain.UserID) error {
		_, err := booking.NewCancelBooking(p.cancellations, p.feed).Handle(context.Background(), as, id(1))
		return err
	}
	decides := func(p ports, of rules.Booking) {
		p.cancellations.EXPECT().Cancel(anyArg, id(1), anyArg).DoAndReturn(func(_ context.Context, _ domain.BookingID, decide func(rules.Booking) (rules.Change, error)) (rules.Booking, error) {
			c, err := decide(of)
			return c.Booking, err
		})
	}
	for status, want := range map[rules.Status]string{rules.Paid: "already_paid", rules.Failed: "booking_failed", rules.Cancelled: "booking_cancelled"} {
		t.Run("tells nobody of a booking that is "+string(status), func(t *testing.T) {
			p := mocks(t)
			decides(p, stored(status))
			if err := cancel(p, buyer); refusal(err) != want {
				t.Error(err)
			}
		})
	}
	t.Run("refuses another buyer", func(t *testing.T) {
		p := mocks(t)
		decides(p, stored(rules.PendingPayment))
		if err := cancel(p, other); refusal(err) != "booking_not_found" {
			t.Error(err)
		}
	})
	t.Run("tells nobody when the store fails", func(t *testing.T) {
		p := mocks(t)
		p.cancellations.EXPECT().Cancel(anyArg, anyArg, anyArg).Return(rules.Booking{}, errDown)
		if err := cancel(p, buyer); !errors.Is(err, errDown) {
			t.Error(err)
		}
	})
	t.Run("tells the feed once it is stored", func(t *testing.T) {
		p := mocks(t)
		decides(p, stored(rules.PendingPayment))
		p.feed.EXPECT().Changed(gomock.Len(1))
		if err := cancel(p, buyer); err != nil {
			t.Error(err)
		}
	})
}

func TestExpireBookingsPorts(t *testing.T) {
	expire := func(p ports) error {
		return booking.NewExpireBookings(p.cancellations, p.feed).Handle(context.Background())
	}
	t.Run("tells nobody when nothing is due, or the store fails", func(t *testing.T) {
		for _, failure := range []error{nil, errDown} {
			p := mocks(t)
			p.cancellations.EXPECT().ExpireDue(anyArg, anyArg, anyArg).Return(nil, failure)
			if err := expire(p); !errors.Is(err, failure) {
				t.Error(err)
			}
		}
	})
	t.Run("goes on while a step is full", func(t *testing.T) {
		p := mocks(t)
		p.cancellations.EXPECT().ExpireDue(anyArg, anyArg, anyArg).DoAndReturn(func(_ context.Context, limit int, _ func(rules.Booking, time.Time) (rules.Change, bool)) ([]rules.Booking, error) {
			return make([]rules.Booking, limit), nil
		})
		p.cancellations.EXPECT().ExpireDue(anyArg, anyArg, anyArg).Return(make([]rules.Booking, 1), nil)
		p.feed.EXPECT().Changed(anyArg).Times(2)
		if err := expire(p); err != nil {
			t.Error(err)
		}
	})
	t.Run("leaves the decision to the booking and the store's clock", func(t *testing.T) {
		p := mocks(t)
		p.cancellations.EXPECT().ExpireDue(anyArg, anyArg, anyArg).DoAndReturn(func(_ context.Context, _ int, decide func(rules.Booking, time.Time) (rules.Change, bool)) ([]rules.Booking, error) {
			for at, want := range map[time.Duration]bool{-time.Nanosecond: false, 0: true} {
				if _, ends := decide(stored(rules.PendingPayment), stored(rules.PendingPayment).ExpiresAt.Add(at)); ends != want {
					t.Errorf("%s after the deadline: %v", at, ends)
				}
			}
			return nil, nil
		})
		if err := expire(p); err != nil {
			t.Error(err)
		}
	})
}

// starts lets Start decide on a booking at a time.
func (p ports) starts(of rules.Booking, at time.Time) {
	p.payments.EXPECT().Start(anyArg, id(1), anyArg).DoAndReturn(func(_ context.Context, _ domain.BookingID, decide func(rules.Booking, time.Time) (rules.Payment, error)) (rules.Payment, error) {
		return decide(of, at)
	})
}

// concludes lets Conclude decide on an attempt and a booking.
func (p ports) concludes(status rules.PaymentStatus, of rules.Booking, at time.Time) *gomock.Call {
	return p.payments.EXPECT().Conclude(anyArg, paymentID, anyArg).DoAndReturn(func(ctx context.Context, _ rules.PaymentID, decide func(rules.Payment, rules.Booking, time.Time) rules.Conclusion) error {
		decide(rules.Payment{ID: paymentID, BookingID: of.ID, Status: status}, of, at)
		return ctx.Err()
	})
}

func TestPayBookingPorts(t *testing.T) {
	pays := booking.CardPayment{BuyerID: buyer, BookingID: id(1), Card: card}
	pending := stored(rules.PendingPayment)
	for name, tt := range map[string]struct {
		in   booking.CardPayment
		at   time.Time
		want string
	}{
		"after the deadline": {pays, pending.ExpiresAt, "payment_window_over"},
		"for another buyer":  {booking.CardPayment{BuyerID: other, BookingID: id(1), Card: card}, now, "booking_not_found"},
	} {
		t.Run("does not call the gateway "+name, func(t *testing.T) {
			p := mocks(t)
			p.starts(pending, tt.at)
			if _, err := p.pay().Handle(t.Context(), tt.in); refusal(err) != tt.want {
				t.Errorf("%v, want %s", err, tt.want)
			}
		})
	}
	t.Run("does not call the gateway before the attempt is stored", func(t *testing.T) {
		p := mocks(t)
		p.payments.EXPECT().Start(anyArg, anyArg, anyArg).Return(rules.Payment{}, errDown)
		if _, err := p.pay().Handle(t.Context(), pays); !errors.Is(err, errDown) {
			t.Error(err)
		}
	})
	t.Run("concludes nothing after a decline, also when that cannot be stored", func(t *testing.T) {
		for _, failure := range []error{nil, errDown} {
			p := mocks(t)
			p.starts(pending, now)
			p.gateway.EXPECT().Authorise(anyArg, anyArg, card).Return(domain.Refuse(domain.Declined, "card_declined", ""))
			p.payments.EXPECT().Move(anyArg, paymentID, rules.Started, rules.Declined).Return(true, failure)
			if _, err := p.pay().Handle(t.Context(), pays); failure == nil && refusal(err) != "card_declined" || failure != nil && !errors.Is(err, failure) {
				t.Error(err)
			}
		}
	})
	t.Run("concludes nothing when the gateway fails: the worker voids it", func(t *testing.T) {
		p := mocks(t)
		p.starts(pending, now)
		p.gateway.EXPECT().Authorise(anyArg, anyArg, card).Return(errDown)
		if _, err := p.pay().Handle(t.Context(), pays); refusal(err) != "payment_timeout" {
			t.Error(err)
		}
	})
	t.Run("concludes nothing when the attempt was given up meanwhile", func(t *testing.T) {
		p := mocks(t)
		p.starts(pending, now)
		p.gateway.EXPECT().Authorise(anyArg, anyArg, card)
		p.payments.EXPECT().Move(anyArg, paymentID, rules.Started, rules.Authorised).Return(false, nil)
		if _, err := p.pay().Handle(t.Context(), pays); refusal(err) != "payment_timeout" {
			t.Error(err)
		}
	})
	cancelled := pending
	cancelled.Status, cancelled.Cancellation = rules.Cancelled, rules.ByBuyer
	for name, tt := range map[string]struct {
		attempt rules.PaymentStatus
		of      rules.Booking
		at      time.Time
		want    string
	}{
		"the deadline came first":     {rules.Authorised, pending, pending.ExpiresAt, "payment_window_over"},
		"a cancellation came first":   {rules.Authorised, cancelled, now, "booking_cancelled"},
		"another payment came first":  {rules.Authorised, stored(rules.Paid), now, "already_paid"},
		"the worker gave the attempt": {rules.VoidDue, pending, now, "payment_timeout"},
	} {
		t.Run("tells nobody when "+name, func(t *testing.T) {
			p := mocks(t)
			p.starts(pending, now)
			p.gateway.EXPECT().Authorise(anyArg, anyArg, card)
			p.payments.EXPECT().Move(anyArg, paymentID, rules.Started, rules.Authorised).Return(true, nil)
			p.concludes(tt.attempt, tt.of, tt.at)
			if b, err := p.pay().Handle(t.Context(), pays); refusal(err) != tt.want || !b.ID.IsZero() {
				t.Errorf("%+v %v, want %s", b, err, tt.want)
			}
		})
	}
	t.Run("tells nobody when the conclusion is not stored", func(t *testing.T) {
		p := mocks(t)
		p.starts(pending, now)
		p.gateway.EXPECT().Authorise(anyArg, anyArg, card)
		p.payments.EXPECT().Move(anyArg, paymentID, rules.Started, rules.Authorised).Return(true, nil)
		p.payments.EXPECT().Conclude(anyArg, anyArg, anyArg).Return(errDown)
		if _, err := p.pay().Handle(t.Context(), pays); !errors.Is(err, errDown) {
			t.Error(err)
		}
	})
	t.Run("goes on to the end when the caller hangs up, and tells the feed", func(t *testing.T) {
		p := mocks(t)
		ctx, hangUp := context.WithCancel(t.Context())
		p.starts(pending, now)
		p.gateway.EXPECT().Authorise(anyArg, anyArg, card).DoAndReturn(func(ctx context.Context, _ rules.Payment, _ rules.Card) error {
			hangUp()
			return ctx.Err()
		})
		p.payments.EXPECT().Move(anyArg, paymentID, rules.Started, rules.Authorised).Return(true, nil)
		p.concludes(rules.Authorised, pending, now)
		p.feed.EXPECT().Changed(gomock.Len(1))
		if b, err := p.pay().Handle(ctx, pays); err != nil || b.Status != rules.Paid || !b.PaidAt.Equal(now) {
			t.Errorf("%+v %v", b, err)
		}
	})
}

// The gateway has ten seconds. A worker that runs every second while it thinks
// must not give the attempt up.
func TestF35_SlowGatewayIsNotGivenUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h, payments, b := pending(t)
		began := time.Now()
		h.store.Now = func() time.Time { return now.Add(time.Since(began)) }
		p := mocks(t)
		p.gateway.EXPECT().Authorise(anyArg, anyArg, anyArg).DoAndReturn(func(ctx context.Context, _ rules.Payment, _ rules.Card) error {
			select {
			case <-time.After(booking.GatewayLimit - time.Millisecond):
				return nil
			case <-ctx.Done():
				return ctx.Err()
			}
		})
		p.feed.EXPECT().Changed(anyArg)
		worker := booking.NewCompletePayments(payments, p.gateway)
		paid := make(chan error)
		go func() {
			_, err := payer(payments, p.gateway, p.feed).Handle(t.Context(), booking.CardPayment{BuyerID: b.BuyerID, BookingID: b.ID, Card: card})
			paid <- err
		}()
		for range 9 {
			time.Sleep(time.Second)
			if err := worker.Handle(t.Context()); err != nil {
				t.Error(err)
			}
		}
		if err := <-paid; err != nil {
			t.Errorf("the payment is refused: %v", err)
		}
		if status := payments.Payment(paymentID).Status; status != rules.CaptureDue {
			t.Errorf("the attempt is %s", status)
		}
	})
}

func TestCompletePaymentsPorts(t *testing.T) {
	complete := func(p ports) error { return booking.NewCompletePayments(p.due, p.gateway).Handle(context.Background()) }
	attempt := func(n byte, status rules.PaymentStatus) rules.Payment {
		return rules.Payment{ID: rules.PaymentID{15: n}, Status: status}
	}
	t.Run("claims nothing when attempts cannot be given up", func(t *testing.T) {
		p := mocks(t)
		p.due.EXPECT().GiveUp(anyArg, rules.GiveUpAfter, anyArg).Return(errDown)
		if err := complete(p); !errors.Is(err, errDown) {
			t.Error(err)
		}
	})
	t.Run("calls no gateway when nothing can be claimed", func(t *testing.T) {
		p := mocks(t)
		p.due.EXPECT().GiveUp(anyArg, anyArg, anyArg)
		p.due.EXPECT().ClaimDue(anyArg, anyArg).Return(nil, errDown)
		if err := complete(p); !errors.Is(err, errDown) {
			t.Error(err)
		}
	})
	t.Run("moves what the gateway confirmed, and only that", func(t *testing.T) {
		p := mocks(t)
		p.due.EXPECT().GiveUp(anyArg, anyArg, anyArg)
		p.due.EXPECT().ClaimDue(anyArg, anyArg).Return([]rules.Payment{attempt(1, rules.CaptureDue), attempt(2, rules.CaptureDue), attempt(3, rules.VoidDue)}, nil)
		p.gateway.EXPECT().Capture(anyArg, attempt(1, "").ID).Return(errDown)
		p.gateway.EXPECT().Capture(anyArg, attempt(2, "").ID)
		p.gateway.EXPECT().Void(anyArg, attempt(3, "").ID)
		p.due.EXPECT().Move(anyArg, attempt(2, "").ID, rules.CaptureDue, rules.Captured).Return(true, nil)
		p.due.EXPECT().Move(anyArg, attempt(3, "").ID, rules.VoidDue, rules.Voided).Return(true, nil)
		if err := complete(p); !errors.Is(err, errDown) {
			t.Error(err)
		}
	})
	t.Run("claims again while a claim is full", func(t *testing.T) {
		p := mocks(t)
		p.due.EXPECT().GiveUp(anyArg, anyArg, anyArg)
		p.due.EXPECT().ClaimDue(anyArg, anyArg).DoAndReturn(func(_ context.Context, limit int) ([]rules.Payment, error) {
			full := make([]rules.Payment, limit)
			for i := range full {
				full[i] = attempt(byte(i), rules.VoidDue)
			}
			return full, nil
		})
		p.due.EXPECT().ClaimDue(anyArg, anyArg).Return(nil, nil)
		p.gateway.EXPECT().Void(anyArg, anyArg).AnyTimes()
		p.due.EXPECT().Move(anyArg, anyArg, rules.VoidDue, rules.Voided).Return(true, nil).AnyTimes()
		if err := complete(p); err != nil {
			t.Error(err)
		}
	})
}

func TestGetPorts(t *testing.T) {
	t.Run("GetBooking shows a booking to its buyer alone", func(t *testing.T) {
		p := mocks(t)
		p.bookings.EXPECT().Booking(anyArg, id(1)).Return(stored(rules.Paid), nil).Times(2)
		get := booking.NewGetBooking(p.bookings)
		if _, err := get.Handle(t.Context(), buyer, id(1)); err != nil {
			t.Error(err)
		}
		if b, err := get.Handle(t.Context(), other, id(1)); refusal(err) != "booking_not_found" || !b.ID.IsZero() {
			t.Errorf("%+v %v", b, err)
		}
	})
	for name, tt := range map[string]struct {
		of   rules.Booking
		as   domain.UserID
		want string
	}{
		"that is not paid":     {stored(rules.PendingPayment), buyer, "booking_not_paid"},
		"that failed":          {stored(rules.Failed), buyer, "booking_failed"},
		"of another buyer":     {stored(rules.Paid), other, "booking_not_found"},
		"of another, not paid": {stored(rules.PendingPayment), other, "booking_not_found"},
	} {
		t.Run("GetTickets asks for no event of a booking "+name, func(t *testing.T) {
			p := mocks(t)
			p.bookings.EXPECT().Booking(anyArg, id(1)).Return(tt.of, nil)
			if _, _, err := booking.NewGetTickets(booking.NewGetBooking(p.bookings), p.catalogue).Handle(t.Context(), tt.as, id(1)); refusal(err) != tt.want {
				t.Errorf("%v, want %s", err, tt.want)
			}
		})
	}
	t.Run("GetTickets fails when the catalogue does", func(t *testing.T) {
		p := mocks(t)
		p.bookings.EXPECT().Booking(anyArg, id(1)).Return(stored(rules.Paid), nil)
		p.catalogue.EXPECT().Event(anyArg, show).Return(ticketing.CatalogueEvent{}, errDown)
		if _, _, err := booking.NewGetTickets(booking.NewGetBooking(p.bookings), p.catalogue).Handle(t.Context(), buyer, id(1)); !errors.Is(err, errDown) {
			t.Error(err)
		}
	})
}

func TestResendPorts(t *testing.T) {
	resend := func(p ports) error {
		return booking.NewResend(p.catalogue, p.unanswered, p.publisher, booking.NewRequests(p.catalogue, p.publisher), p.wakes).Handle(context.Background())
	}
	t.Run("sends nothing when nothing can be claimed", func(t *testing.T) {
		p := mocks(t)
		p.unanswered.EXPECT().ClaimUnanswered(anyArg, anyArg).Return(nil, errDown)
		if err := resend(p); !errors.Is(err, errDown) {
			t.Error(err)
		}
	})
	t.Run("sends the price at which the booking was accepted, whatever it is today", func(t *testing.T) {
		p := mocks(t)
		p.unanswered.EXPECT().ClaimUnanswered(anyArg, anyArg).Return([]rules.Booking{stored(rules.Processing)}, nil)
		p.catalogue.EXPECT().Known(show).Return(event(999), true)
		p.publisher.EXPECT().Send(anyArg, anyArg).Do(func(e message.Envelope, done func(error)) {
			if price := e.Body.(message.TicketReservedRequest).UnitPrice.Amount; price != 100 {
				t.Errorf("sent with the price %d", price)
			}
			done(nil)
		})
		if err := resend(p); err != nil {
			t.Error(err)
		}
	})
	t.Run("reports what the brokers did not take", func(t *testing.T) {
		p := mocks(t)
		p.unanswered.EXPECT().ClaimUnanswered(anyArg, anyArg).Return([]rules.Booking{stored(rules.Processing)}, nil)
		p.catalogue.EXPECT().Known(show).Return(event(100), true)
		p.publisher.EXPECT().Send(anyArg, anyArg).Do(func(_ message.Envelope, done func(error)) { done(errDown) })
		if err := resend(p); !errors.Is(err, errDown) {
			t.Error(err)
		}
	})
}

// What wakes a sleeping event is the row of its booking, not the first try.
func TestABookingWakesItsEvent(t *testing.T) {
	const asleep = domain.EventID(8)
	e := event(100)
	e.ID = asleep
	t.Run("when it is accepted, whether that succeeds or not", func(t *testing.T) {
		p := mocks(t)
		p.catalogue.EXPECT().Event(anyArg, asleep).Return(e, nil)
		stored := p.bookings.EXPECT().Accept(anyArg, anyArg, anyArg).DoAndReturn(func(_ context.Context, b rules.Booking, _ port.IdempotencyKey) (rules.Booking, error) { return b, nil })
		tried := p.wakes.EXPECT().Wake(anyArg, asleep).Return(errDown).After(stored)
		p.publisher.EXPECT().Send(anyArg, anyArg).After(tried)
		one := 1
		in := booking.BookingRequest{BuyerID: buyer, EventID: asleep, Request: rules.Request{Section: "B", Mode: string(message.BestAvailable), Quantity: &one}}
		if b, err := p.accept().Handle(t.Context(), in); err != nil || b.Status != rules.Processing {
			t.Errorf("%+v, %v", b, err)
		}
	})
	t.Run("when its request is sent again", func(t *testing.T) {
		p := mocks(t)
		b := stored(rules.Processing)
		b.EventID = asleep
		p.unanswered.EXPECT().ClaimUnanswered(anyArg, anyArg).Return([]rules.Booking{b}, nil)
		p.catalogue.EXPECT().Known(asleep).Return(e, true)
		woken := p.wakes.EXPECT().Wake(anyArg, asleep).Return(errDown)
		p.publisher.EXPECT().Send(anyArg, anyArg).Do(func(_ message.Envelope, done func(error)) { done(nil) }).After(woken)
		if err := booking.NewResend(p.catalogue, p.unanswered, p.publisher, booking.NewRequests(p.catalogue, p.publisher), p.wakes).Handle(t.Context()); !errors.Is(err, errDown) {
			t.Errorf("a wake-up that fails is not told: %v", err)
		}
	})
}
