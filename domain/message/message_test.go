package message_test

import (
	"fmt"
	"testing"

	"github.com/onsale-tickets/onsale/domain/message"
)

func TestEachMessageTravelsOnItsTopic(t *testing.T) {
	for _, m := range []message.Message{
		message.InitializeSeats{}, message.TicketReservedRequest{}, message.SeatUpdatedToReserved{},
		message.BookingUpdatedToPendingPayment{}, message.BookingUpdatedToFailed{}, message.BookingPaidSuccess{},
		message.FinalizeSeats{}, message.BookingExpiredReleaseTickets{}, message.ReleaseSeat{},
	} {
		if got, want := "message."+m.Action().Flow().Message, fmt.Sprintf("%T", m); got != want {
			t.Errorf("%s travels on the topic of %s", want, got)
		}
	}
}

func TestInbound(t *testing.T) {
	for service, want := range map[message.Service]int{message.BookingService: 2, message.EventTicketing: 3, message.SeatReservation: 4} {
		if got := len(message.Inbound(service)); got != want {
			t.Errorf("%s reads %d actions, want %d", service, got, want)
		}
	}
}
