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
	"time"

	"github.com/confluentinc/confluent-kafka-go/v2/kafka"
)

// ApacheKafka is a node of Apache Kafka that we run: broker and controller in one
// process. That is for one machine only.
type ApacheKafka struct {
	Java       string
	Jars       string // directory
	Dir        string
	Port       int
	Controller int      // port
	Cluster    string   // id of the cluster to join; empty: a new cluster
	Settings   []string // name=value, added to apachekafka.properties; may use ${PORT} and ${CONTROLLER}; the last value of a name wins
}

// JavaPath returns the path of the java program.
func JavaPath() (string, error) {
	path, err := exec.LookPath("java")
	if err != nil {
		return "", errors.New("java is not installed; scripts/install.sh kafka installs it")
	}
	return path, nil
}

// Addr returns host:port.
func (k ApacheKafka) Addr() string { return local(k.Port) }

//go:embed apachekafka.properties
var apacheKafkaSettings string

// log4j sends warnings to the standard output.
const log4j = `<Configuration status="WARN">
  <Appenders><Console name="out"><PatternLayout pattern="%d %p %c %m%n"/></Console></Appenders>
  <Loggers><Root level="WARN"><AppenderRef ref="out"/></Root></Loggers>
</Configuration>
`

func (k ApacheKafka) path(name string) string { return filepath.Join(k.Dir, name) }

// Init writes the node's settings with the ports of this run. It formats the
// directory if it is new.
func (k ApacheKafka) Init(ctx context.Context) error {
	if jars, _ := filepath.Glob(filepath.Join(k.Jars, "kafka_*.jar")); len(jars) == 0 {
		return fmt.Errorf("there is no Apache Kafka in %s; scripts/install.sh kafka downloads it", k.Jars)
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
	// An interrupted start leaves an unusable directory behind.
	if err := os.RemoveAll(k.path("data")); err != nil {
		return err
	}
	cluster := k.Cluster
	if cluster == "" {
		cluster = NewClusterID()
	}
	args := append(k.java("-Xmx128m", "-XX:TieredStopAtLevel=1"), "kafka.tools.StorageTool", "format",
		"--cluster-id="+cluster, // with =, because an id may begin with a dash
		"--config", k.path("server.properties"))
	if out, err := exec.CommandContext(ctx, k.Java, args...).CombinedOutput(); err != nil {
		return fmt.Errorf("format Apache Kafka's directory: %w\n%s", err, out)
	}
	return nil
}

// NewClusterID returns a random cluster id.
func NewClusterID() string {
	var id [16]byte
	_, _ = rand.Read(id[:])
	return base64.RawURLEncoding.EncodeToString(id[:])
}

func (k ApacheKafka) java(options ...string) []string {
	return append(options, "-Djava.awt.headless=true", "-Dlog4j2.configurationFile="+k.path("log4j2.xml"), "-cp", filepath.Join(k.Jars, "*"))
}

// Program returns the program that runs the node on 127.0.0.1.
func (k ApacheKafka) Program(log string) Program {
	return Program{Name: BrokerProcess, Path: k.Java, Dir: k.Dir, Log: log, Stop: syscall.SIGTERM, Orphaned: syscall.SIGKILL,
		Patience: 4 * time.Minute, // a cold JVM on a machine that has other work
		Args: append(k.java("-Xmx1g", "-XX:+UseG1GC", "-XX:MaxGCPauseMillis=20", "-XX:+ExplicitGCInvokesConcurrent"),
			"kafka.Kafka", k.path("server.properties"))}
}

// Await blocks until the node is registered in its cluster. The port is open
// before that.
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
