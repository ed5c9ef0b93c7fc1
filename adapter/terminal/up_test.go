package terminal_test

import (
	"errors"
	"path/filepath"
	"strings"
	"testing"

	"github.com/onsale-tickets/onsale/adapter/terminal"
)

func TestUpRestarted(t *testing.T) {
	t.Chdir(t.TempDir())
	log, err := filepath.Abs(".onsale/logs/booking-service.log")
	if err != nil {
		t.Fatal(err)
	}
	killed := errors.New("signal: killed")

	t.Run("names the end and the log", func(t *testing.T) {
		var out strings.Builder

		terminal.Up{Out: &out}.Restarted("booking-service", log, 1, killed, nil)
		terminal.Up{Out: &out}.Restarted("redis", "/elsewhere/redis.log", 1, nil, nil)

		want := "booking-service ended (signal: killed); started again, log: .onsale/logs/booking-service.log\n" +
			"redis ended (exit status 0); started again, log: /elsewhere/redis.log\n"
		if out.String() != want {
			t.Errorf("%s", out.String())
		}
	})
	t.Run("says less and less often that it happens again", func(t *testing.T) {
		var out strings.Builder

		for times := range 100 {
			terminal.Up{Out: &out}.Restarted("booking-service", log, times+1, killed, nil)
		}

		if lines := strings.Count(out.String(), "\n"); lines != 7 || !strings.Contains(out.String(), "; started again, 64 times in a row now, log: ") {
			t.Errorf("%d lines\n%s", lines, out.String())
		}
	})
	t.Run("says that it cannot be started", func(t *testing.T) {
		var out strings.Builder

		terminal.Up{Out: &out}.Restarted("booking-service", log, 1, killed, errors.New("no such file"))

		if !strings.Contains(out.String(), "ended (signal: killed); it cannot be started again (no such file), trying on, log: ") {
			t.Error(out.String())
		}
	})
}
