package kafkabus_test

import (
	"testing"

	"github.com/onsale-tickets/onsale/adapter/kafkabus"
	"github.com/onsale-tickets/onsale/domain"
	"github.com/onsale-tickets/onsale/domain/journal"
	"github.com/onsale-tickets/onsale/domain/message"
)

// read passes on what is read of a journal.
type read chan journal.Entry

func (r read) Read(_ domain.EventID, _ domain.Partition, entries []journal.Entry) {
	for _, e := range entries {
		r <- e
	}
}

// A journal that ends before what was read of it (the broker lost records) ends the
// Follow of its event. Other events are followed on, and the event can be followed
// again.
func TestAJournalThatLostRecordsStopsItsEventAlone(t *testing.T) { onEachBroker(t, lostRecords) }

func lostRecords(t *testing.T, addr string) {
	cluster := connect(t, addr, message.SeatReservation)
	ids := map[domain.EventID]string{}
	for _, event := range []domain.EventID{1, 2} {
		id, err := cluster.Create(t.Context(), event)
		if err != nil {
			t.Fatal(err)
		}
		ids[event] = id
	}
	j, err := kafkabus.NewJournal(cluster)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(j.Close)
	ended, entries := map[domain.EventID]chan error{}, map[domain.EventID]read{1: make(read, 100), 2: make(read, 100)}
	follow := func(event domain.EventID, from int64) {
		done := make(chan error, 1)
		ended[event] = done
		go func() {
			done <- j.Follow(t.Context(), event, ids[event], map[domain.Partition]int64{0: from, 1: 0}, entries[event])
		}()
	}
	appended := func(event domain.EventID, seq uint64) {
		t.Helper()
		j.Append(event, 0, journal.Record{Kind: journal.ReservationRefused, Seq: seq, Section: "A", Cause: journal.Cause{Offset: -1}}, func(err error) {
			if err != nil {
				t.Errorf("append: %v", err)
			}
		})
		if e := receive(t, entries[event], "entry"); e.Record.Seq != seq {
			t.Errorf("read %+v", e)
		}
	}
	follow(1, 0)
	appended(1, 1)

	follow(2, 99)

	if err := receive(t, ended[2], "end of the event whose journal lost records"); err == nil {
		t.Error("it ended without an error")
	}
	appended(1, 2)
	select {
	case err := <-ended[1]:
		t.Errorf("the other event ended: %v", err)
	default:
	}
	follow(2, 0)
	appended(2, 1)
	appended(1, 3)
}
