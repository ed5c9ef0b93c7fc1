package booking_test

import (
	"context"
	"testing"
	"testing/synctest"

	"github.com/onsale-tickets/onsale/adapter/memory"
	"github.com/onsale-tickets/onsale/domain/message"
	"github.com/onsale-tickets/onsale/usecase/booking"
)

// Requests of an event that has no topics yet wait until it has.
func TestRequestsWaitForTheTopics(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		catalogue, sent := memory.NewCatalogue(), &memory.Publisher{}
		bare := event(100)
		bare.JournalTopicID, bare.Revision = "", 1
		if err := catalogue.PublishEvent(t.Context(), bare); err != nil {
			t.Fatal(err)
		}
		requests := booking.NewRequests(catalogue, sent)
		ctx, cancel := context.WithCancel(t.Context())
		ended := make(chan error, 1)
		go func() { ended <- requests.Run(ctx) }()
		request := message.Envelope{ID: "one", Body: message.TicketReservedRequest{EventID: show}}
		requests.Send(bare, request)
		synctest.Wait()
		if n := len(sent.Sent()); n != 0 {
			t.Errorf("%d requests were sent without a topic", n)
		}

		ready := event(100)
		ready.Revision = 2
		if err := catalogue.PublishEvent(t.Context(), ready); err != nil {
			t.Fatal(err)
		}
		synctest.Wait()
		if n := len(sent.Sent()); n != 1 {
			t.Errorf("%d requests were sent, one waited", n)
		}

		requests.Send(bare, request) // by one who does not know it yet
		requests.Send(ready, request)
		if n := len(sent.Sent()); n != 3 {
			t.Errorf("%d requests were sent of 3", n)
		}
		cancel()
		if err := <-ended; err != nil {
			t.Error(err)
		}
	})
}
