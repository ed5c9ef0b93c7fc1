package memory

import (
	"context"
	"sync"
	"time"

	"github.com/onsale-tickets/onsale/domain"
	"github.com/onsale-tickets/onsale/domain/message"
	"github.com/onsale-tickets/onsale/domain/ticketing"
	"github.com/onsale-tickets/onsale/domain/wake"
	"github.com/onsale-tickets/onsale/port"
)

// WakeLog is the log of wake-ups and rests, for all servers.
type WakeLog struct {
	// Fault is asked at each record. An error is returned, and the record is not kept.
	// nil: all are kept.
	Fault func(wake.Record) error

	mu      sync.Mutex
	records []wake.Record
	changed chan struct{} // closed at the next record
}

// NewWakeLog returns an empty log.
func NewWakeLog() *WakeLog { return &WakeLog{changed: make(chan struct{})} }

func (l *WakeLog) write(r wake.Record) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.Fault != nil {
		if err := l.Fault(r); err != nil {
			return err
		}
	}
	l.records = append(l.records, r)
	close(l.changed)
	l.changed = make(chan struct{})
	return nil
}

// from returns the records from an offset on, and a channel that is closed when there
// are more.
func (l *WakeLog) from(offset int64) ([]wake.Record, <-chan struct{}) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.records[offset:], l.changed
}

// Len returns the number of records.
func (l *WakeLog) Len() int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return len(l.records)
}

// Wakes is the view that one server has of a WakeLog.
type Wakes struct {
	// Late lets the view read no record by itself, but only with Read.
	Late bool

	log       *WakeLog
	catalogue port.Catalogue
	service   message.Service
	refresh   time.Duration

	mu      sync.Mutex
	view    *wake.Log
	known   map[domain.EventID]bool
	news    []domain.EventID
	changed chan struct{}
}

var (
	_ port.Wakes = (*Wakes)(nil)
	_ port.Rests = (*Wakes)(nil)
)

// NewWakes returns the view of a server of a service. A wake-up that is older than
// refresh is repeated.
func NewWakes(l *WakeLog, c port.Catalogue, s message.Service, refresh time.Duration) *Wakes {
	return &Wakes{log: l, catalogue: c, service: s, refresh: refresh, view: wake.NewLog(), known: map[domain.EventID]bool{}, changed: make(chan struct{})}
}

// Read reads up to k records. It returns how many there were.
func (w *Wakes) Read(k int) int {
	w.mu.Lock()
	defer w.mu.Unlock()
	records, _ := w.log.from(w.view.Next())
	records = records[:min(k, len(records))]
	for _, r := range records {
		before := w.view.Asleep(r.Event)
		w.view.Apply(w.view.Next(), r, time.Now())
		if w.known[r.Event] && w.view.Asleep(r.Event) != before {
			w.tell(r.Event)
		}
	}
	return len(records)
}

func (w *Wakes) tell(id domain.EventID) {
	w.news = append(w.news, id)
	close(w.changed)
	w.changed = make(chan struct{})
}

// learn takes in what the catalogue says of an event.
func (w *Wakes) learn(id domain.EventID) {
	if e, ok := w.catalogue.Known(id); ok {
		w.mu.Lock()
		defer w.mu.Unlock()
		w.take(e)
	}
}

// take is called with the lock held.
func (w *Wakes) take(e ticketing.CatalogueEvent) {
	if e.Archived {
		w.view.Archive(e.ID)
	}
	w.view.Know(e.ID, e.HasTopics(), time.Now())
}

// catchUp reads all records, unless the view is late.
func (w *Wakes) catchUp() {
	if !w.Late {
		w.Read(w.log.Len())
	}
}

// Wake writes a wake-up, if there is none that will do.
func (w *Wakes) Wake(_ context.Context, id domain.EventID) error {
	w.catchUp()
	w.learn(id)
	w.mu.Lock()
	now := time.Now()
	awake, since := w.view.Awake(id, now)
	archived := w.view.Archived(id)
	w.mu.Unlock()
	if archived {
		return port.ErrArchived
	}
	if awake && now.Sub(since) < w.refresh {
		return nil
	}
	err := w.log.write(wake.Record{Event: id})
	if awake {
		return nil // it is only kept awake
	}
	return err
}

// Asleep reports whether an event sleeps.
func (w *Wakes) Asleep(id domain.EventID) bool {
	w.catchUp()
	w.learn(id)
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.view.Asleep(id)
}

// Awake reports whether no service has rested about an event since it was woken.
func (w *Wakes) Awake(id domain.EventID) bool {
	w.catchUp()
	w.learn(id)
	w.mu.Lock()
	defer w.mu.Unlock()
	awake, _ := w.view.Awake(id, time.Now())
	return awake
}

// Tired returns the events that may have been forgotten.
func (w *Wakes) Tired(quiet time.Duration) ([]domain.EventID, int64) {
	w.catchUp()
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.view.Tired(time.Now().Add(-quiet)), w.view.Next()
}

// Rest writes a rest, if it is this service's turn.
func (w *Wakes) Rest(_ context.Context, id domain.EventID, after, inputs int64) error {
	w.catchUp()
	w.mu.Lock()
	r := w.view.NextRest(id, w.service, after, inputs)
	w.mu.Unlock()
	if r == nil {
		return nil
	}
	return w.log.write(wake.Record{Event: id, Rest: r})
}

// Follow calls fn with all events, then with each change.
func (w *Wakes) Follow(ctx context.Context, fn func(ticketing.CatalogueEvent, bool)) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	var following sync.WaitGroup
	defer following.Wait()
	defer cancel(nil)
	following.Go(func() { cancel(w.catalogue.Follow(ctx, w.know)) })
	for next := 0; ; {
		w.catchUp()
		w.mu.Lock()
		news, changed := w.news[next:], w.changed
		_, more := w.log.from(w.view.Next())
		w.mu.Unlock()
		for _, id := range news {
			if e, ok := w.catalogue.Known(id); ok {
				fn(e, !w.Asleep(id))
			}
		}
		if next += len(news); len(news) > 0 {
			continue
		}
		if w.Late {
			more = nil
		}
		select {
		case <-changed:
		case <-more:
		case <-ctx.Done():
			return context.Cause(ctx)
		}
	}
}

func (w *Wakes) know(e ticketing.CatalogueEvent) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.take(e)
	w.known[e.ID] = true
	w.tell(e.ID)
}
