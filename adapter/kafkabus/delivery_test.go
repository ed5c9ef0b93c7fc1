package kafkabus

import (
	"errors"
	"strings"
	"testing"

	"github.com/confluentinc/confluent-kafka-go/v2/kafka"

	"github.com/onsale-tickets/onsale/domain"
	"github.com/onsale-tickets/onsale/domain/message"
	"github.com/onsale-tickets/onsale/domain/seating"
	"github.com/onsale-tickets/onsale/domain/ticketing"
	"github.com/onsale-tickets/onsale/port"
)

// show has sections A and B, on partitions 0 and 1.
var show = sectionsOf(ticketing.CatalogueEvent{ID: 7, Sections: []ticketing.CatalogueSection{
	{Layout: seating.SectionLayout{Name: "A"}}, {Layout: seating.SectionLayout{Name: "B"}}}})

// record is one of the nine as it is read on a partition.
func record(t *testing.T, m message.Message, partition domain.Partition, key string, change ...string) port.Delivery {
	t.Helper()
	b, err := encode(message.Envelope{ID: "x", Body: m})
	if err != nil {
		t.Fatal(err)
	}
	changed := strings.NewReplacer(change...).Replace(string(b))
	if len(change) > 0 && changed == string(b) {
		t.Fatalf("%q is not in %s", change[0], b)
	}
	topic := Topic(7, m.Action())
	return delivery(port.Input{Event: 7, Action: m.Action(), Partition: partition}, show,
		&kafka.Message{TopicPartition: kafka.TopicPartition{Topic: &topic, Partition: int32(partition)}, Key: []byte(key), Value: []byte(changed)})
}

func TestDelivery(t *testing.T) {
	const key = "event-7-section-A-partition-0"
	t.Run("takes each message where its section is", func(t *testing.T) {
		for _, m := range nine() {
			at, key := domain.Partition(0), key
			if !m.Action().Flow().BySection {
				at, key = 7, "event-7"
			}
			if d := record(t, m, at, key); d.Poison != nil || d.Envelope.Partition != at {
				t.Errorf("%s: %v", m.Action(), d.Poison)
			}
		}
	})
	t.Run("F30: a copy is foreign although its key agrees with its partition", func(t *testing.T) {
		for _, m := range nine() {
			key := "event-7"
			if m.Action().Flow().BySection {
				key = "event-7-section-A-partition-5"
			}
			if d := record(t, m, 5, key); !errors.Is(d.Poison, port.ErrForeignPartition) {
				t.Errorf("%s: %v", m.Action(), d.Poison)
			}
		}
	})
	t.Run("takes a section that the catalogue has not where its key says", func(t *testing.T) {
		d := record(t, nine()[1], 5, "event-7-section-Z-partition-5", `"section":"A"`, `"section":"Z"`)
		if d.Poison != nil {
			t.Error(d.Poison)
		}
	})
}

func TestF19_TheBookingOfARequestThatCannotBeReadIsNamed(t *testing.T) {
	const key = "event-7-section-A-partition-0"
	request := nine()[1].(message.TicketReservedRequest)
	for name, change := range map[string][]string{
		"version":         {`"dataversion":1`, `"dataversion":2`},
		"envelope":        {`"dataversion":1`, `"dataversion":"two"`},
		"a field":         {`"quantity":2`, `"quantity":99`},
		"a field's type":  {`"quantity":2`, `"quantity":"2"`},
		"another message": {"TicketReservedRequest", "TicketReservedWish"},
		"section":         {`"section":"A"`, `"section":"a b"`},
		"no section":      {`"section":"A",`, ``},
		"no event":        {`"event_id":7,`, ``},
	} {
		if d := record(t, request, 0, key, change...); d.Poison == nil || d.Booking != request.BookingID || d.Section != "A" {
			t.Errorf("%s: %v of booking %s, section %q", name, d.Poison, d.Booking, d.Section)
		}
	}
	v2 := []string{`"dataversion":1`, `"dataversion":2`}
	for name, d := range map[string]port.Delivery{
		"no booking":                        record(t, request, 0, key, `"booking_id":"0`, `"booking_id":"z`),
		"no JSON":                           record(t, request, 0, key, `{"`, `{`),
		"another section's partition":       record(t, request, 1, key, v2...),
		"so, and a key that agrees":         record(t, request, 1, "event-7-section-A-partition-1", v2...),
		"so, and no section":                record(t, request, 1, key, `"section":"A",`, ``),
		"another event":                     record(t, request, 0, key, `"event_id":7`, `"event_id":8`, v2[0], v2[1]),
		"of a booking that has its outcome": record(t, nine()[6], 0, key, v2...),
	} {
		if d.Poison == nil || !d.Booking.IsZero() {
			t.Errorf("%s: %v of booking %s", name, d.Poison, d.Booking)
		}
	}
}
