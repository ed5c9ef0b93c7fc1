package kafkabus

import (
	"strconv"
	"testing"
	"testing/synctest"
	"time"

	"github.com/onsale-tickets/onsale/port"
	"github.com/onsale-tickets/onsale/usecase/account"
)

func TestSessionsAreKeptLongerThanTheyLast(t *testing.T) {
	if sessionsKept < account.SessionLength+time.Hour {
		t.Errorf("kept for %s, a session lasts %s", sessionsKept, account.SessionLength)
	}
}

// Expired ends are looked for once a minute, not at each record.
func TestEndsThatHaveExpiredAreSweptOnceAMinute(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &EndedSessions{ended: map[string]ended{}}
		end := func(session string, after time.Duration) {
			s.apply(session, 0, []byte(strconv.FormatInt(time.Now().Add(after).Unix(), 10)))
		}
		end("first", time.Hour)
		end("soon", time.Second)
		time.Sleep(sweepEvery / 2)
		end("second", time.Hour)
		if len(s.ended) != 3 {
			t.Errorf("%d are known: it was swept within a minute", len(s.ended))
		}
		time.Sleep(sweepEvery / 2)
		end("third", time.Hour)
		if _, is := s.ended["soon"]; is || len(s.ended) != 3 {
			t.Errorf("%d are known, with one that has expired", len(s.ended))
		}
		if !s.Ended(port.Claims{Session: "first"}) || s.Ended(port.Claims{Session: "soon"}) {
			t.Error("the wrong one was swept")
		}
	})
}
