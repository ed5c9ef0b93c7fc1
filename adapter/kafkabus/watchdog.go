package kafkabus

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"slices"
	"sync"
	"time"

	"github.com/confluentinc/confluent-kafka-go/v2/kafka"
	"github.com/prometheus/client_golang/prometheus"
)

// closeLimit is how long a consumer may take to close: one that has failed for
// good may never do.
const closeLimit = 3 * time.Second

// closeConsumer closes a consumer, and leaves it to itself if it hangs.
func closeConsumer(c *kafka.Consumer, log *slog.Logger) {
	closed := make(chan struct{})
	go func() { defer close(closed); _ = c.Close() }()
	select {
	case <-closed:
	case <-time.After(closeLimit):
		leftBehind.Inc()
		log.Warn("a kafka consumer does not close, left behind", "consumer", c.String())
	}
}

const (
	// watchEvery is how often the ends of logs are asked for.
	watchEvery = 5 * time.Second
	// silent is how long a partition may stand still before its end, while the
	// consumer has nothing else to do. A consumer that was assigned can fall
	// silent after its broker restarted, without an error; a new one reads on.
	silent = 5 * time.Second
)

// watchdog tells a partition that is silent from one that has nothing to say,
// and how far a reader is behind.
type watchdog struct {
	// silence yields a partition that is silent, for who can replace the consumer.
	silence chan error
	fresh   chan<- struct{} // takes a ring when there are partitions to ask for
	lag     prometheus.Gauge

	mu    sync.Mutex
	at    map[place]position
	polls int // that found nothing
}

type position struct {
	next    int64
	end     int64 // as it was at the last check
	checked bool
	since   time.Time // it stands there before a known end
	polls   int       // then
}

// newWatchdog watches for a reader, which is what it is called in metrics.
func newWatchdog(reader, event string, fresh chan<- struct{}) *watchdog {
	return &watchdog{silence: make(chan error, 1), fresh: fresh, at: map[place]position{}, lag: lag.WithLabelValues(reader, event)}
}

// expect tells where partitions are read from.
func (w *watchdog) expect(at []kafka.TopicPartition) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, p := range at {
		w.at[place{*p.Topic, p.Partition}] = position{next: int64(p.Offset)}
	}
	select {
	case w.fresh <- struct{}{}:
	default:
	}
}

// late answers what was there at the last check and is not read yet, or was
// never checked; nil if nothing is.
func (w *watchdog) late() error {
	w.mu.Lock()
	defer w.mu.Unlock()
	left, unknown := int64(0), 0
	for _, is := range w.at {
		if !is.checked {
			unknown++
		}
		left += max(is.end-is.next, 0)
	}
	if unknown > 0 {
		return fmt.Errorf("how far %d partitions go is not known yet", unknown)
	}
	if left > 0 {
		return fmt.Errorf("%d records are not read yet", left)
	}
	return nil
}

// calm begins to count anew.
func (w *watchdog) calm() {
	w.mu.Lock()
	defer w.mu.Unlock()
	for p, is := range w.at {
		w.at[p] = position{next: is.next, end: is.end, checked: is.checked}
	}
}

// forget ends the watch.
func (w *watchdog) forget() {
	w.mu.Lock()
	defer w.mu.Unlock()
	clear(w.at)
	w.lag.Set(0)
}

// drop ends the watch of one partition.
func (w *watchdog) drop(p place) {
	w.mu.Lock()
	defer w.mu.Unlock()
	delete(w.at, p)
}

// read tells that a record was read.
func (w *watchdog) read(p kafka.TopicPartition) {
	w.mu.Lock()
	defer w.mu.Unlock()
	at := place{*p.Topic, p.Partition}
	w.at[at] = position{next: int64(p.Offset) + 1, end: w.at[at].end, checked: w.at[at].checked}
}

// idle tells that a poll found nothing.
func (w *watchdog) idle() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.polls++
}

// positions are those that are expected next.
func (w *watchdog) positions() []kafka.TopicPartition {
	w.mu.Lock()
	defer w.mu.Unlock()
	var at []kafka.TopicPartition
	for p, is := range w.at {
		at = append(at, kafka.TopicPartition{Topic: &p.topic, Partition: p.partition, Offset: kafka.Offset(is.next)})
	}
	return at
}

// check compares with the ends of the logs as they are now.
func (w *watchdog) check(ends map[place]int64, now time.Time) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	behind := int64(0)
	for p, is := range maps.Clone(w.at) {
		end, known := ends[p]
		if !known {
			continue // it came while the others were asked for
		}
		behind += max(end-is.next, 0)
		is.end, is.checked = end, true
		switch {
		case is.next >= end:
			is.since = time.Time{}
		case is.since.IsZero():
			is.since, is.polls = now, w.polls
		case now.Sub(is.since) >= silent && w.polls > is.polls:
			return fmt.Errorf("%s [%d] is silent at %d, its end is %d", p.topic, p.partition, is.next, end)
		}
		w.at[p] = is
	}
	w.lag.Set(float64(behind))
	return nil
}

// guards are the watchdogs of a cluster. They ask together: an event has three
// groups, and a question for each of a hundred events would be most of what an
// idle server does.
type guards struct {
	fresh chan struct{} // rings when there are partitions that were not asked for yet
	ended chan struct{}
	stop  context.CancelFunc

	mu   sync.Mutex
	dogs map[*watchdog]struct{}
}

// guard lets a watchdog work until release.
func (c *Cluster) guard(w *watchdog) (release func()) {
	c.guards.mu.Lock()
	defer c.guards.mu.Unlock()
	c.guards.dogs[w] = struct{}{}
	return func() {
		c.guards.mu.Lock()
		defer c.guards.mu.Unlock()
		delete(c.guards.dogs, w)
	}
}

// watch checks for all watchdogs until ctx is done.
func (c *Cluster) watch(ctx context.Context) {
	defer close(c.guards.ended)
	tick := time.NewTicker(watchEvery)
	defer tick.Stop()
	for {
		select {
		case <-tick.C:
		case <-c.guards.fresh:
		case <-ctx.Done():
			return
		}
		c.checkAll(ctx)
	}
}

func (c *Cluster) checkAll(ctx context.Context) {
	c.guards.mu.Lock()
	dogs := slices.Collect(maps.Keys(c.guards.dogs))
	c.guards.mu.Unlock()
	var all []kafka.TopicPartition
	for _, w := range dogs {
		all = append(all, w.positions()...)
	}
	// One partition that cannot be asked for must not blind those who watch others.
	ends, err := c.ends(ctx, all)
	if err != nil && len(ends) == 0 {
		return // the broker is away: nobody is to blame
	}
	for _, w := range dogs {
		if err := w.check(ends, time.Now()); err != nil {
			w.calm()
			select {
			case w.silence <- err:
			default: // it is told already
			}
		}
	}
}

// ends asks for the present ends of partitions. Beside an error it answers those
// that were to be had.
func (c *Cluster) ends(ctx context.Context, of []kafka.TopicPartition) (map[place]int64, error) {
	if len(of) == 0 {
		return nil, nil
	}
	ctx, cancel := context.WithTimeout(ctx, 5*time.Second)
	defer cancel()
	ask := map[kafka.TopicPartition]kafka.OffsetSpec{}
	for _, p := range of {
		ask[kafka.TopicPartition{Topic: p.Topic, Partition: p.Partition}] = kafka.LatestOffsetSpec
	}
	ends, err := c.listOffsets(ctx, ask)
	if leaderIsOld(err) {
		// The client asks by what it remembers of the leaders, and learns nothing
		// from being refused: a broker that was killed counts its leadership anew.
		if _, err := c.admin.GetMetadata(nil, true, 2000); err != nil {
			return nil, err
		}
		ends, err = c.listOffsets(ctx, ask)
	}
	return ends, err
}

func leaderIsOld(err error) bool {
	var e kafka.Error
	if !errors.As(err, &e) {
		return false
	}
	switch e.Code() {
	case kafka.ErrFencedLeaderEpoch, kafka.ErrUnknownLeaderEpoch, kafka.ErrNotLeaderForPartition, kafka.ErrLeaderNotAvailable:
		return true
	}
	return false
}

func (c *Cluster) listOffsets(ctx context.Context, ask map[kafka.TopicPartition]kafka.OffsetSpec) (map[place]int64, error) {
	answer, err := c.admin.ListOffsets(ctx, ask)
	if err != nil {
		return nil, err
	}
	ends := map[place]int64{}
	var failed error
	for p, info := range answer.ResultInfos {
		if info.Error.Code() != kafka.ErrNoError {
			if failed == nil || leaderIsOld(info.Error) { // of several, the one that can be mended
				failed = fmt.Errorf("end of %s [%d]: %w", *p.Topic, p.Partition, info.Error)
			}
			continue
		}
		ends[place{*p.Topic, p.Partition}] = int64(info.Offset)
	}
	return ends, failed
}
