package supervisor

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"time"
)

// LastRun says when a stopped installation ran last. It is the content of
// last-run.json.
type LastRun struct {
	Servers int       `json:"servers"` // of each service
	Started time.Time `json:"started"`
	Until   time.Time `json:"until"` // it ran at least until this time
}

// noteEvery is how often the time is written: a process that is killed cannot
// write it at its end.
const noteEvery = 2 * time.Second

// Made reports whether there is an installation in the data directory.
func (c Config) Made() (bool, error) {
	_, err := os.Stat(c.path("postgres", "PG_VERSION"))
	if errors.Is(err, os.ErrNotExist) {
		return false, nil
	}
	return err == nil, err
}

// LastRun reads when the services ran last. The result is zero if that is not
// recorded.
func (c Config) LastRun() (r LastRun, err error) {
	content, err := os.ReadFile(c.path("last-run.json"))
	if errors.Is(err, os.ErrNotExist) {
		return r, nil
	}
	if err == nil {
		err = json.Unmarshal(content, &r)
	}
	if err != nil {
		return r, fmt.Errorf("last-run.json: %w", err)
	}
	return r, nil
}

// noteRun keeps last-run.json up to date until stop is called.
func (i *Installation) noteRun() (stop func()) {
	run := LastRun{Servers: i.config.Servers, Started: time.Now().UTC()}
	note := func() {
		run.Until = time.Now().UTC()
		if encoded, err := json.Marshal(run); err == nil {
			_ = writeSecret(i.config.path("last-run.json"), string(encoded)+"\n")
		}
	}
	note()
	ending, ended := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(ended)
		tick := time.NewTicker(noteEvery)
		defer tick.Stop()
		for {
			select {
			case <-tick.C:
				note()
			case <-ending:
				note()
				return
			}
		}
	}()
	return func() { close(ending); <-ended }
}
