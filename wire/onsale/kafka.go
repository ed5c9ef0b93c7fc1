package onsale

import (
	"context"
	"errors"
	"path/filepath"
	"time"

	"github.com/onsale-tickets/onsale/adapter/kafkabus"
	"github.com/onsale-tickets/onsale/adapter/supervisor"
	"github.com/onsale-tickets/onsale/wire/process"
)

// brokerFlags choose the broker of an installation.
type brokerFlags struct {
	Broker string `env:"ONSALE_BROKER" enum:",embedded,apache" default:"" help:"Broker to run: embedded, or apache for a node of Apache Kafka (scripts/install.sh kafka downloads it). By default the one that the data directory was made with; embedded for a new directory."`
	jarsFlag
	process.Kafka
}

type jarsFlag struct {
	Jars string `name:"kafka-jars" env:"ONSALE_KAFKA_JARS" type:"path" help:"Directory of Apache Kafka's jars. By default the directory kafka next to this program."`
}

// Validate checks the flags.
func (b brokerFlags) Validate() error {
	if b.KafkaBrokers != "" && b.Broker != "" {
		return errors.New("--broker runs a broker and --kafka-brokers names running ones: use one of the two")
	}
	if b.KafkaBrokers == "" && (b.KafkaTLS || b.KafkaUser != "") {
		return errors.New("--kafka-tls and --kafka-user need --kafka-brokers")
	}
	if b.KafkaBrokers != "" {
		if err := b.CheckBrokers(); err != nil {
			return err
		}
	}
	_, err := b.Config()
	return err
}

// into copies the flags into the supervisor's configuration. Without flags it uses
// the external cluster that an earlier start on the directory was given. It checks
// that an external cluster answers, so that nothing is started in vain.
func (b brokerFlags) into(ctx context.Context, c *supervisor.Config) error {
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
		return reach(ctx, k)
	}
	return nil
}

// brokersLimit is how long brokers may take to answer before anything is started.
const brokersLimit = 10 * time.Second

// reach checks that a broker answers.
func reach(ctx context.Context, k process.Kafka) error {
	config, err := k.Config()
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, brokersLimit)
	defer cancel()
	return kafkabus.Reach(ctx, config)
}

// keptKafka reads how the installation connects to its external cluster. The
// result names no brokers if it has none.
func keptKafka(dataDir string) (process.Kafka, error) {
	k := process.Kafka{KafkaReplicas: 1}
	err := supervisor.Config{DataDir: dataDir}.ReadExternal(&k)
	return k, err
}
