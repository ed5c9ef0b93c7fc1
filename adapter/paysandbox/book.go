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
	file, err := os.OpenFile(filepath.Join(dir, fileName), os.O_CREATE|os.O_RDWR|os.O_APPEND, 0o600)
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
	apply(entries, content)
	return entries, nil
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

// writeGroup appends what is asked for, and reads what it has come to: the order
// of the lines in the file decides, as the order of records does in a journal.
// Nobody holds the file for himself: a server that was frozen would keep it.
func (b *Book) writeGroup(group []request) ([]State, error) {
	// A line of its own begins the group: what a crash cut off before it stays no
	// line.
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

// apply takes whole lines and answers how many bytes they are. A line that no
// edge leads to came too late; one that cannot be read was cut off by a crash.
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
