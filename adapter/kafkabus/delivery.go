package kafkabus

import (
	"encoding/json"
	"fmt"

	"github.com/confluentinc/confluent-kafka-go/v2/kafka"

	"github.com/onsale-tickets/onsale/domain"
	"github.com/onsale-tickets/onsale/domain/message"
	"github.com/onsale-tickets/onsale/domain/ticketing"
	"github.com/onsale-tickets/onsale/port"
)

// sections holds the partition of each section of an event, by the catalogue.
type sections map[string]domain.Partition

func sectionsOf(e ticketing.CatalogueEvent) sections {
	s := make(sections, len(e.Sections))
	for i, section := range e.Sections {
		s[section.Layout.Name] = domain.SectionPartition(i)
	}
	return s
}

// home reports whether a record stands on the partition of its section, under the
// right key. A section that the catalogue does not have may stand where the key
// says.
func (s sections) home(input port.Input, name string, key []byte) bool {
	at, known := s[name]
	if !known {
		at = input.Partition
	}
	want, partition := Route(input.Action, input.Event, name, at)
	return want == string(key) && partition == input.Partition
}

// delivery decodes a record. A record that is no message of its topic is poison.
func delivery(input port.Input, s sections, m *kafka.Message) port.Delivery {
	d := port.Delivery{Input: input, Offset: int64(m.TopicPartition.Offset), Raw: m.Value}
	d.Envelope, d.Poison = decode(input.Action, m.Value)
	for _, h := range m.Headers {
		if h.Key == traceHeader {
			d.Envelope.TraceParent = string(h.Value)
		}
	}
	if d.Poison != nil {
		if input.Action == message.TicketReserving {
			d.Booking, d.Section = asker(input, s, m)
		}
		return d
	}
	d.Envelope.Partition = input.Partition
	if body := d.Envelope.Body; body.Event() != input.Event || !s.home(input, body.SectionName(), m.Key) {
		d.Poison = fmt.Errorf("%w: key %q on partition %d", port.ErrForeignPartition, m.Key, input.Partition)
	}
	return d
}

// asker extracts booking and section from a request that cannot be decoded. It
// returns none if the record is on a foreign partition: the request on the right
// partition is answered.
func asker(input port.Input, s sections, m *kafka.Message) (domain.BookingID, string) {
	var e struct {
		Data struct {
			EventID   domain.EventID `json:"event_id"`
			BookingID string         `json:"booking_id"`
			Section   string         `json:"section"`
		} `json:"data"`
	}
	_ = json.Unmarshal(m.Value, &e) // goes on after a field of another type
	booking, ok := domain.ParseBookingID(e.Data.BookingID)
	if !ok || e.Data.EventID > 0 && e.Data.EventID != input.Event {
		return domain.BookingID{}, ""
	}
	if domain.ValidSectionName(e.Data.Section) {
		if s.home(input, e.Data.Section, m.Key) {
			return booking, e.Data.Section
		}
		return domain.BookingID{}, ""
	}
	for name := range s { // the key names it
		if s.home(input, name, m.Key) {
			return booking, name
		}
	}
	return domain.BookingID{}, ""
}
