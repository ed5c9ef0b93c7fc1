package kafkabus

import (
	"context"
	"strconv"
	"sync"
	"time"

	"github.com/onsale-tickets/onsale/domain/message"
	"github.com/onsale-tickets/onsale/port"
)

// EndedSessions follows the sessions that were ended before their time.
type EndedSessions struct {
	topic    *compacted
	producer *producer
	mu       sync.RWMutex
	until    map[string]time.Time
}

var _ port.EndedSessions = (*EndedSessions)(nil)

// NewEndedSessions is empty until Run has read.
func NewEndedSessions(c *Cluster) (*EndedSessions, error) {
	s := &EndedSessions{until: map[string]time.Time{}}
	var err error
	if s.topic, err = c.openCompacted(message.EndedSessions, s.apply); err != nil {
		return nil, err
	}
	s.producer, err = c.newProducer()
	return s, err
}

// Run reads and follows until ctx is done.
func (s *EndedSessions) Run(ctx context.Context) error {
	defer s.producer.close(5 * time.Second)
	return s.topic.run(ctx)
}

// Ready tells whether the topic was read whole and is followed.
func (s *EndedSessions) Ready() bool { return s.topic.fresh() }

// apply takes a session's end: the value is the Unix second of its expiry.
func (s *EndedSessions) apply(session string, value []byte) {
	seconds, err := strconv.ParseInt(string(value), 10, 64)
	if err != nil {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	now := time.Now()
	for old, until := range s.until {
		if until.Before(now) {
			delete(s.until, old) // the token has expired by itself
		}
	}
	s.until[session] = time.Unix(seconds, 0)
}

// End tells all servers.
func (s *EndedSessions) End(ctx context.Context, session string, until time.Time) error {
	done := make(chan error, 1)
	value := strconv.FormatInt(until.Unix()+1, 10)
	s.producer.send(message.EndedSessions, 0, session, []byte(value), nil, func(err error) { done <- err })
	select {
	case err := <-done:
		return err
	case <-ctx.Done():
		return ctx.Err()
	}
}

// Ended answers from memory.
func (s *EndedSessions) Ended(session string) bool {
	s.mu.RLock()
	defer s.mu.RUnlock()
	_, ended := s.until[session]
	return ended
}
