package kafkabus

import (
	"errors"
	"fmt"

	"github.com/confluentinc/confluent-kafka-go/v2/kafka"
)

// Security says how a client and the brokers know each other. The zero value
// is a connection in the clear, without a name.
type Security struct {
	TLS    bool
	CAFile string // PEM; empty: what this machine trusts
	// CertFile and KeyFile (PEM) are the client's own, where brokers ask for one.
	CertFile, KeyFile string
	// Mechanism is PLAIN, SCRAM-SHA-256 or SCRAM-SHA-512, used with a User.
	Mechanism, User, Password string
}

// Validate refuses what no client could be made of.
func (s Security) Validate() error {
	switch {
	case !s.TLS && (s.CAFile != "" || s.CertFile != "" || s.KeyFile != ""):
		return errors.New("certificates are given, but not TLS")
	case (s.CertFile == "") != (s.KeyFile == ""):
		return errors.New("a client's certificate and its key go together")
	case s.User != "" && s.Password == "":
		return fmt.Errorf("no password for the user %s", s.User)
	case s.User == "" && s.Password != "":
		return errors.New("a password, but no user")
	}
	return nil
}

// apply adds what librdkafka must know.
func (s Security) apply(to kafka.ConfigMap) {
	protocol := "plaintext"
	if s.TLS {
		protocol = "ssl"
	}
	if s.User != "" {
		protocol = map[bool]string{false: "sasl_plaintext", true: "sasl_ssl"}[s.TLS]
		to["sasl.mechanisms"], to["sasl.username"], to["sasl.password"] = s.Mechanism, s.User, s.Password
	}
	to["security.protocol"] = protocol
	for name, value := range map[string]string{"ssl.ca.location": s.CAFile, "ssl.certificate.location": s.CertFile, "ssl.key.location": s.KeyFile} {
		if value != "" {
			to[name] = value
		}
	}
}
