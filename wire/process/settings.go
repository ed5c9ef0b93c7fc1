// Package process is what the binaries share: settings, how a secret is found,
// and how a process starts, drains and ends.
package process

import (
	"errors"
	"fmt"
	"net"
	"net/url"
	"os"
	"strconv"
	"strings"

	"github.com/onsale-tickets/onsale/adapter/kafkabus"
	"github.com/onsale-tickets/onsale/adapter/sessiontoken"
)

// Server are the settings of every service. The addresses' defaults are the
// binary's.
type Server struct {
	HTTPAddr string `name:"http-addr" env:"ONSALE_HTTP_ADDR" default:"${http_addr}" help:"Where buyers and sellers are answered (host:port)."`
	OpsAddr  string `name:"ops-addr" env:"ONSALE_OPS_ADDR" default:"${ops_addr}" help:"Where /livez and /readyz are answered (host:port); keep it private."`
	Kafka
	LogLevel string `name:"log-level" env:"ONSALE_LOG_LEVEL" enum:"debug,info,warn,error" default:"info" help:"${enum}; debug has a line for each message, with booking and event."`
	ServerID string `name:"server-id" env:"ONSALE_SERVER_ID" default:"s1" help:"Name of this server, unique among those of the service, the same after a restart."`
}

// server is this part of the settings of any service.
func (s Server) server() Server { return s }

// Validate refuses nonsense.
func (s Server) Validate() error {
	return errors.Join(Address("--http-addr", s.HTTPAddr), Address("--ops-addr", s.OpsAddr), s.CheckBrokers())
}

// Address refuses what is no host:port, of the setting that is named.
func Address(setting, addr string) error {
	_, port, err := net.SplitHostPort(addr)
	if n, number := strconv.ParseUint(port, 10, 16); err == nil && (number != nil || strconv.FormatUint(n, 10) != port) {
		err = fmt.Errorf("address %s: no port", addr)
	}
	if err != nil {
		return fmt.Errorf("%s: host:port is wanted: %w", setting, err)
	}
	return nil
}

// Kafka is how the brokers are found, and how they know who asks.
type Kafka struct {
	KafkaBrokers      string `name:"kafka-brokers" env:"ONSALE_KAFKA_BROKERS" default:"${kafka_brokers}" help:"Kafka brokers (host:port,…)." json:"brokers,omitempty"`
	KafkaReplicas     int    `name:"kafka-replicas" env:"ONSALE_KAFKA_REPLICAS" default:"1" help:"Replicas of each topic that is made, from 1 to 5; with 3, two brokers must have a record before it counts." json:"replicas,omitempty"`
	KafkaTLS          bool   `name:"kafka-tls" env:"ONSALE_KAFKA_TLS" help:"Speak TLS with the brokers." json:"tls,omitempty"`
	KafkaCAFile       string `name:"kafka-ca-file" env:"ONSALE_KAFKA_CA_FILE" type:"path" help:"Certificate authority of the brokers (PEM); without it, those this machine trusts." json:"ca_file,omitempty"`
	KafkaCertFile     string `name:"kafka-cert-file" env:"ONSALE_KAFKA_CERT_FILE" type:"path" help:"This client's certificate (PEM), where the brokers ask for one." json:"cert_file,omitempty"`
	KafkaKeyFile      string `name:"kafka-key-file" env:"ONSALE_KAFKA_KEY_FILE" type:"path" help:"The key of that certificate (PEM)." json:"key_file,omitempty"`
	KafkaUser         string `name:"kafka-user" env:"ONSALE_KAFKA_USER" help:"SASL user." json:"user,omitempty"`
	KafkaPasswordFile string `name:"kafka-password-file" env:"ONSALE_KAFKA_PASSWORD_FILE" type:"path" help:"File with the user's password; or the password itself in ONSALE_KAFKA_PASSWORD." json:"password_file,omitempty"`
	KafkaMechanism    string `name:"kafka-mechanism" env:"ONSALE_KAFKA_MECHANISM" enum:"PLAIN,SCRAM-SHA-256,SCRAM-SHA-512" default:"SCRAM-SHA-512" help:"SASL mechanism: ${enum}." json:"mechanism,omitempty"`
}

// DefaultBrokers are those of a service that was not told any.
const DefaultBrokers = "127.0.0.1:9092"

// CheckBrokers refuses what are no addresses.
func (k Kafka) CheckBrokers() error {
	for broker := range strings.SplitSeq(k.KafkaBrokers, ",") {
		if err := Address("--kafka-brokers", strings.TrimSpace(broker)); err != nil {
			return err
		}
	}
	return nil
}

// Config is what the adapter must know; the password is read here.
func (k Kafka) Config() (kafkabus.Config, error) {
	s := kafkabus.Security{TLS: k.KafkaTLS, CAFile: k.KafkaCAFile, CertFile: k.KafkaCertFile, KeyFile: k.KafkaKeyFile,
		Mechanism: k.KafkaMechanism, User: k.KafkaUser}
	if s.User == "" && k.KafkaPasswordFile != "" {
		return kafkabus.Config{}, errors.New("--kafka-password-file without --kafka-user")
	}
	if s.User != "" {
		var err error
		if s.Password, err = secret("ONSALE_KAFKA_PASSWORD", "--kafka-password-file", k.KafkaPasswordFile); err != nil {
			return kafkabus.Config{}, err
		}
	}
	if k.KafkaReplicas < 1 || k.KafkaReplicas > 5 {
		return kafkabus.Config{}, fmt.Errorf("--kafka-replicas %d: from 1 to 5", k.KafkaReplicas)
	}
	if err := s.Validate(); err != nil {
		return kafkabus.Config{}, fmt.Errorf("--kafka-…: %w", err)
	}
	for _, file := range []string{s.CAFile, s.CertFile, s.KeyFile} {
		if file == "" {
			continue
		}
		if _, err := os.Stat(file); err != nil {
			return kafkabus.Config{}, fmt.Errorf("--kafka-…-file: %w", err)
		}
	}
	return kafkabus.Config{Brokers: k.KafkaBrokers, Security: s, Replicas: k.KafkaReplicas}, nil
}

// Args are these settings as flags of a service, but for the brokers.
func (k Kafka) Args() []string {
	args := []string{"--kafka-replicas", strconv.Itoa(k.KafkaReplicas)}
	if k.KafkaTLS {
		args = append(args, "--kafka-tls")
	}
	for _, f := range [][2]string{{"--kafka-ca-file", k.KafkaCAFile}, {"--kafka-cert-file", k.KafkaCertFile}, {"--kafka-key-file", k.KafkaKeyFile},
		{"--kafka-user", k.KafkaUser}, {"--kafka-password-file", k.KafkaPasswordFile}, {"--kafka-mechanism", k.KafkaMechanism}} {
		if f[1] != "" {
			args = append(args, f[0], f[1])
		}
	}
	return args
}

// SessionKey is how the installation's key is found.
type SessionKey struct {
	SessionKeyFile string `name:"session-key-file" env:"ONSALE_SESSION_KEY_FILE" type:"path" help:"File with the installation's session key, at least 32 bytes; or the key itself in ONSALE_SESSION_KEY."`
}

// Load reads the key.
func (s SessionKey) Load() (sessiontoken.Key, error) {
	key, err := secret("ONSALE_SESSION_KEY", "--session-key-file", s.SessionKeyFile)
	return sessiontoken.Key(key), err
}

// Postgres is how the database is found.
type Postgres struct {
	PostgresURLFile string `name:"postgres-url-file" env:"ONSALE_POSTGRES_URL_FILE" type:"path" help:"File with the URL of the database, postgres://user:password@host:port/name; or the URL itself in ONSALE_POSTGRES_URL."`
}

// URL reads the URL.
func (s Postgres) URL() (string, error) {
	text, err := secret("ONSALE_POSTGRES_URL", "--postgres-url-file", s.PostgresURLFile)
	if err != nil {
		return "", err
	}
	if u, err := url.Parse(text); err != nil || u.Scheme != "postgres" && u.Scheme != "postgresql" {
		return "", errors.New("--postgres-url-file: postgres://user:password@host:port/name is wanted") // the text is a secret
	}
	return text, nil
}

// secret is never a flag: those are seen by everyone on the machine.
func secret(env, flag, file string) (string, error) {
	if file == "" {
		if value := os.Getenv(env); value != "" {
			return value, nil
		}
		return "", fmt.Errorf("neither %s nor %s is set", flag, env)
	}
	content, err := os.ReadFile(file)
	if err != nil {
		return "", fmt.Errorf("%s: %w", flag, err)
	}
	return strings.TrimSpace(string(content)), nil
}
