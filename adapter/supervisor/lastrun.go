package supervisor

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"time"
)

// LastRun is what an installation that does not run says about when it did, in
// last-run.json.
type LastRun struct {
	Servers int       `json:"servers"` // of each service
	Started time.Time `json:"started"`
	Until   time.Time `json:"until"` // it ran at least until then
}

// noted is how often a run is noted down: one that is killed says nothing more.
const noted = 2 * time.Second

// Made tells whether there is an installation in the data directory.
func (c Config) Made() (bool, error) {
	_, err := os.Stat(c.path("postgres", "PG_VERSION"))
	if errors.Is(err, os.ErrNotExist) {
		return false, nil
	}
	return err == nil, err
}

// LastRun reads when the services ran last; all is zero if nobody knows.
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

// noteRun writes down that the services run, until the answer is called.
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
		tick := time.NewTicker(noted)
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
