package booking_test

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"go.uber.org/mock/gomock"

	"github.com/onsale-tickets/onsale/adapter/memory"
	"github.com/onsale-tickets/onsale/domain"
	rules "github.com/onsale-tickets/onsale/domain/booking"
	"github.com/onsale-tickets/onsale/port"
	"github.com/onsale-tickets/onsale/port/portmock"
	"github.com/onsale-tickets/onsale/usecase/booking"
)

var card = rules.Card{Token: "tok_ok"}

// pending returns a service with a booking that waits for payment.
func pending(t *testing.T) (*service, memory.Payments, rules.Booking) {
	t.Helper()
	h := newService(t)
	b, err := h.accept.Handle(t.Context(), request(1))
	if err != nil {
		t.Fatal(err)
	}
	h.assigned(t)
	if err := h.answers.Deliver(t.Context(), show, []port.Delivery{held(b.ID, 0)}); err != nil {
		t.Fatal(err)
	}
	return h, memory.Payments{Bookings: h.store}, b
}

var paymentID = rules.PaymentID{15: 7}

func payer(p port.Payments, g port.Gateway, f port.BookingFeed) *booking.PayBooking {
	return booking.NewPayBooking(p, g, f, func() rules.PaymentID { return paymentID })
}

func refusal(err error) string {
	if r, ok := domain.AsRefusal(err); ok {
		return r.Code
	}
	return "none"
}

func TestF35_PayBooking(t *testing.T) {
	t.Run("stores the attempt before it calls the gateway, then pays", func(t *testing.T) {
		_, payments, b := pending(t)
		gateway, feed := portmock.NewMockGateway(gomock.NewController(t)), &memory.Feed{}
		gateway.EXPECT().Authorise(gomock.Any(), gomock.Any(), card).DoAndReturn(func(_ context.Context, p rules.Payment, _ rules.Card) error {
			if kept := payments.Payment(p.ID); kept.Status != rules.Started || kept.Amount != b.UnitPrice {
				t.Errorf("kept %+v", kept)
			}
			return nil
		})
		paid, err := payer(payments, gateway, feed).Handle(t.Context(), booking.CardPayment{BuyerID: b.BuyerID, BookingID: b.ID, Card: card})
		if err != nil || paid.Status != rules.Paid || payments.Payment(paymentID).Status != rules.CaptureDue || len(feed.Heard()) != 1 {
			t.Errorf("%+v %v %+v", paid, err, payments.Payment(paymentID))
		}
	})
	t.Run("does not call the gateway for a booking that cannot be paid", func(t *testing.T) {
		h := newService(t)
		b, _ := h.accept.Handle(t.Context(), request(1))
		gateway := portmock.NewMockGateway(gomock.NewController(t)) // must not be called
		_, err := payer(memory.Payments{Bookings: h.store}, gateway, &memory.Feed{}).Handle(t.Context(), booking.CardPayment{BuyerID: b.BuyerID, BookingID: b.ID, Card: card})
		if refusal(err) != "booking_processing" {
			t.Errorf("%v", err)
		}
	})
	t.Run("leaves the booking as it was after a declined card", func(t *testing.T) {
		h, payments, b := pending(t)
		gateway := portmock.NewMockGateway(gomock.NewController(t))
		gateway.EXPECT().Authorise(gomock.Any(), gomock.Any(), gomock.Any()).Return(domain.Refuse(domain.Declined, "card_declined", ""))
		_, err := payer(payments, gateway, &memory.Feed{}).Handle(t.Context(), booking.CardPayment{BuyerID: b.BuyerID, BookingID: b.ID, Card: card})
		after, _ := h.store.Booking(t.Context(), b.ID)
		if refusal(err) != "card_declined" || after.Status != rules.PendingPayment || payments.Payment(paymentID).Status != rules.Declined {
			t.Errorf("%v %s %s", err, after.Status, payments.Payment(paymentID).Status)
		}
	})
	t.Run("voids the attempt later if the gateway does not answer within 10 s", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			h, payments, b := pending(t)
			gateway := portmock.NewMockGateway(gomock.NewController(t))
			gateway.EXPECT().Authorise(gomock.Any(), gomock.Any(), gomock.Any()).DoAndReturn(func(ctx context.Context, _ rules.Payment, _ rules.Card) error {
				<-ctx.Done()
				return ctx.Err()
			})
			began := time.Now()
			_, err := payer(payments, gateway, &memory.Feed{}).Handle(t.Context(), booking.CardPayment{BuyerID: b.BuyerID, BookingID: b.ID, Card: card})
			if refusal(err) != "payment_timeout" || time.Since(began) != booking.GatewayLimit {
				t.Errorf("%v after %s", err, time.Since(began))
			}
			h.store.Now = func() time.Time { return now.Add(61 * time.Second) }
			gateway.EXPECT().Void(gomock.Any(), paymentID)
			if err := booking.NewCompletePayments(payments, gateway).Handle(t.Context()); err != nil {
				t.Fatal(err)
			}
			if s := payments.Payment(paymentID).Status; s != rules.Voided {
				t.Errorf("the attempt is %s", s)
			}
		})
	})
	t.Run("voids an authorisation that came after the deadline", func(t *testing.T) {
		h, payments, b := pending(t)
		gateway := portmock.NewMockGateway(gomock.NewController(t))
		gateway.EXPECT().Authorise(gomock.Any(), gomock.Any(), gomock.Any()).DoAndReturn(func(context.Context, rules.Payment, rules.Card) error {
			h.store.Now = func() time.Time { return now.Add(15 * time.Minute) } // meanwhile
			return nil
		})
		_, err := payer(payments, gateway, &memory.Feed{}).Handle(t.Context(), booking.CardPayment{BuyerID: b.BuyerID, BookingID: b.ID, Card: card})
		if refusal(err) != "payment_window_over" || payments.Payment(paymentID).Status != rules.VoidDue {
			t.Errorf("%v %s", err, payments.Payment(paymentID).Status)
		}
	})
}

func TestCompletePayments(t *testing.T) {
	_, payments, b := pending(t)
	gateway := portmock.NewMockGateway(gomock.NewController(t))
	gateway.EXPECT().Authorise(gomock.Any(), gomock.Any(), gomock.Any())
	if _, err := payer(payments, gateway, &memory.Feed{}).Handle(t.Context(), booking.CardPayment{BuyerID: b.BuyerID, BookingID: b.ID, Card: card}); err != nil {
		t.Fatal(err)
	}
	complete := booking.NewCompletePayments(payments, gateway)

	gateway.EXPECT().Capture(gomock.Any(), paymentID).Return(errors.New("away"))
	if err := complete.Handle(t.Context()); err == nil || payments.Payment(paymentID).Status != rules.CaptureDue {
		t.Errorf("%v %s", err, payments.Payment(paymentID).Status)
	}
	gateway.EXPECT().Capture(gomock.Any(), paymentID)
	if err := complete.Handle(t.Context()); err != nil || payments.Payment(paymentID).Status != rules.Captured {
		t.Errorf("%v %s", err, payments.Payment(paymentID).Status)
	}
}

func TestGetBooking(t *testing.T) {
	h := newService(t)
	b, _ := h.accept.Handle(t.Context(), request(1))
	get := booking.NewGetBooking(h.store)
	if _, err := get.Handle(t.Context(), 42, b.ID); err != nil {
		t.Error(err)
	}
	if got, err := get.Handle(t.Context(), 43, b.ID); refusal(err) != "booking_not_found" || !got.ID.IsZero() {
		t.Errorf("another buyer's: %+v %v", got, err)
	}
}

func TestAcceptBookingUnderKey(t *testing.T) {
	h := newService(t)
	w := request(1)
	w.Key = port.IdempotencyKey{Key: "k", Body: [32]byte{1}}
	first, err := h.accept.Handle(t.Context(), w)
	if err != nil {
		t.Fatal(err)
	}
	if again, err := h.accept.Handle(t.Context(), w); err != nil || again.ID != first.ID || len(h.sent.Sent()) != 1 {
		t.Errorf("%+v %v, sent %d", again, err, len(h.sent.Sent()))
	}
	w.Key.Body = [32]byte{2}
	if _, err := h.accept.Handle(t.Context(), w); refusal(err) != "idempotency_key_reused" {
		t.Errorf("%v", err)
	}
}
