package kafkabus

import (
	"context"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/onsale-tickets/onsale/domain"
	"github.com/onsale-tickets/onsale/port"
)

// EndedSessions follows the sessions that were ended before their time.
type EndedSessions struct {
	topic    *compacted
	producer *producer
	mu       sync.RWMutex
	ended    map[string]ended
	swept    time.Time // when expired ends were last removed
}

// sessionsKept is how long the brokers keep the end of a session: longer than a
// session lasts.
const sessionsKept = 24 * time.Hour

// sweepEvery is how often expired ends are removed. That goes through all of them,
// and holds up every request.
const sweepEvery = time.Minute

// ended is the end of one session, or of all sessions of a user.
type ended struct {
	until  time.Time // it is kept until then
	opened time.Time // of a user: sessions opened before it have ended
}

var _ port.EndedSessions = (*EndedSessions)(nil)

// NewEndedSessions returns sessions that are empty until Run has read them.
func NewEndedSessions(c *Cluster) (*EndedSessions, error) {
	s := &EndedSessions{ended: map[string]ended{}}
	var err error
	if s.topic, err = c.openCompacted(endedSessionsTopic, s.apply); err != nil {
		return nil, err
	}
	s.producer, err = c.newProducer()
	return s, err
}

// Run reads the topic and follows it until ctx is done.
func (s *EndedSessions) Run(ctx context.Context) error {
	defer s.producer.close(5 * time.Second)
	return s.topic.run(ctx)
}

// Ready reports whether the topic was read whole and is followed.
func (s *EndedSessions) Ready() bool { return s.topic.within(readyAge) }

// Keys are session ids, or users (`user-7`). A value is the Unix second after
// which the sessions would have expired anyway; that of a user is followed by
// the Unix microsecond before which they were opened.
const userPrefix = "user-"

func (s *EndedSessions) apply(key string, _ int64, value []byte) {
	seconds, micros, ofUser := strings.Cut(string(value), " ")
	until, err := strconv.ParseInt(seconds, 10, 64)
	if err != nil {
		return
	}
	end := ended{until: time.Unix(until, 0)}
	if ofUser {
		n, err := strconv.ParseInt(micros, 10, 64)
		if err != nil {
			return
		}
		end.opened = time.UnixMicro(n)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.ended[key] = end
	s.sweep(time.Now())
}

// sweep removes ends of sessions whose tokens have expired.
func (s *EndedSessions) sweep(now time.Time) {
	if now.Sub(s.swept) < sweepEvery {
		return
	}
	s.swept = now
	for key, e := range s.ended {
		if e.until.Before(now) {
			delete(s.ended, key)
		}
	}
}

// End ends a session on all servers.
func (s *EndedSessions) End(ctx context.Context, session string, until time.Time) error {
	return s.tell(ctx, session, strconv.FormatInt(until.Unix()+1, 10))
}

// EndAll ends all sessions of a user on all servers.
func (s *EndedSessions) EndAll(ctx context.Context, user domain.UserID, opened, until time.Time) error {
	return s.tell(ctx, userPrefix+user.String(), strconv.FormatInt(until.Unix()+1, 10)+" "+strconv.FormatInt(opened.UnixMicro(), 10))
}

func (s *EndedSessions) tell(ctx context.Context, key, value string) error {
	return s.producer.sendAndWait(ctx, endedSessionsTopic, key, []byte(value), nil)
}

// Known reports whether the ends of the time before this server started were read.
func (s *EndedSessions) Known() bool { return s.topic.whole() }

// Ended reports whether a session was ended. It reads memory alone.
func (s *EndedSessions) Ended(c port.Claims) bool {
	s.mu.RLock()
	defer s.mu.RUnlock()
	_, one := s.ended[c.Session]
	all, some := s.ended[userPrefix+c.User.String()]
	return one || some && c.OpenedAt.Before(all.opened)
}
