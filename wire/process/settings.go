// Package process binds what the services share: settings, secrets, and how a
// process starts, drains and stops.
package process

import (
	"errors"
	"fmt"
	"net"
	"net/url"
	"os"
	"strconv"
	"strings"
	"time"

	"github.com/alecthomas/kong"

	"github.com/onsale-tickets/onsale/adapter/kafkabus"
	"github.com/onsale-tickets/onsale/adapter/sessiontoken"
)

// Server are the settings of every service. Each binary has its own default
// addresses.
type Server struct {
	HTTPAddr string `name:"http-addr" env:"ONSALE_HTTP_ADDR" default:"${http_addr}" help:"Address for buyers and sellers (host:port)."`
	OpsAddr  string `name:"ops-addr" env:"ONSALE_OPS_ADDR" default:"${ops_addr}" help:"Address of /livez, /readyz and /metrics (host:port). Keep it private."`
	Kafka
	LogLevel   string           `name:"log-level" env:"ONSALE_LOG_LEVEL" enum:"debug,info,warn,error" default:"info" help:"Least level to log: ${enum}. Debug logs a line for each message, with booking and event."`
	SleepAfter time.Duration    `name:"sleep-after" env:"ONSALE_SLEEP_AFTER" default:"10m" help:"How long an event stays awake after it was last needed. All servers of all services should have the same."`
	ServerID   string           `name:"server-id" env:"ONSALE_SERVER_ID" default:"s1" help:"Name of this server. It must be unique among the servers of the service and stay the same after a restart."`
	Version    kong.VersionFlag `name:"version" help:"Print the version and exit."`
}

// LeastSleepAfter is more than twice the time in which a message is acknowledged or
// given up.
const LeastSleepAfter = 15 * time.Second

// server returns this part of a service's settings.
func (s Server) server() Server { return s }

// Validate checks the settings.
func (s Server) Validate() error {
	var sleep error
	if s.SleepAfter < LeastSleepAfter || s.SleepAfter > 24*time.Hour {
		sleep = fmt.Errorf("--sleep-after %s: must be from %s to 24h", s.SleepAfter, LeastSleepAfter)
	}
	return errors.Join(sleep, Address("--http-addr", s.HTTPAddr), Address("--ops-addr", s.OpsAddr), s.CheckBrokers())
}

// Address checks that a setting is host:port. The error names the setting.
func Address(setting, addr string) error {
	_, port, err := net.SplitHostPort(addr)
	if n, number := strconv.ParseUint(port, 10, 16); err == nil && (number != nil || strconv.FormatUint(n, 10) != port) {
		err = fmt.Errorf("address %s: the port is not a number from 0 to 65535", addr)
	}
	if err != nil {
		return fmt.Errorf("%s: must be host:port: %w", setting, err)
	}
	return nil
}

// Kafka are the settings of the connection to Kafka.
type Kafka struct {
	KafkaBrokers      string `name:"kafka-brokers" env:"ONSALE_KAFKA_BROKERS" default:"${kafka_brokers}" help:"Kafka brokers (host:port,…)." json:"brokers,omitempty"`
	KafkaReplicas     int    `name:"kafka-replicas" env:"ONSALE_KAFKA_REPLICAS" default:"1" help:"Replicas of each new topic, from 1 to 5. With 3, a record counts when two brokers have it." json:"replicas,omitempty"`
	KafkaTLS          bool   `name:"kafka-tls" env:"ONSALE_KAFKA_TLS" help:"Connect to the brokers with TLS." json:"tls,omitempty"`
	KafkaCAFile       string `name:"kafka-ca-file" env:"ONSALE_KAFKA_CA_FILE" type:"path" help:"Certificate authority of the brokers (PEM). By default those that this machine trusts." json:"ca_file,omitempty"`
	KafkaCertFile     string `name:"kafka-cert-file" env:"ONSALE_KAFKA_CERT_FILE" type:"path" help:"Client certificate (PEM), if the brokers require one." json:"cert_file,omitempty"`
	KafkaKeyFile      string `name:"kafka-key-file" env:"ONSALE_KAFKA_KEY_FILE" type:"path" help:"Key of the client certificate (PEM)." json:"key_file,omitempty"`
	KafkaUser         string `name:"kafka-user" env:"ONSALE_KAFKA_USER" help:"SASL user." json:"user,omitempty"`
	KafkaPasswordFile string `name:"kafka-password-file" env:"ONSALE_KAFKA_PASSWORD_FILE" type:"path" help:"File with the password of the SASL user. Instead, ONSALE_KAFKA_PASSWORD may have the password." json:"password_file,omitempty"`
	KafkaMechanism    string `name:"kafka-mechanism" env:"ONSALE_KAFKA_MECHANISM" enum:"PLAIN,SCRAM-SHA-256,SCRAM-SHA-512" default:"SCRAM-SHA-512" help:"SASL mechanism: ${enum}." json:"mechanism,omitempty"`
}

// DefaultBrokers is the default of --kafka-brokers for a service.
const DefaultBrokers = "127.0.0.1:9092"

// CheckBrokers checks that every broker is host:port.
func (k Kafka) CheckBrokers() error {
	for broker := range strings.SplitSeq(k.KafkaBrokers, ",") {
		if err := Address("--kafka-brokers", strings.TrimSpace(broker)); err != nil {
			return err
		}
	}
	return nil
}

// Config returns the adapter's configuration. It reads the password.
func (k Kafka) Config() (kafkabus.Config, error) {
	s := kafkabus.Security{TLS: k.KafkaTLS, CAFile: k.KafkaCAFile, CertFile: k.KafkaCertFile, KeyFile: k.KafkaKeyFile,
		Mechanism: k.KafkaMechanism, User: k.KafkaUser}
	if s.User == "" && k.KafkaPasswordFile != "" {
		return kafkabus.Config{}, errors.New("--kafka-password-file needs --kafka-user")
	}
	if s.User != "" {
		var err error
		if s.Password, err = secret("ONSALE_KAFKA_PASSWORD", "--kafka-password-file", k.KafkaPasswordFile); err != nil {
			return kafkabus.Config{}, err
		}
	}
	if k.KafkaReplicas < 1 || k.KafkaReplicas > 5 {
		return kafkabus.Config{}, fmt.Errorf("--kafka-replicas %d: must be from 1 to 5", k.KafkaReplicas)
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

// Args returns these settings as flags of a service, without the brokers.
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

// SessionKey is the setting that names the installation's session key.
type SessionKey struct {
	SessionKeyFile string `name:"session-key-file" env:"ONSALE_SESSION_KEY_FILE" type:"path" help:"File with the installation's session key, at least 32 bytes. Instead, ONSALE_SESSION_KEY may have the key."`
}

// Load reads the key.
func (s SessionKey) Load() (sessiontoken.Key, error) {
	key, err := secret("ONSALE_SESSION_KEY", "--session-key-file", s.SessionKeyFile)
	return sessiontoken.Key(key), err
}

// Postgres is the setting that names the database.
type Postgres struct {
	PostgresURLFile string `name:"postgres-url-file" env:"ONSALE_POSTGRES_URL_FILE" type:"path" help:"File with the URL of the database, postgres://user:password@host:port/name. Instead, ONSALE_POSTGRES_URL may have the URL."`
}

// URL reads the URL of the database.
func (s Postgres) URL() (string, error) {
	text, err := secret("ONSALE_POSTGRES_URL", "--postgres-url-file", s.PostgresURLFile)
	if err != nil {
		return "", err
	}
	if u, err := url.Parse(text); err != nil || u.Scheme != "postgres" && u.Scheme != "postgresql" {
		return "", errors.New("--postgres-url-file: must be postgres://user:password@host:port/name") // the text itself is a secret
	}
	return text, nil
}

// secret reads a secret from a file or the environment. A secret is never a flag,
// because every user of the machine can read the flags of a process.
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
