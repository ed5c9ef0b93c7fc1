package booking_test

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"go.uber.org/mock/gomock"

	"github.com/onsale-tickets/onsale/adapter/memory"
	rules "github.com/onsale-tickets/onsale/domain/booking"
	"github.com/onsale-tickets/onsale/port/portmock"
	"github.com/onsale-tickets/onsale/usecase/booking"
)

// The gateway has GatewayLimit to authorise. The worker, which runs all the time, must
// not give the attempt up meanwhile.
func TestSettlePaymentsLeavesTheGatewayItsTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h, payments, b := pending(t)
		began := time.Now()
		h.store.Now = func() time.Time { return now.Add(time.Since(began)) }
		gateway := portmock.NewMockGateway(gomock.NewController(t))
		settle := booking.NewSettlePayments(payments, gateway)
		gateway.EXPECT().Authorise(gomock.Any(), gomock.Any(), card).DoAndReturn(func(context.Context, rules.Payment, rules.Card) error {
			for time.Since(began) < booking.GatewayLimit-time.Millisecond {
				time.Sleep(booking.GatewayLimit/10 - time.Millisecond/10)
				if err := settle.Handle(t.Context()); err != nil {
					t.Error(err)
				}
			}
			return nil
		})

		paid, err := payer(payments, gateway, &memory.Feed{}).Handle(t.Context(), booking.Charge{BookingID: b.ID, Card: card})

		if err != nil || paid.Status != rules.Paid {
			t.Errorf("%s %v", paid.Status, err)
		}
	})
}
