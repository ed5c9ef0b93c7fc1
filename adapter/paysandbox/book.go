package paysandbox

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
)

// State is the state of a payment in the book.
type State string

// The states of a payment in the book.
const (
	Authorised State = "authorised"
	Declined   State = "declined"
	Captured   State = "captured"
	Voided     State = "voided"
)

// edges lists the allowed transitions. The empty state is an unknown payment.
var edges = map[State][]State{
	"":         {Authorised, Declined, Voided},
	Authorised: {Captured, Voided},
}

// Line is one line of the book.
type Line struct {
	Payment  string `json:"payment"`
	Booking  string `json:"booking,omitempty"`
	Amount   int64  `json:"amount,omitempty"` // minor units
	Currency string `json:"currency,omitempty"`
	State    State  `json:"state"`
}

// Entry is the current state of one payment.
type Entry struct {
	Line         // the line of the authorisation, with the current state
	Captures int // how often it was captured
}

// Book is an open book. Lines of concurrent requests are written and synced
// together.
type Book struct {
	file  *os.File
	queue chan request
	done  chan struct{}

	// Used by the writing goroutine only.
	read    int64 // bytes of the file that were applied
	entries map[string]Entry
}

type request struct {
	line   Line
	result chan result
}

type result struct {
	state State
	err   error
}

const fileName = "book.jsonl"

// OpenBook opens the book in a directory. It creates the book if there is none.
func OpenBook(dir string) (*Book, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, err
	}
	file, err := os.OpenFile(filepath.Join(dir, fileName), os.O_CREATE|os.O_RDWR|os.O_APPEND, 0o600)
	if err != nil {
		return nil, err
	}
	b := &Book{file: file, queue: make(chan request, 1024), done: make(chan struct{}), entries: map[string]Entry{}}
	go b.run()
	return b, nil
}

// Close waits until the lines that are being written are durable. The book must
// not be used after it.
func (b *Book) Close() {
	close(b.queue)
	<-b.done
	_ = b.file.Close()
}

// ReadBook reads the book in a directory: an entry for each payment. It returns no
// entries if there is no book.
func ReadBook(dir string) (map[string]Entry, error) {
	content, err := os.ReadFile(filepath.Join(dir, fileName))
	if errors.Is(err, os.ErrNotExist) {
		return map[string]Entry{}, nil
	}
	if err != nil {
		return nil, err
	}
	entries := map[string]Entry{}
	apply(entries, content)
	return entries, nil
}

// write appends a line and returns the state of its payment afterwards: the state
// of the line, or another one that was reached before and does not allow it.
func (b *Book) write(l Line) (State, error) {
	r := request{l, make(chan result, 1)}
	b.queue <- r
	got := <-r.result
	return got.state, got.err
}

func (b *Book) run() {
	defer close(b.done)
	for first := range b.queue {
		group := []request{first}
		for more := true; more; {
			select {
			case r, open := <-b.queue:
				if more = open; open {
					group = append(group, r)
				}
			default:
				more = false
			}
		}
		states, err := b.writeGroup(group)
		for i, r := range group {
			if err != nil {
				r.result <- result{err: fmt.Errorf("write the gateway's book: %w", err)}
				continue
			}
			r.result <- result{state: states[i]}
		}
	}
}

// writeGroup appends lines and reads which of them took effect. The order of the
// lines in the file decides, as the order of records in a journal does. The file is
// not locked: a server that is frozen would keep the lock.
func (b *Book) writeGroup(group []request) ([]State, error) {
	// The group starts on a new line, so that a line which a crash cut off stays
	// separate.
	out := bytes.NewBufferString("\n")
	for _, r := range group {
		encoded, err := json.Marshal(r.line)
		if err != nil {
			return nil, err
		}
		out.Write(append(encoded, '\n'))
	}
	if _, err := b.file.Write(out.Bytes()); err != nil {
		return nil, err
	}
	if err := b.file.Sync(); err != nil {
		return nil, err
	}
	tail, err := io.ReadAll(io.NewSectionReader(b.file, b.read, 1<<62))
	if err != nil {
		return nil, err
	}
	b.read += int64(apply(b.entries, tail))
	states := make([]State, len(group))
	for i, r := range group {
		states[i] = b.entries[r.line.Payment].State
	}
	return states, nil
}

// apply applies all complete lines and returns their length in bytes. It skips a
// line that no transition allows: it came too late. It skips a line that it cannot
// parse: a crash cut it off.
func apply(entries map[string]Entry, content []byte) int {
	n := 0
	for {
		end := bytes.IndexByte(content[n:], '\n')
		if end < 0 {
			return n
		}
		var l Line
		if json.Unmarshal(content[n:n+end], &l) == nil {
			if e, ok := entries[l.Payment].take(l); ok {
				entries[l.Payment] = e
			}
		}
		n += end + 1
	}
}

// take applies a line. It reports false if no transition allows it.
func (e Entry) take(l Line) (Entry, bool) {
	for _, next := range edges[e.State] {
		if next != l.State {
			continue
		}
		if e.State == "" {
			e.Line = l
		}
		e.State = l.State
		if l.State == Captured {
			e.Captures++
		}
		return e, true
	}
	return e, false
}
