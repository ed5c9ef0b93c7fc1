package process_test

import (
	"strings"
	"testing"
	"time"

	"github.com/onsale-tickets/onsale/wire/process"
)

func TestServerRefusesNonsense(t *testing.T) {
	good := process.Server{HTTPAddr: "127.0.0.1:8081", OpsAddr: ":9081", SleepAfter: time.Minute, Kafka: process.Kafka{KafkaBrokers: "kafka1:9092, [::1]:9092"}}
	if err := good.Validate(); err != nil {
		t.Error(err)
	}
	for setting, change := range map[string]func(*process.Server){
		"--http-addr":     func(s *process.Server) { s.HTTPAddr = "nonsense" },
		"--ops-addr":      func(s *process.Server) { s.OpsAddr = "127.0.0.1:http" },
		"--sleep-after":   func(s *process.Server) { s.SleepAfter = time.Second },
		"--kafka-brokers": func(s *process.Server) { s.KafkaBrokers = "kafka1:9092,,kafka2:9092" },
	} {
		s := good
		change(&s)
		if err := s.Validate(); err == nil || !strings.Contains(err.Error(), setting) {
			t.Errorf("%s: %v", setting, err)
		}
	}
}

func TestPostgresURL(t *testing.T) {
	for url, good := range map[string]bool{"postgres://u:secret@db:5432/onsale": true, "postgresql:///onsale?host=/run": true, "secret": false, "mysql://u:secret@db/x": false} {
		t.Setenv("ONSALE_POSTGRES_URL", url)
		got, err := process.Postgres{}.URL()
		if good != (err == nil && got == url) {
			t.Errorf("%s: %q %v", url, got, err)
		}
		if err != nil && (strings.Contains(err.Error(), "secret") || !strings.Contains(err.Error(), "--postgres-url-file")) {
			t.Errorf("%s: error %v", url, err)
		}
	}
}
