package supervisor

import (
	"context"
	"crypto/rand"
	_ "embed"
	"encoding/base64"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"

	"github.com/confluentinc/confluent-kafka-go/v2/kafka"
)

// ApacheKafka is an Apache Kafka node of our own: broker and controller in one
// process, which is enough for one machine and for nothing else.
type ApacheKafka struct {
	Java       string
	Jars       string // directory
	Dir        string
	Port       int
	Controller int      // port
	Cluster    string   // id, for a node of several; empty: one of its own
	Settings   []string // name=value, beyond the usual, with ${PORT} and ${CONTROLLER}; of two with one name the last holds
}

// JavaPath finds the program.
func JavaPath() (string, error) {
	path, err := exec.LookPath("java")
	if err != nil {
		return "", errors.New("there is no Java; scripts/install.sh kafka installs it")
	}
	return path, nil
}

// Addr is host:port.
func (k ApacheKafka) Addr() string { return local(k.Port) }

//go:embed apachekafka.properties
var apacheKafkaSettings string

// log4j tells the node where to say what: warnings, on its standard output.
const log4j = `<Configuration status="WARN">
  <Appenders><Console name="out"><PatternLayout pattern="%d %p %c %m%n"/></Console></Appenders>
  <Loggers><Root level="WARN"><AppenderRef ref="out"/></Root></Loggers>
</Configuration>
`

func (k ApacheKafka) path(name string) string { return filepath.Join(k.Dir, name) }

// Init writes the node's settings, which name this run's ports, and formats its
// directory if that is new.
func (k ApacheKafka) Init(ctx context.Context) error {
	if jars, _ := filepath.Glob(filepath.Join(k.Jars, "kafka_*.jar")); len(jars) == 0 {
		return fmt.Errorf("no Apache Kafka in %s; scripts/install.sh kafka fetches it there", k.Jars)
	}
	if err := os.MkdirAll(k.Dir, 0o700); err != nil {
		return err
	}
	settings := os.Expand(apacheKafkaSettings+strings.Join(k.Settings, "\n")+"\n", func(name string) string {
		return map[string]string{"PORT": strconv.Itoa(k.Port), "CONTROLLER": strconv.Itoa(k.Controller), "DIR": k.path("data")}[name]
	})
	if err := errors.Join(os.WriteFile(k.path("server.properties"), []byte(settings), 0o600), os.WriteFile(k.path("log4j2.xml"), []byte(log4j), 0o600)); err != nil {
		return err
	}
	if _, err := os.Stat(k.path("data/meta.properties")); err == nil {
		return nil
	}
	// What an interrupted start left behind is no log.
	if err := os.RemoveAll(k.path("data")); err != nil {
		return err
	}
	cluster := k.Cluster
	if cluster == "" {
		cluster = NewClusterID()
	}
	args := append(k.java("-Xmx128m", "-XX:TieredStopAtLevel=1"), "kafka.tools.StorageTool", "format",
		"--cluster-id="+cluster, // it may begin with a dash
		"--config", k.path("server.properties"))
	if out, err := exec.CommandContext(ctx, k.Java, args...).CombinedOutput(); err != nil {
		return fmt.Errorf("format Apache Kafka's directory: %w\n%s", err, out)
	}
	return nil
}

// NewClusterID makes the id of a cluster.
func NewClusterID() string {
	var id [16]byte
	_, _ = rand.Read(id[:])
	return base64.RawURLEncoding.EncodeToString(id[:])
}

func (k ApacheKafka) java(options ...string) []string {
	return append(options, "-Djava.awt.headless=true", "-Dlog4j2.configurationFile="+k.path("log4j2.xml"), "-cp", filepath.Join(k.Jars, "*"))
}

// Program runs the node on 127.0.0.1.
func (k ApacheKafka) Program(log string) Program {
	return Program{Name: BrokerProcess, Path: k.Java, Dir: k.Dir, Log: log, Stop: syscall.SIGTERM, Orphaned: syscall.SIGKILL,
		Args: append(k.java("-Xmx1g", "-XX:+UseG1GC", "-XX:MaxGCPauseMillis=20", "-XX:+ExplicitGCInvokesConcurrent"),
			"kafka.Kafka", k.path("server.properties"))}
}

// Await waits until the node takes part in its cluster: it listens before that.
func (k ApacheKafka) Await(ctx context.Context) error {
	admin, err := kafka.NewAdminClient(&kafka.ConfigMap{"bootstrap.servers": k.Addr(), "reconnect.backoff.max.ms": 200, "log_level": 0, "enable.metrics.push": false})
	if err != nil {
		return err
	}
	defer admin.Close()
	return await(ctx, func(ctx context.Context) error {
		known, err := admin.GetMetadata(nil, false, 1000)
		if err == nil && len(known.Brokers) == 0 {
			err = errors.New("the broker is not registered yet")
		}
		return err
	})
}
