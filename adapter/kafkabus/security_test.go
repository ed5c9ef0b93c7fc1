package kafkabus_test

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"fmt"
	"log/slog"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/confluentinc/confluent-kafka-go/v2/kafka"

	"github.com/onsale-tickets/onsale/adapter/kafkabus"
	"github.com/onsale-tickets/onsale/adapter/supervisor"
	"github.com/onsale-tickets/onsale/adapter/supervisor/teststores"
	"github.com/onsale-tickets/onsale/domain/message"
	"github.com/onsale-tickets/onsale/usecase/publish"
)

// Clients connect to brokers that ask for TLS, a password or a certificate. Clients
// without them are refused.
func TestSecurity(t *testing.T) {
	ca := newAuthority(t)
	ports, err := supervisor.FreePorts(2)
	if err != nil {
		t.Fatal(err)
	}
	password, certificate := fmt.Sprintf("127.0.0.1:%d", ports[0]), fmt.Sprintf("127.0.0.1:%d", ports[1])
	k := teststores.NewKafka(t,
		"listeners=PLAINTEXT://127.0.0.1:${PORT},PASSWORD://"+password+",CERTIFICATE://"+certificate+",CONTROLLER://127.0.0.1:${CONTROLLER}",
		"advertised.listeners=PLAINTEXT://127.0.0.1:${PORT},PASSWORD://"+password+",CERTIFICATE://"+certificate,
		"listener.security.protocol.map=PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT,PASSWORD:SASL_SSL,CERTIFICATE:SSL",
		"ssl.keystore.type=PEM", "ssl.keystore.location="+ca.sign("broker"), "ssl.truststore.type=PEM", "ssl.truststore.location="+ca.file,
		"listener.name.password.sasl.enabled.mechanisms=SCRAM-SHA-512,PLAIN",
		"listener.name.password.scram-sha-512.sasl.jaas.config=org.apache.kafka.common.security.scram.ScramLoginModule required;",
		`listener.name.password.plain.sasl.jaas.config=org.apache.kafka.common.security.plain.PlainLoginModule required user_onsale="open sesame";`,
		"listener.name.certificate.ssl.client.auth=required")
	addUser(t, k.Addr(), "onsale", "open sesame")
	scram := kafkabus.Security{TLS: true, CAFile: ca.file, Mechanism: "SCRAM-SHA-512", User: "onsale", Password: "open sesame"}
	own := ca.sign("client")
	let := kafkabus.Security{TLS: true, CAFile: ca.file, CertFile: own, KeyFile: own}

	for _, c := range []struct {
		name, at string
		with     func() kafkabus.Security
		in       bool
	}{
		{"a password, by SCRAM", password, func() kafkabus.Security { return scram }, true},
		{"a password, as it is", password, func() kafkabus.Security { s := scram; s.Mechanism = "PLAIN"; return s }, true},
		{"a certificate", certificate, func() kafkabus.Security { return let }, true},
		{"another password", password, func() kafkabus.Security { s := scram; s.Password = "open barley"; return s }, false},
		{"no TLS", password, func() kafkabus.Security {
			return kafkabus.Security{Mechanism: scram.Mechanism, User: scram.User, Password: scram.Password}
		}, false},
		{"a broker of an authority that is not trusted", password, func() kafkabus.Security { s := scram; s.CAFile = newAuthority(t).file; return s }, false},
		{"no certificate", certificate, func() kafkabus.Security { return kafkabus.Security{TLS: true, CAFile: ca.file} }, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			patience := limit
			if !c.in {
				patience = 3 * time.Second
			}
			ctx, cancel := context.WithTimeout(t.Context(), patience)
			defer cancel()
			cluster, err := kafkabus.Connect(ctx, kafkabus.Config{Brokers: c.at, ServerID: "s1", Service: message.SeatReservation, Security: c.with(),
				Log: slog.New(slog.NewTextHandler(t.Output(), nil))})
			if !c.in {
				if err == nil {
					cluster.Close()
					t.Error("it was let in")
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			defer cluster.Close()
			if _, err := cluster.Create(ctx, 1); err != nil {
				t.Fatal(err)
			}
			publisher, err := kafkabus.NewPublisher(cluster)
			if err != nil {
				t.Fatal(err)
			}
			defer publisher.Close()
			if err := publish.All(ctx, publisher, []message.Envelope{failed(1)}); err != nil {
				t.Error(err)
			}
		})
	}
}

// addUser creates a user for SCRAM-SHA-512.
func addUser(t *testing.T, addr, name, password string) {
	t.Helper()
	admin, err := kafka.NewAdminClient(&kafka.ConfigMap{"bootstrap.servers": addr, "enable.metrics.push": false})
	if err != nil {
		t.Fatal(err)
	}
	defer admin.Close()
	result, err := admin.AlterUserScramCredentials(t.Context(), []kafka.UserScramCredentialUpsertion{{User: name, Password: []byte(password),
		ScramCredentialInfo: kafka.ScramCredentialInfo{Mechanism: kafka.ScramMechanismSHA512, Iterations: 4096}}}, nil)
	if err != nil {
		t.Fatal(err)
	}
	if e := result.Errors[name]; e.Code() != kafka.ErrNoError {
		t.Fatal(e)
	}
}

// authority signs certificates for 127.0.0.1.
type authority struct {
	t    *testing.T
	cert *x509.Certificate
	key  *ecdsa.PrivateKey
	file string // PEM
}

func newAuthority(t *testing.T) authority {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "an authority"}, NotBefore: time.Now().Add(-time.Hour),
		NotAfter: time.Now().Add(time.Hour), IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	cert, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	a := authority{t: t, cert: cert, key: key, file: filepath.Join(t.TempDir(), "ca.pem")}
	writePEM(t, a.file, &pem.Block{Type: "CERTIFICATE", Bytes: der})
	return a
}

// sign returns the files of a key and of a certificate for it.
func (a authority) sign(name string) string {
	a.t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		a.t.Fatal(err)
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(time.Now().UnixNano()), Subject: pkix.Name{CommonName: name}, NotBefore: time.Now().Add(-time.Hour),
		NotAfter: time.Now().Add(time.Hour), IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}, KeyUsage: x509.KeyUsageDigitalSignature,
		ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth, x509.ExtKeyUsageClientAuth}}
	der, err := x509.CreateCertificate(rand.Reader, template, a.cert, key.Public(), a.key)
	if err != nil {
		a.t.Fatal(err)
	}
	private, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		a.t.Fatal(err)
	}
	file := filepath.Join(a.t.TempDir(), name+".pem")
	writePEM(a.t, file, &pem.Block{Type: "PRIVATE KEY", Bytes: private}, &pem.Block{Type: "CERTIFICATE", Bytes: der})
	return file
}

func writePEM(t *testing.T, file string, blocks ...*pem.Block) {
	t.Helper()
	var content []byte
	for _, b := range blocks {
		content = append(content, pem.EncodeToMemory(b)...)
	}
	if err := os.WriteFile(file, content, 0o600); err != nil {
		t.Fatal(err)
	}
}
