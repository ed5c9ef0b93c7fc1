package memory_test

import (
	"testing"

	"github.com/onsale-tickets/onsale/adapter/memory"
	"github.com/onsale-tickets/onsale/port"
	"github.com/onsale-tickets/onsale/port/porttest"
)

func TestSeatStore(t *testing.T) {
	porttest.SeatStore(t, func(*testing.T) port.SeatStore { return memory.NewSeatStore() }, nil)
}

func TestBookings(t *testing.T) {
	porttest.Bookings(t, func(*testing.T) porttest.BookingStore {
		s := memory.NewBookings()
		return porttest.BookingStore{Bookings: s, BookingInputs: s, Payments: memory.Payments{Bookings: s}, DuePayments: memory.Payments{Bookings: s}, Cancellations: s, Outbox: s}
	})
}

func TestTicketing(t *testing.T) {
	porttest.Ticketing(t, func(*testing.T) porttest.TicketingStore {
		s, users := memory.NewTicketing(), &memory.Users{}
		return porttest.TicketingStore{Users: users, NewEvents: s, EventChanges: s, Events: s, Sales: s, Listed: memory.TicketList{Ticketing: s, Users: users}, TicketInputs: s, Outbox: s, DeltaFolding: s}
	})
}

func TestJournal(t *testing.T) {
	j := memory.NewJournal()
	j.TopicID = "topic"
	porttest.Journal(t, j, "topic")
}

func TestCatalogue(t *testing.T) {
	c := memory.NewCatalogue()
	porttest.Catalogue(t, c, c)
}

func TestEndedSessions(t *testing.T) {
	s := &memory.EndedSessions{}
	porttest.EndedSessions(t, s, s)
}

func TestRecords(t *testing.T) {
	porttest.StoredSeats(t, func(*testing.T) interface {
		port.SeatStore
		port.StoredSeats
	} {
		return memory.NewSeatStore()
	})
	porttest.BookingRecords(t, func(*testing.T) interface {
		port.Bookings
		port.BookingInputs
		port.BookingRecords
	} {
		return memory.NewBookings()
	})
	porttest.TicketRecords(t, func(*testing.T) (porttest.TicketingStore, port.TicketRecords) {
		s := memory.NewTicketing()
		return porttest.TicketingStore{Users: &memory.Users{}, NewEvents: s, EventChanges: s, TicketInputs: s, DeltaFolding: s}, s
	})
}
