package teststores

import (
	"context"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/onsale-tickets/onsale/adapter/supervisor"
)

// NewKafka starts an Apache Kafka node of the test's own, with settings beyond
// the usual, or fails the test with what is missing.
func NewKafka(t testing.TB, settings ...string) supervisor.ApacheKafka {
	t.Helper()
	java, err := supervisor.JavaPath()
	if err != nil {
		t.Fatal(err)
	}
	ports, err := supervisor.FreePorts(2)
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	k := supervisor.ApacheKafka{Java: java, Jars: jars(t), Dir: dir, Port: ports[0], Controller: ports[1], Settings: settings}
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	if err := k.Init(ctx); err != nil {
		t.Fatal(err)
	}
	process, err := supervisor.Start(k.Program(filepath.Join(dir, "log")), func() {})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		process.Stop()
		if t.Failed() {
			log, _ := os.ReadFile(filepath.Join(dir, "log"))
			t.Logf("the node says:\n%s", log)
		}
	})
	if err := k.Await(ctx); err != nil {
		t.Fatal(err)
	}
	return k
}

// jars are where scripts/install.sh kafka puts them: bin/kafka beside go.mod.
func jars(t testing.TB) string {
	t.Helper()
	dir, err := os.Getwd()
	for ; err == nil && dir != "/"; dir = filepath.Dir(dir) {
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
			return filepath.Join(dir, "bin", "kafka")
		}
	}
	t.Fatalf("no go.mod above this directory: %v", err)
	return ""
}
