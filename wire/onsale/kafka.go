package onsale

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/onsale-tickets/onsale/adapter/supervisor"
	"github.com/onsale-tickets/onsale/wire/process"
)

// brokerFlags say which broker an installation speaks with.
type brokerFlags struct {
	Broker string `env:"ONSALE_BROKER" enum:",embedded,apache" default:"" help:"Broker to run: embedded, or apache for a node of Apache Kafka (scripts/install.sh kafka fetches it). Without it, the one that the data directory was made with, embedded if it is new."`
	jarsFlag
	process.Kafka
}

type jarsFlag struct {
	Jars string `name:"kafka-jars" env:"ONSALE_KAFKA_JARS" type:"path" help:"Directory of Apache Kafka's jars; without it, kafka/ beside this program."`
}

// Validate refuses nonsense.
func (b brokerFlags) Validate() error {
	if b.KafkaBrokers != "" && b.Broker != "" {
		return errors.New("--broker runs a broker, --kafka-brokers names some that run: one of the two")
	}
	if b.KafkaBrokers == "" && (b.KafkaTLS || b.KafkaUser != "") {
		return errors.New("--kafka-tls and --kafka-user are for the brokers of --kafka-brokers")
	}
	if b.KafkaBrokers != "" {
		if err := b.CheckBrokers(); err != nil {
			return err
		}
	}
	_, err := b.Config()
	return err
}

// into tells the supervisor, with what an earlier start on the directory was
// told where nothing else is said now.
func (b brokerFlags) into(c *supervisor.Config) error {
	c.Broker, c.Jars = supervisor.Broker(b.Broker), b.Jars
	if c.Jars == "" {
		c.Jars = filepath.Join(c.Bin, "kafka")
	}
	k := b.Kafka
	if k.KafkaBrokers == "" && b.Broker == "" {
		var err error
		if k, err = keptKafka(c.DataDir); err != nil {
			return err
		}
	}
	if k.KafkaBrokers != "" {
		c.Broker, c.Brokers, c.KafkaArgs = supervisor.External, k.KafkaBrokers, k.Args()
	}
	return nil
}

// keptKafka is how the cluster of somebody else is spoken with, if the
// installation has one. No secret is in there.
func keptKafka(dataDir string) (k process.Kafka, err error) {
	content, err := os.ReadFile(filepath.Join(dataDir, "kafka.json"))
	if errors.Is(err, os.ErrNotExist) {
		return process.Kafka{KafkaReplicas: 1}, nil
	}
	if err != nil {
		return k, err
	}
	if err := json.Unmarshal(content, &k); err != nil {
		return k, fmt.Errorf("%s: %w", filepath.Join(dataDir, "kafka.json"), err)
	}
	return k, nil
}

func keepKafka(dataDir string, k process.Kafka) error {
	if k.KafkaBrokers == "" {
		return nil
	}
	content, err := json.MarshalIndent(k, "", "  ")
	if err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(dataDir, "kafka.json"), append(content, '\n'), 0o600)
}
