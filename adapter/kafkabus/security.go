package kafkabus

import (
	"errors"
	"fmt"

	"github.com/confluentinc/confluent-kafka-go/v2/kafka"
)

// Security says how clients and brokers authenticate each other. The zero value is
// a plaintext connection without authentication.
type Security struct {
	TLS    bool
	CAFile string // PEM; empty: the certificates that this machine trusts
	// CertFile and KeyFile (PEM) are the client's own certificate and key, for brokers
	// that ask for them.
	CertFile, KeyFile string
	// Mechanism is PLAIN, SCRAM-SHA-256 or SCRAM-SHA-512, used with a User.
	Mechanism, User, Password string
}

// Validate returns an error if the settings contradict each other.
func (s Security) Validate() error {
	switch {
	case !s.TLS && (s.CAFile != "" || s.CertFile != "" || s.KeyFile != ""):
		return errors.New("certificates are given, but TLS is off")
	case (s.CertFile == "") != (s.KeyFile == ""):
		return errors.New("a client certificate needs its key, and a key its certificate")
	case s.User != "" && s.Password == "":
		return fmt.Errorf("user %s has no password", s.User)
	case s.User == "" && s.Password != "":
		return errors.New("a password is given, but no user")
	}
	return nil
}

// apply adds the settings of librdkafka.
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
