package bench

import (
	"context"
	"time"

	"github.com/onsale-tickets/onsale/domain"
	"github.com/onsale-tickets/onsale/domain/message"
	"github.com/onsale-tickets/onsale/domain/seating"
	"github.com/onsale-tickets/onsale/domain/ticketing"
	"github.com/onsale-tickets/onsale/port"
	"github.com/onsale-tickets/onsale/usecase/publish"
)

// JournalBatchInput says how many seats are asked for.
type JournalBatchInput struct {
	Alone  int // requests that are sent one after the other
	Many   int // requests that are sent at once
	Most   int // of these, the most that wait for an answer at the same time
	Rounds int // of both, after one to warm up
	Steps  Steps
}

// JournalBatchFigures compare seats that are reserved together and one by one.
type JournalBatchFigures struct {
	Alone, Many float64 // requests answered a second
	Ratio       float64 // Many : Alone
}

// JournalBatch measures what it is worth that commands which wait at the same time
// become one write to the journal, one to RocksDB and one request to the brokers.
// Neither of the other services takes part.
type JournalBatch struct {
	topics    port.EventTopics
	publisher port.Publisher // as event-ticketing-service
	catalogue port.CataloguePublisher
	desk      *SeatDesk
}

// NewJournalBatch returns the use case.
func NewJournalBatch(t port.EventTopics, p port.Publisher, c port.CataloguePublisher, desk *SeatDesk) *JournalBatch {
	return &JournalBatch{t, p, c, desk}
}

// Handle puts an event on sale and reserves its seats.
func (j *JournalBatch) Handle(ctx context.Context, in JournalBatchInput) (f JournalBatchFigures, err error) {
	const event = domain.EventID(1)
	if err := j.open(ctx, event, hallFor((in.Rounds+1)*(in.Alone+in.Many))); err != nil {
		return f, err
	}
	var alone, many time.Duration
	for round := range in.Rounds + 1 {
		name := roundName(round)
		one, err := j.desk.ask(ctx, event, in.Alone, 1, in.Steps.Step(name+", one by one", in.Alone))
		if err != nil {
			return f, err
		}
		all, err := j.desk.ask(ctx, event, in.Many, in.Most, in.Steps.Step(name+", many at once", in.Many))
		if err != nil {
			return f, err
		}
		if round > 0 {
			alone, many = alone+one, many+all
		}
	}
	f.Alone = float64(in.Rounds*in.Alone) / alone.Seconds()
	f.Many = float64(in.Rounds*in.Many) / many.Seconds()
	f.Ratio = f.Many / f.Alone
	return f, nil
}

// open puts an event on sale, as event-ticketing-service does.
func (j *JournalBatch) open(ctx context.Context, event domain.EventID, h port.Hall) error {
	topicID, err := j.topics.Create(ctx, event)
	if err != nil {
		return err
	}
	e := ticketing.CatalogueEvent{ID: event, Revision: 1, JournalTopicID: topicID, Currency: "EUR", MaxTickets: seatsEach, CreatedAt: time.Now()}
	var initialise []message.Envelope
	for i, name := range sections(h.Sections) {
		layout := seating.SectionLayout{Name: name}
		for n := range h.Seats / (h.Sections * h.Rows * h.SeatsPerRow) {
			layout.Subsections = append(layout.Subsections, seating.Regular(n+1, h.Rows, h.SeatsPerRow))
		}
		e.Sections = append(e.Sections, ticketing.CatalogueSection{Layout: layout, Price: 100})
		initialise = append(initialise, message.Envelope{ID: "initialise-" + name, Time: e.CreatedAt, Partition: domain.SectionPartition(i),
			Body: message.InitializeSeats{EventID: event, Layout: layout}})
	}
	if err := publish.All(ctx, j.publisher, initialise); err != nil {
		return err
	}
	return j.catalogue.PublishEvent(ctx, e)
}
