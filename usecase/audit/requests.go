package audit

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/onsale-tickets/onsale/domain"
	"github.com/onsale-tickets/onsale/domain/booking"
	"github.com/onsale-tickets/onsale/domain/journal"
	"github.com/onsale-tickets/onsale/domain/message"
	"github.com/onsale-tickets/onsale/domain/ticketing"
	"github.com/onsale-tickets/onsale/port"
)

// requests are the TicketReservedRequests of an event that the broker has.
type requests struct {
	topicID string
	of      map[domain.BookingID]message.TicketReservedRequest
	logs    [domain.Partitions]requestLog
}

// requestLog is one partition of their topic. Its offsets are [first, first +
// len(records)).
type requestLog struct {
	first   int64
	records []requestRecord
}

type requestRecord struct {
	booking domain.BookingID // zero: no booking is answered by this record
	poison  bool
}

// home returns the partition of a section's journal and commands.
func home(event ticketing.CatalogueEvent, section string) (domain.Partition, bool) {
	_, i, ok := event.Section(section)
	return domain.Partition(i % domain.Partitions), ok
}

// requests reads who asked for what. Each request must have a row that says the
// same, whatever became of the booking (I9, I11).
func (a *auditor) requests(ctx context.Context, event ticketing.CatalogueEvent) (*requests, error) {
	q := &requests{of: map[domain.BookingID]message.TicketReservedRequest{}}
	var err error
	if q.topicID, _, err = a.logsOf(event).Ends(ctx, event.ID, message.TicketReserving); err != nil {
		return nil, err
	}
	ids := map[domain.BookingID]string{}
	err = a.logsOf(event).Messages(ctx, event.ID, message.TicketReserving, func(d port.Delivery) {
		a.report.Messages++
		m, ok := d.Envelope.Body.(message.TicketReservedRequest)
		if d.Poison != nil || !ok {
			q.note(d, requestRecord{d.Booking, true})
			return
		}
		if p, _ := home(event, m.Section); p != d.Input.Partition {
			q.note(d, requestRecord{}) // a copy on a foreign partition is a dead letter
			return
		}
		q.note(d, requestRecord{m.BookingID, false})
		if a.request(d, m); ids[m.BookingID] != "" && ids[m.BookingID] != d.Envelope.ID {
			a.report.violate("I11", "the request of booking %s was sent as %s and as %s", m.BookingID, ids[m.BookingID], d.Envelope.ID)
		}
		q.of[m.BookingID], ids[m.BookingID] = m, d.Envelope.ID
	})
	return q, err
}

func (a *auditor) request(d port.Delivery, m message.TicketReservedRequest) {
	b := a.known[m.BookingID]
	if b == nil {
		a.report.violate("I9", "booking %s of buyer %d was accepted, its request is at %d:%d, and it has no row", m.BookingID, m.BuyerID, d.Input.Partition, d.Offset)
		return
	}
	var diff differences
	want := requestOf(b)
	same(&diff, "event", m.EventID, want.EventID)
	same(&diff, "buyer", m.BuyerID, want.BuyerID)
	same(&diff, "section", m.Section, want.Section)
	same(&diff, "subsection", m.Subsection, want.Subsection)
	same(&diff, "mode", m.Mode, want.Mode)
	same(&diff, "quantity", m.Quantity, want.Quantity)
	same(&diff, "partial grant", m.AllowPartial, want.AllowPartial)
	same(&diff, "price", m.UnitPrice, want.UnitPrice)
	sameList(&diff, "positions", m.Positions, want.Positions)
	sameTime(&diff, "time", m.RequestedAt, want.RequestedAt)
	if len(diff) > 0 {
		a.report.violate("I11", "the request of booking %s at %d:%d differs from its row: %s", m.BookingID, d.Input.Partition, d.Offset, diff)
	}
}

// requestOf is the request that a row says was sent.
func requestOf(b *booking.Booking) message.TicketReservedRequest {
	return message.TicketReservedRequest{EventID: b.EventID, BookingID: b.ID, BuyerID: b.BuyerID, Section: b.Section, Subsection: b.Subsection, Mode: b.Mode,
		Quantity: b.Quantity, Positions: b.Positions, AllowPartial: b.AllowPartial, UnitPrice: b.UnitPrice, RequestedAt: b.CreatedAt}
}

func (q *requests) note(d port.Delivery, r requestRecord) {
	log := &q.logs[d.Input.Partition]
	if len(log.records) == 0 {
		log.first = d.Offset
	}
	for log.first+int64(len(log.records)) < d.Offset { // an offset without a record
		log.records = append(log.records, requestRecord{})
	}
	log.records = append(log.records, r)
}

// at finds the record that is the cause of a decision. ok is false if it was not
// read: retention removed it, it is of an earlier topic, or it is too new.
func (q *requests) at(p domain.Partition, c journal.Cause) (r requestRecord, ok bool) {
	log := &q.logs[p]
	i := c.Offset - log.first
	if c.TopicID != q.topicID || i < 0 || i >= int64(len(log.records)) {
		return r, false
	}
	return log.records[i], true
}

// removed reports whether the broker no longer has a record.
func (q *requests) removed(p domain.Partition, c journal.Cause) bool {
	return c.TopicID != q.topicID || c.Offset < q.logs[p].first
}

// differences name the fields in which a record is not what it should be.
type differences []string

func (d differences) String() string { return fmt.Sprint([]string(d)) }

func same[T comparable](d *differences, field string, is, want T) {
	if is != want {
		*d = append(*d, fmt.Sprintf("%s %v, not %v", field, is, want))
	}
}

func sameList[T comparable](d *differences, field string, is, want []T) {
	if !slices.Equal(is, want) {
		*d = append(*d, fmt.Sprintf("%s %v, not %v", field, is, want))
	}
}

// sameTime compares to the microsecond, which is what all stores keep.
func sameTime(d *differences, field string, is, want time.Time) {
	if is.UnixMicro() != want.UnixMicro() {
		*d = append(*d, fmt.Sprintf("%s %s, not %s", field, stamp(is), stamp(want)))
	}
}
