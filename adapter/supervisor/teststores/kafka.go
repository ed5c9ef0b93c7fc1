package teststores

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"syscall"
	"testing"
	"time"

	"github.com/onsale-tickets/onsale/adapter/supervisor"
)

// NewKafka starts an Apache Kafka node for this test, with added settings. If
// something is missing it fails the test and says what.
func NewKafka(t testing.TB, settings ...string) supervisor.ApacheKafka {
	t.Helper()
	ports, err := supervisor.FreePorts(2)
	if err != nil {
		t.Fatal(err)
	}
	n := node(t, supervisor.ApacheKafka{Port: ports[0], Controller: ports[1], Settings: settings})
	n.Start()
	return n.ApacheKafka
}

// startLimit is how long a JVM may take to start while other tests run.
const startLimit = 3 * time.Minute

// Node is a node of a cluster. It can be killed and started again.
type Node struct {
	supervisor.ApacheKafka
	t       testing.TB
	process *supervisor.Process
}

// NewCluster starts a cluster. The first node is also the controller.
func NewCluster(t testing.TB, size int) []*Node {
	t.Helper()
	ports, err := supervisor.FreePorts(size + 1)
	if err != nil {
		t.Fatal(err)
	}
	cluster, nodes := supervisor.NewClusterID(), make([]*Node, size)
	for i := range nodes {
		settings := []string{"broker.session.timeout.ms=3000"}
		if i > 0 {
			settings = append(settings, "process.roles=broker", fmt.Sprintf("node.id=%d", i+1), "listeners=PLAINTEXT://127.0.0.1:${PORT}")
		}
		nodes[i] = node(t, supervisor.ApacheKafka{Port: ports[i+1], Controller: ports[0], Cluster: cluster, Settings: settings})
		nodes[i].Start()
	}
	return nodes
}

func node(t testing.TB, k supervisor.ApacheKafka) *Node {
	t.Helper()
	java, err := supervisor.JavaPath()
	if err != nil {
		t.Fatal(err)
	}
	k.Java, k.Jars, k.Dir = java, jars(t), t.TempDir()
	ctx, cancel := context.WithTimeout(context.Background(), startLimit)
	defer cancel()
	if err := k.Init(ctx); err != nil {
		t.Fatal(err)
	}
	n := &Node{ApacheKafka: k, t: t}
	t.Cleanup(func() {
		n.process.Stop()
		if t.Failed() {
			log, _ := os.ReadFile(filepath.Join(k.Dir, "log"))
			t.Logf("log of the node:\n%s", log)
		}
	})
	return n
}

// Start starts the node with its data and blocks until it has joined the cluster.
func (n *Node) Start() {
	n.t.Helper()
	var err error
	if n.process, err = supervisor.Start(n.Program(filepath.Join(n.Dir, "log")), func() {}, nil); err != nil {
		n.t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(context.Background(), startLimit)
	defer cancel()
	if err := n.Await(ctx); err != nil {
		n.t.Fatal(err)
	}
}

// Kill ends the node by SIGKILL.
func (n *Node) Kill() {
	n.process.End(syscall.SIGKILL)
	n.process.Stop()
}

// jars returns the directory of scripts/install.sh kafka: bin/kafka beside go.mod.
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
