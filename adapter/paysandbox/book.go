package paysandbox

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"syscall"
)

// State is what the book says about a payment.
type State string

// The states of a payment in the book.
const (
	Authorised State = "authorised"
	Declined   State = "declined"
	Captured   State = "captured"
	Voided     State = "voided"
)

// edges are what may follow what; the empty state is a payment not heard of.
var edges = map[State][]State{
	"":         {Authorised, Declined, Voided},
	Authorised: {Captured, Voided},
}

// Line is a line of the book.
type Line struct {
	Payment  string `json:"payment"`
	Booking  string `json:"booking,omitempty"`
	Amount   int64  `json:"amount,omitempty"` // minor units
	Currency string `json:"currency,omitempty"`
	State    State  `json:"state"`
}

// Entry is what the book says about one payment.
type Entry struct {
	Line         // of the authorisation, with the state now
	Captures int // how often it was captured
}

// Book is an open book. Lines of requests that come together are made durable
// together.
type Book struct {
	file  *os.File
	queue chan request
	done  chan struct{}

	// Of the writing goroutine.
	read    int64 // bytes of the file that are known
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

// OpenBook opens the book of a directory, and begins it if there is none.
func OpenBook(dir string) (*Book, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, err
	}
	file, err := os.OpenFile(filepath.Join(dir, fileName), os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, err
	}
	b := &Book{file: file, queue: make(chan request, 1024), done: make(chan struct{}), entries: map[string]Entry{}}
	go b.run()
	return b, nil
}

// Close waits for what is being written. No call may begin after it.
func (b *Book) Close() {
	close(b.queue)
	<-b.done
	_ = b.file.Close()
}

// ReadBook is what the book of a directory says, by payment. A book that was
// never begun says nothing.
func ReadBook(dir string) (map[string]Entry, error) {
	content, err := os.ReadFile(filepath.Join(dir, fileName))
	if errors.Is(err, os.ErrNotExist) {
		return map[string]Entry{}, nil
	}
	if err != nil {
		return nil, err
	}
	entries := map[string]Entry{}
	_, err = apply(entries, content)
	return entries, err
}

// write asks for a line and answers the state of its payment afterwards: the
// one asked for, or the one that stands in its way.
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
				r.result <- result{err: fmt.Errorf("the gateway's book: %w", err)}
				continue
			}
			r.result <- result{state: states[i]}
		}
	}
}

// writeGroup holds the file for itself while it reads what others wrote and
// appends its own lines.
func (b *Book) writeGroup(group []request) ([]State, error) {
	if err := syscall.Flock(int(b.file.Fd()), syscall.LOCK_EX); err != nil {
		return nil, err
	}
	defer syscall.Flock(int(b.file.Fd()), syscall.LOCK_UN)
	if err := b.catchUp(); err != nil {
		return nil, err
	}
	var out bytes.Buffer
	states := make([]State, len(group))
	for i, r := range group {
		e := b.entries[r.line.Payment]
		if next, ok := e.take(r.line); ok {
			b.entries[r.line.Payment] = next
			encoded, err := json.Marshal(r.line)
			if err != nil {
				return nil, err
			}
			out.Write(append(encoded, '\n'))
		}
		states[i] = b.entries[r.line.Payment].State
	}
	if out.Len() == 0 {
		return states, nil
	}
	if err := b.append(out.Bytes()); err != nil {
		// What was written of it is unknown: read the book again.
		b.read, b.entries = 0, map[string]Entry{}
		return nil, err
	}
	return states, nil
}

func (b *Book) append(lines []byte) error {
	if _, err := b.file.WriteAt(lines, b.read); err != nil {
		return err
	}
	if err := b.file.Sync(); err != nil {
		return err
	}
	b.read += int64(len(lines))
	return nil
}

// catchUp reads what was appended since. A line that a crash cut off is no line
// and is written over.
func (b *Book) catchUp() error {
	tail, err := io.ReadAll(io.NewSectionReader(b.file, b.read, 1<<62))
	if err != nil {
		return err
	}
	n, err := apply(b.entries, tail)
	b.read += int64(n)
	if err == nil && n < len(tail) {
		err = b.file.Truncate(b.read)
	}
	return err
}

// apply takes whole lines and answers how many bytes they are.
func apply(entries map[string]Entry, content []byte) (int, error) {
	n := 0
	for {
		end := bytes.IndexByte(content[n:], '\n')
		if end < 0 {
			return n, nil
		}
		var l Line
		if err := json.Unmarshal(content[n:n+end], &l); err != nil {
			return n, fmt.Errorf("line at byte %d: %w", n, err)
		}
		e, ok := entries[l.Payment].take(l)
		if !ok {
			return n, fmt.Errorf("line at byte %d: payment %s is %s and cannot be %s", n, l.Payment, entries[l.Payment].State, l.State)
		}
		entries[l.Payment] = e
		n += end + 1
	}
}

// take follows an edge; false if there is none.
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
