package e2e

import (
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"syscall"
	"time"
)

// Server is a further server of a service, started with the settings that
// docs/deployment.md names.
type Server struct {
	in      *Installation
	cmd     *exec.Cmd
	ended   chan struct{}
	ops     string
	logFile string
}

// StartServer starts a server of a service, and kills it when the test ends.
func (in *Installation) StartServer(service, id string) *Server {
	in.T.Helper()
	var run struct{ Kafka, Redis string }
	in.Run(&run)
	s := &Server{in: in, ops: "127.0.0.1:" + strconv.Itoa(FreePort(in.T)), logFile: filepath.Join(in.Data, "logs", service+"-by-hand-"+id+".log")}
	args := []string{"--http-addr", "127.0.0.1:" + strconv.Itoa(FreePort(in.T)), "--ops-addr", s.ops, "--kafka-brokers", run.Kafka, "--server-id", id}
	secret := func(name string) string { return filepath.Join(in.Data, "secrets", name) }
	switch service {
	case "seat-reservation-service":
		args = append(args, "--data-dir", filepath.Join(in.T.TempDir(), "seats"))
	case "booking-service":
		args = append(args, "--postgres-url-file", secret(service+".url"), "--session-key-file", secret("session-key"),
			"--redis-addr", run.Redis, "--gateway-dir", filepath.Join(in.Data, "gateway"), "--payment-window", "5s")
	case "event-ticketing-service":
		args = append(args, "--postgres-url-file", secret(service+".url"), "--session-key-file", secret("session-key"))
	}
	log, err := os.OpenFile(s.logFile, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		in.T.Fatal(err)
	}
	defer log.Close()
	s.cmd = exec.Command(filepath.Join(in.Bin, service), args...)
	s.cmd.Stdout, s.cmd.Stderr = log, log
	if s.ended, err = startChild(s.cmd); err != nil {
		in.T.Fatal(err)
	}
	in.T.Cleanup(func() { s.End(syscall.SIGKILL) })
	return s
}

// End sends a signal and waits until the server has ended.
func (s *Server) End(signal syscall.Signal) {
	s.in.T.Helper()
	select {
	case <-s.ended:
		return
	default:
	}
	_ = s.cmd.Process.Signal(signal)
	select {
	case <-s.ended:
	case <-time.After(20 * time.Second):
		s.in.T.Errorf("%s: not ended 20 s after %s", s.cmd.Path, signal)
	}
}

// Log returns what the server has logged.
func (s *Server) Log() []byte {
	content, _ := os.ReadFile(s.logFile)
	return content
}

// Ready reports whether the server is ready.
func (s *Server) Ready() bool { return isReady(s.ops) }

// Owned returns how many partitions the server owns.
func (s *Server) Owned() float64 { return metricAt(s.ops, "onsale_seat_partitions_owned") }
