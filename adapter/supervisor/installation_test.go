package supervisor

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
)

// Services start at the same time, and each start replaces run.json. It must be whole
// and have the last record.
func TestRecordIsWrittenByOneAtATime(t *testing.T) {
	dir := t.TempDir()
	i := &Installation{config: Config{DataDir: dir}}

	var all sync.WaitGroup
	for n := range 200 {
		all.Go(func() { i.Opened("http://localhost/" + strings.Repeat(strconv.Itoa(n), 1+n*5)) })
	}
	all.Wait()

	content, err := os.ReadFile(filepath.Join(dir, "run.json"))
	if err != nil {
		t.Fatal(err)
	}
	var written Record
	if err := json.Unmarshal(content, &written); err != nil || written.Proxy != i.Record().Proxy {
		t.Errorf("run.json has %s (%v), want %s", content, err, i.Record().Proxy)
	}
}
