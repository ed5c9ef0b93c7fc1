package supervisor

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"sync"
	"syscall"
	"time"
)

// Program describes a program to run.
type Program struct {
	Name string
	Path string
	Args []string
	Env  []string // added to this process's environment
	Dir  string
	Log  string // file for standard output and error
	Stop syscall.Signal
	// Orphaned is the signal that it gets when this process dies.
	Orphaned syscall.Signal
	// Patience is how long a start may stand still. 0: a time that suits most programs.
	Patience   time.Duration
	Credential *syscall.Credential // nil: this process's user
	Caps       []uintptr           // capabilities to keep when the user changes
}

// Restart says that a program ended and what became of it.
type Restart struct {
	Process, Log string
	Ended        error // how it ended; nil: by itself, without an error
	Failed       error // why it could not be started again; nil: it was
	// Times counts the ends in a row. A run of calm begins a new count.
	Times int
}

// Process is a running program. It is started again whenever it ends, until Stop.
type Process struct {
	program Program
	ended   chan struct{}
	stop    chan struct{}
	once    sync.Once

	mu   sync.Mutex
	pid  int
	runs int
	last error // of the last end
}

// How a program is started again and stopped.
const (
	firstPause = 200 * time.Millisecond
	mostPause  = 5 * time.Second
	steady     = 10 * time.Second // a run this long resets the pause
	stopLimit  = 20 * time.Second // after that it is killed
	calm       = time.Minute      // a run this long begins a new count of restarts
	maxLog     = 20 << 20         // bytes; a longer log is renamed at the next start
)

// Start runs a program. changed is called whenever the process id changes, and
// restarted, if it is not nil, each time that the program ended by itself and was
// started again.
func Start(p Program, changed func(), restarted func(Restart)) (*Process, error) {
	if _, err := os.Stat(p.Path); err != nil {
		return nil, fmt.Errorf("%s: %w", p.Name, err)
	}
	if info, err := os.Stat(p.Log); err == nil && info.Size() > maxLog {
		_ = os.Rename(p.Log, p.Log+".1")
	}
	s := &Process{program: p, ended: make(chan struct{}), stop: make(chan struct{})}
	started := make(chan error, 1)
	go s.supervise(started, changed, restarted)
	return s, <-started
}

func (s *Process) supervise(started chan<- error, changed func(), restarted func(Restart)) {
	// Linux sends Orphaned when the thread that started the child ends, so that
	// thread must live as long as the child.
	runtime.LockOSThread()
	defer close(s.ended)
	pause := firstPause
	again := Restart{Process: s.program.Name, Log: s.program.Log}
	for {
		began := time.Now()
		cmd, err := s.start()
		if started != nil {
			started <- err
			started = nil
			if err != nil {
				return
			}
		}
		if again.Times > 0 && restarted != nil && !s.stopped() {
			again.Failed = err
			restarted(again)
		}
		if err == nil {
			changed()
			err = cmd.Wait()
			again.Ended = err
		}
		s.note(0, err)
		if time.Since(began) > calm {
			again.Times = 0
		}
		again.Times++
		if time.Since(began) > steady {
			pause = firstPause
		}
		if s.stopped() {
			return
		}
		changed()
		select {
		case <-time.After(pause):
			pause = min(2*pause, mostPause)
		case <-s.stop:
			return
		}
	}
}

func (s *Process) start() (*exec.Cmd, error) {
	log, err := os.OpenFile(s.program.Log, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return nil, err
	}
	defer log.Close()
	cmd := exec.Command(s.program.Path, s.program.Args...)
	cmd.Dir, cmd.Stdout, cmd.Stderr = s.program.Dir, log, log
	cmd.Env = append(os.Environ(), s.program.Env...)
	// Ctrl-C reaches all processes of the terminal's group at once. In a group of
	// its own the child is stopped in our order.
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true, Pdeathsig: s.program.Orphaned, Credential: s.program.Credential, AmbientCaps: s.program.Caps}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.stopped() {
		return nil, errors.New("stopped")
	}
	if err := cmd.Start(); err != nil {
		return nil, fmt.Errorf("%s: %w", s.program.Name, err)
	}
	s.pid = cmd.Process.Pid
	s.runs++
	return cmd, nil
}

// stopped reports whether the program is not to be started again.
func (s *Process) stopped() bool {
	select {
	case <-s.stop:
		return true
	default:
		return false
	}
}

func (s *Process) note(pid int, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.pid, s.last = pid, err
}

// PID returns the process id; 0 between two runs.
func (s *Process) PID() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.pid
}

// Runs returns how often it was started, and how its last run ended.
func (s *Process) Runs() (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.runs, s.last
}

// End sends a signal. The program is not started again.
func (s *Process) End(signal syscall.Signal) {
	s.once.Do(func() {
		s.mu.Lock()
		close(s.stop)
		if s.pid != 0 {
			_ = syscall.Kill(s.pid, signal)
		}
		s.mu.Unlock()
	})
}

// Stop ends the program and blocks until it has ended. It is killed if it takes
// longer than stopLimit.
func (s *Process) Stop() {
	s.End(s.program.Stop)
	select {
	case <-s.ended:
		return
	case <-time.After(stopLimit):
	}
	s.mu.Lock()
	if s.pid != 0 {
		_ = syscall.Kill(s.pid, syscall.SIGKILL)
	}
	s.mu.Unlock()
	<-s.ended
}

// lastLines returns the last n bytes of a program's log, for an error text.
func lastLines(path string, n int64) string {
	f, err := os.Open(path)
	if err != nil {
		return ""
	}
	defer f.Close()
	if info, err := f.Stat(); err == nil && info.Size() > n {
		_, _ = f.Seek(-n, 2)
	}
	tail := make([]byte, n)
	got, _ := f.Read(tail)
	return filepath.Base(path) + ":\n" + string(tail[:got])
}
