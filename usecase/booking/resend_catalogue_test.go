package booking_test

import (
	"testing"

	"go.uber.org/mock/gomock"

	"github.com/onsale-tickets/onsale/adapter/memory"
	"github.com/onsale-tickets/onsale/domain"
	rules "github.com/onsale-tickets/onsale/domain/booking"
	"github.com/onsale-tickets/onsale/domain/message"
	"github.com/onsale-tickets/onsale/domain/seating"
	"github.com/onsale-tickets/onsale/domain/ticketing"
	"github.com/onsale-tickets/onsale/port/portmock"
	"github.com/onsale-tickets/onsale/usecase/booking"
)

// Positions of sections never change, so a catalogue that cannot be read at
// present does not keep a request from being sent again.
func TestResendAsksForNoFreshCatalogue(t *testing.T) {
	control := gomock.NewController(t)
	catalogue, unanswered, publisher := portmock.NewMockCatalogue(control), portmock.NewMockUnansweredBookings(control), portmock.NewMockPublisher(control)
	event := ticketing.CatalogueEvent{ID: 7, JournalTopicID: "journal", Sections: []ticketing.CatalogueSection{{Layout: seating.SectionLayout{Name: "A"}}, {Layout: seating.SectionLayout{Name: "B"}}}}
	var waiting rules.Booking
	waiting.ID, waiting.EventID, waiting.Section = domain.BookingID{1}, 7, "B"
	unanswered.EXPECT().ClaimUnanswered(gomock.Any(), gomock.Any()).Return([]rules.Booking{waiting}, nil)
	catalogue.EXPECT().Known(domain.EventID(7)).Return(event, true)
	publisher.EXPECT().Send(gomock.Any(), gomock.Any()).Do(func(e message.Envelope, done func(error)) {
		if e.Partition != 1 {
			t.Errorf("sent to partition %d, section B is on 1", e.Partition)
		}
		done(nil)
	})

	if err := booking.NewResend(catalogue, unanswered, publisher, booking.NewRequests(catalogue, publisher), awake(memory.NewCatalogue())).Handle(t.Context()); err != nil {
		t.Error(err)
	}
}
