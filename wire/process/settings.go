// Package process is what the binaries share: settings, how a secret is found,
// and how a process starts, drains and ends.
package process

import (
	"fmt"
	"os"
	"strings"

	"github.com/onsale-tickets/onsale/adapter/sessiontoken"
)

// Server are the settings of every service. The addresses' defaults are the
// binary's.
type Server struct {
	HTTPAddr     string `name:"http-addr" env:"ONSALE_HTTP_ADDR" default:"${http_addr}" help:"Where buyers and sellers are answered (host:port)."`
	OpsAddr      string `name:"ops-addr" env:"ONSALE_OPS_ADDR" default:"${ops_addr}" help:"Where /livez and /readyz are answered (host:port); keep it private."`
	KafkaBrokers string `name:"kafka-brokers" env:"ONSALE_KAFKA_BROKERS" default:"127.0.0.1:9092" help:"Kafka brokers (host:port,…)."`
	ServerID     string `name:"server-id" env:"ONSALE_SERVER_ID" default:"s1" help:"Name of this server, unique among those of the service, the same after a restart."`
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
	return secret("ONSALE_POSTGRES_URL", "--postgres-url-file", s.PostgresURLFile)
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
