package kafkabus

import (
	"cmp"
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

// closeLimit is how long a consumer may take to close. After a fatal error it may
// never end.
const closeLimit = 3 * time.Second

// closeConsumer closes a consumer. It does not wait for one that hangs.
func closeConsumer(c *kafka.Consumer, log *slog.Logger) {
	closed := make(chan struct{})
	go func() { defer close(closed); _ = c.Close() }()
	select {
	case <-closed:
	case <-time.After(closeLimit):
		leftBehind.Inc()
		log.Warn("a kafka consumer does not close and is left behind", "consumer", c.String())
	}
}

const (
	// watchEvery is how often the ends of logs are asked for.
	watchEvery = 5 * time.Second
	// silent is how long a partition may stand still before its end while its
	// consumer has nothing else to do. librdkafka has a known fault: a consumer can
	// fall silent after its broker restarted, without an error. A new one reads on.
	silent = 5 * time.Second
)

// watchdog finds partitions that have records which do not arrive. It also measures
// how far a reader is behind.
type watchdog struct {
	// silence receives an error that names a silent partition. The owner of the
	// consumer then replaces it.
	silence chan error
	fresh   chan<- struct{} // is signalled when there are new partitions to ask for
	lag     prometheus.Gauge
	names   []string // labels of lag

	mu    sync.Mutex
	at    map[place]position
	polls int // polls that returned nothing
}

type position struct {
	next    int64
	end     int64 // as it was at the last check
	checked bool
	since   time.Time // since when next has been before a known end
	polls   int       // at that time
}

// newWatchdog returns a watchdog for a reader, named as in metrics.
func newWatchdog(reader, event string, fresh chan<- struct{}) *watchdog {
	return &watchdog{silence: make(chan error, 1), fresh: fresh, at: map[place]position{}, lag: lag.WithLabelValues(reader, event), names: []string{reader, event}}
}

// expect adds partitions, with the offsets that they are read from.
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

// late returns an error if records that were there at the last check were not read
// yet, or if a partition was never checked.
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
		return fmt.Errorf("the ends of %d partitions are not known yet", unknown)
	}
	if left > 0 {
		return fmt.Errorf("%d records are not read yet", left)
	}
	return nil
}

// calm starts to count anew.
func (w *watchdog) calm() {
	w.mu.Lock()
	defer w.mu.Unlock()
	for p, is := range w.at {
		w.at[p] = position{next: is.next, end: is.end, checked: is.checked}
	}
}

// forget removes all partitions.
func (w *watchdog) forget() {
	w.mu.Lock()
	defer w.mu.Unlock()
	clear(w.at)
	w.lag.Set(0)
}

// end removes what the watchdog has measured from the metrics.
func (w *watchdog) end() { lag.DeleteLabelValues(w.names...) }

// drop ends the watch of one partition.
func (w *watchdog) drop(p place) {
	w.mu.Lock()
	defer w.mu.Unlock()
	delete(w.at, p)
}

// read records that a record has arrived. A record of a partition that was dropped
// meanwhile has no effect.
func (w *watchdog) read(p kafka.TopicPartition) {
	w.mu.Lock()
	defer w.mu.Unlock()
	at := place{*p.Topic, p.Partition}
	if is, watched := w.at[at]; watched {
		w.at[at] = position{next: int64(p.Offset) + 1, end: is.end, checked: is.checked}
	}
}

// idle records that a poll returned nothing.
func (w *watchdog) idle() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.polls++
}

// positions returns the offsets that are expected next.
func (w *watchdog) positions() []kafka.TopicPartition {
	return w.those(func(position) bool { return true })
}

// unchecked returns the positions in partitions that were never checked.
func (w *watchdog) unchecked() []kafka.TopicPartition {
	return w.those(func(is position) bool { return !is.checked })
}

func (w *watchdog) those(wanted func(position) bool) []kafka.TopicPartition {
	w.mu.Lock()
	defer w.mu.Unlock()
	var at []kafka.TopicPartition
	for p, is := range w.at {
		if wanted(is) {
			at = append(at, kafka.TopicPartition{Topic: &p.topic, Partition: p.partition, Offset: kafka.Offset(is.next)})
		}
	}
	return at
}

// check compares the positions with the ends of the logs. It returns an error for a
// silent partition.
func (w *watchdog) check(ends map[place]int64, now time.Time) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	behind := int64(0)
	for p, is := range maps.Clone(w.at) {
		end, known := ends[p]
		if !known { // it was not asked for, or was added later
			behind += max(is.end-is.next, 0)
			continue
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

// guards holds the watchdogs of a cluster. They ask for ends together: an event has
// three groups, and a request for each of a hundred events would be most of the
// work of an idle server.
type guards struct {
	fresh chan struct{} // is signalled when there are partitions that were not asked for yet
	ended chan struct{}
	stop  context.CancelFunc

	mu   sync.Mutex
	dogs map[*watchdog]struct{}
}

// guard lets a watchdog work until release is called.
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

// watch checks all watchdogs, again and again, until ctx is done.
func (c *Cluster) watch(ctx context.Context) {
	defer close(c.guards.ended)
	tick := time.NewTicker(watchEvery)
	defer tick.Stop()
	for {
		select {
		case <-tick.C:
			c.check(ctx, (*watchdog).positions)
		case <-c.guards.fresh:
			c.check(ctx, (*watchdog).unchecked)
		case <-ctx.Done():
			return
		}
	}
}

// check compares what watchdogs choose with the ends of the logs.
func (c *Cluster) check(ctx context.Context, choose func(*watchdog) []kafka.TopicPartition) {
	c.guards.mu.Lock()
	dogs := slices.Collect(maps.Keys(c.guards.dogs))
	c.guards.mu.Unlock()
	var all []kafka.TopicPartition
	dogs = slices.DeleteFunc(dogs, func(w *watchdog) bool {
		chosen := choose(w)
		all = append(all, chosen...)
		return len(chosen) == 0
	})
	// One partition whose end is unknown must not keep the others from being checked.
	ends, err := c.ends(ctx, all)
	if err != nil && len(ends) == 0 {
		return // no broker can be reached: no consumer is silent
	}
	for _, w := range dogs {
		if err := w.check(ends, time.Now()); err != nil {
			w.calm()
			select {
			case w.silence <- err:
			default: // one is waiting already
			}
		}
	}
}

// ends returns the present ends of partitions. Beside an error it returns those
// that are known.
func (c *Cluster) ends(ctx context.Context, of []kafka.TopicPartition) (map[place]int64, error) {
	return c.offsets(ctx, of, kafka.LatestOffsetSpec)
}

// mostAsked is how many partitions one request asks for. librdkafka looks for each
// partition of an answer in the whole question.
const mostAsked = 64

// offsets returns those that it learns, with an error if that is not all.
func (c *Cluster) offsets(ctx context.Context, of []kafka.TopicPartition, which kafka.OffsetSpec) (map[place]int64, error) {
	ctx, cancel := context.WithTimeout(ctx, 5*time.Second)
	defer cancel()
	all := make(map[place]int64, len(of))
	var failed error
	for some := range slices.Chunk(of, mostAsked) {
		offsets, err := c.someOffsets(ctx, some, which)
		maps.Copy(all, offsets)
		failed = cmp.Or(failed, err)
	}
	return all, failed
}

func (c *Cluster) someOffsets(ctx context.Context, of []kafka.TopicPartition, which kafka.OffsetSpec) (map[place]int64, error) {
	ask := map[kafka.TopicPartition]kafka.OffsetSpec{}
	for _, p := range of {
		ask[kafka.TopicPartition{Topic: p.Topic, Partition: p.Partition}] = which
	}
	ends, err := c.listOffsets(ctx, ask)
	if leaderIsOld(err) {
		// The client asks the leaders that it remembers, and does not learn from a
		// refusal. A broker that was killed has a new leader epoch.
		if _, err := c.admin.GetMetadata(nil, true, 2000); err != nil {
			return nil, err
		}
		ends, err = c.listOffsets(ctx, ask)
	}
	return ends, err
}

// starts returns the offset of the first record of each partition.
func (c *Cluster) starts(ctx context.Context, of []kafka.TopicPartition) (map[place]int64, error) {
	return c.offsets(ctx, of, kafka.EarliestOffsetSpec)
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
			if failed == nil || leaderIsOld(info.Error) { // of several, prefer the one that a retry can mend
				failed = fmt.Errorf("end of %s [%d]: %w", *p.Topic, p.Partition, info.Error)
			}
			continue
		}
		ends[place{*p.Topic, p.Partition}] = int64(info.Offset)
	}
	return ends, failed
}
