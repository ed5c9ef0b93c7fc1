package kafkabus

import (
	"context"
	"encoding/json"
	"fmt"
	"sync"
	"time"

	"github.com/onsale-tickets/onsale/adapter/crashpoint"
	"github.com/onsale-tickets/onsale/domain"
	"github.com/onsale-tickets/onsale/domain/message"
	"github.com/onsale-tickets/onsale/domain/ticketing"
	"github.com/onsale-tickets/onsale/domain/wake"
	"github.com/onsale-tickets/onsale/port"
)

// Wakes is this server's view of the log of wake-ups and rests.
type Wakes struct {
	cluster   *Cluster
	topic     *compacted
	producer  *producer
	catalogue *Catalogue
	refresh   time.Duration // a wake-up that is older is repeated when somebody needs the event

	mu         sync.RWMutex
	log        *wake.Log
	catalogued map[domain.EventID]bool
	news       []domain.EventID // one for each change, in order
	changed    chan struct{}
	heard      int    // records of the catalogue
	followers  []*int // how many of news each was told
	ready      bool   // see Ready
	calls      map[domain.EventID]*wakeCall
}

// wakeCall is a wake-up that is being written, or was written and not read yet.
type wakeCall struct {
	done chan struct{}
	err  error
}

var (
	_ port.Wakes = (*Wakes)(nil)
	_ port.Rests = (*Wakes)(nil)
)

// NewWakes returns a view that is empty until Run has read the log. sleepAfter is how
// long an event stays awake after it was last needed.
func NewWakes(c *Cluster, p *Publisher, catalogue *Catalogue, sleepAfter time.Duration) (*Wakes, error) {
	w := &Wakes{cluster: c, producer: p.producers.own, catalogue: catalogue, refresh: sleepAfter / 2, log: wake.NewLog(),
		catalogued: map[domain.EventID]bool{}, changed: make(chan struct{}), calls: map[domain.EventID]*wakeCall{}}
	var err error
	w.topic, err = c.openCompacted(wakesTopic, w.apply)
	if err != nil {
		return nil, err
	}
	w.topic.contact = wakesContact
	return w, nil
}

// wakesContact is how often the broker is asked for the end of the log. It only finds
// a consumer that fell silent.
const wakesContact = 5 * time.Second

// Run reads the log and follows it until ctx is done.
func (w *Wakes) Run(ctx context.Context) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	var following sync.WaitGroup
	defer following.Wait()
	following.Go(func() {
		if w.topic.until(ctx, func() bool { return !w.topic.asOf.IsZero() }) == nil {
			_ = w.catalogue.Follow(ctx, w.know) // it ends with ctx
		}
	})
	defer cancel()
	return w.topic.run(ctx)
}

// Ready reports whether everything that was in the log and in the catalogue at the
// start was read, and those who follow were told.
func (w *Wakes) Ready() bool {
	catalogued := w.catalogue.arrivals()
	w.mu.Lock()
	defer w.mu.Unlock()
	if !w.ready {
		w.ready = w.topic.whole() && w.heard >= catalogued && len(w.followers) > 0
		for _, told := range w.followers {
			w.ready = w.ready && *told == len(w.news)
		}
	}
	return w.ready
}

// know takes in an event of the catalogue.
func (w *Wakes) know(e ticketing.CatalogueEvent) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if e.Archived {
		w.log.Archive(e.ID)
	}
	w.log.Know(e.ID, e.HasTopics(), time.Now())
	w.catalogued[e.ID] = true
	w.heard++
	w.tell(e.ID)
}

// tell passes news of an event on.
func (w *Wakes) tell(id domain.EventID) {
	w.news = append(w.news, id)
	close(w.changed)
	w.changed = make(chan struct{})
}

// wakeRecord is the JSON of a record. Only servers of Onsale read it.
type wakeRecord struct {
	EventID domain.EventID  `json:"event_id"`
	Service message.Service `json:"service,omitempty"` // that rests; empty: the event was woken
	Round   wake.Round      `json:"round,omitempty"`
	After   int64           `json:"after,omitempty"`
	Inputs  int64           `json:"inputs,omitempty"`
}

// recordOf returns the record as it is written.
func recordOf(r wake.Record) wakeRecord {
	if r.Rest == nil {
		return wakeRecord{EventID: r.Event}
	}
	return wakeRecord{EventID: r.Event, Service: r.Rest.Service, Round: r.Rest.Round, After: r.Rest.After, Inputs: r.Rest.Inputs}
}

func (w *Wakes) apply(_ string, offset int64, value []byte) {
	if len(value) == 0 { // of an event that is archived: the catalogue says so
		w.mu.Lock()
		defer w.mu.Unlock()
		w.log.Skip(offset)
		return
	}
	record, err := parseWake(value)
	if err != nil {
		w.cluster.Log.Warn("wake-up record ignored", "error", err)
		return
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	before := w.log.Asleep(record.Event)
	w.log.Apply(offset, record, time.Now())
	if record.Rest == nil {
		delete(w.calls, record.Event)
	}
	if w.catalogued[record.Event] && w.log.Asleep(record.Event) != before {
		w.tell(record.Event)
	}
}

func parseWake(value []byte) (wake.Record, error) {
	var r wakeRecord
	if err := json.Unmarshal(value, &r); err != nil {
		return wake.Record{}, err
	}
	if r.EventID <= 0 {
		return wake.Record{}, fmt.Errorf("event %d", r.EventID)
	}
	record := wake.Record{Event: r.EventID}
	if r.Service != "" {
		record.Rest = &wake.Rest{Service: r.Service, Round: r.Round, After: r.After, Inputs: r.Inputs}
	}
	return record, nil
}

// Wake writes a wake-up, if there is none that will do.
func (w *Wakes) Wake(ctx context.Context, id domain.EventID) error {
	now := time.Now()
	w.mu.RLock()
	awake, since := w.log.Awake(id, now)
	awake = awake && w.catalogued[id] // else it may have no topics yet, and has to be woken for them
	archived := w.log.Archived(id)
	w.mu.RUnlock()
	if archived {
		return port.ErrArchived
	}
	if awake && now.Sub(since) < w.refresh {
		return nil
	}
	call := w.call(id)
	if awake {
		return nil // it is only kept awake
	}
	select {
	case <-call.done:
		return call.err
	case <-ctx.Done():
		return ctx.Err()
	}
}

// call begins to write a wake-up, or returns the one that others wait for.
func (w *Wakes) call(id domain.EventID) *wakeCall {
	w.mu.Lock()
	defer w.mu.Unlock()
	if call, ok := w.calls[id]; ok {
		return call
	}
	call := &wakeCall{done: make(chan struct{})}
	w.calls[id] = call
	w.write(wake.Record{Event: id}, func(err error) {
		if err != nil {
			w.mu.Lock()
			defer w.mu.Unlock()
			if w.calls[id] == call {
				delete(w.calls, id) // the next one tries again
			}
			call.err = fmt.Errorf("wake event %d: %w", id, err)
		} else {
			crashpoint.At(crashpoint.EventWoken)
		}
		close(call.done)
	})
	return call
}

func (w *Wakes) write(r wake.Record, done func(error)) {
	value, err := json.Marshal(recordOf(r))
	if err != nil { // plain values can always be encoded
		panic(err)
	}
	w.producer.send(wakesTopic, 0, r.Key(), value, nil, done)
}

// Tired returns the events that may have been forgotten.
func (w *Wakes) Tired(quiet time.Duration) ([]domain.EventID, int64) {
	w.mu.RLock()
	defer w.mu.RUnlock()
	return w.log.Tired(time.Now().Add(-quiet)), w.log.Next()
}

// Rest writes a rest, if it is this service's turn.
func (w *Wakes) Rest(ctx context.Context, id domain.EventID, after, inputs int64) error {
	w.mu.RLock()
	rest := w.log.NextRest(id, w.cluster.Service, after, inputs)
	w.mu.RUnlock()
	if rest == nil {
		return nil
	}
	done := make(chan error, 1)
	w.write(wake.Record{Event: id, Rest: rest}, func(err error) { done <- err })
	select {
	case err := <-done:
		if err == nil {
			crashpoint.At(crashpoint.EventRested)
		}
		return err
	case <-ctx.Done():
		return ctx.Err()
	}
}

// Follow calls fn with all events, then with each change.
func (w *Wakes) Follow(ctx context.Context, fn func(ticketing.CatalogueEvent, bool)) error {
	told := new(int)
	w.mu.Lock()
	w.followers = append(w.followers, told)
	w.mu.Unlock()
	for next := 0; ; {
		w.mu.Lock()
		*told = next
		news, changed := w.news[next:], w.changed
		w.mu.Unlock()
		for _, id := range news {
			w.mu.RLock()
			awake := !w.log.Asleep(id)
			w.mu.RUnlock()
			if e, ok := w.catalogue.Known(id); ok {
				fn(e, awake)
			}
		}
		next += len(news)
		if len(news) > 0 {
			continue
		}
		select {
		case <-changed:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}
