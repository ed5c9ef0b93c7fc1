package reservation_test

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"
	"testing"
	"time"

	"github.com/onsale-tickets/onsale/domain/journal"
	"github.com/onsale-tickets/onsale/domain/message"
	"github.com/onsale-tickets/onsale/domain/owner"
	"github.com/onsale-tickets/onsale/port"
)

// poison delivers a request of which only the booking can be read. 0: not even that.
func (w *world) poison(t *testing.T, n *node, of int, why error) {
	t.Helper()
	d := port.Delivery{Input: input(message.TicketReserving, 0), Poison: why}
	if of > 0 {
		d.Booking, d.Section = booking(of), stalls
	}
	w.topics.put(d)
	n.reserve()
	if !n.joined() {
		t.Fatal("the membership is lost")
	}
}

// rejected returns all CommandRejected records of the journal.
func (w *world) rejected() (records []journal.Record) {
	_ = w.journal.Range(context.Background(), show, 0, 0, w.journal.End(show, 0), func(e journal.Entry) {
		if e.Record.Kind == journal.CommandRejected {
			records = append(records, e.Record)
		}
	})
	return records
}

func TestF19_Poison(t *testing.T) {
	unreadable := errors.New("data version 2 is not known")
	t.Run("fails its booking, for good", func(t *testing.T) {
		owned(t, 1, func(t *testing.T, w *world, n *node) {
			w.poison(t, n, 1, unreadable)
			n.readAll()
			w.ask(1, 2) // the row is sent again
			n.reserve()
			n.readAll()

			if o, found := n.outcome(t, 1); !found || o.Reason != owner.NotProcessable || o.Section != stalls || len(o.Seats) > 0 {
				t.Errorf("outcome %+v", o)
			}
			told := n.answers(1)
			if len(told) != 1 {
				t.Errorf("told %v", told)
			}
			for id, times := range told {
				if id != fmt.Sprintf("BookingUpdatedToFailed-1-0-%d", w.journal.End(show, 0)-1) || times != 2 {
					t.Errorf("%s was told %d times", id, times)
				}
			}
		})
	})
	for name, read := range map[string]int{"that is decided": 100, "that is decided and not read back": 0} {
		t.Run("does not fail a booking "+name, func(t *testing.T) {
			owned(t, 1, func(t *testing.T, w *world, n *node) {
				w.ask(1, 2)
				n.reserve()
				n.read(0, read)
				w.poison(t, n, 1, unreadable)
				n.readAll()

				if o, found := n.outcome(t, 1); !found || len(o.Seats) != 2 {
					t.Errorf("outcome %+v", o)
				}
				if r := w.rejected(); len(r) != 1 || !r[0].BookingID.IsZero() {
					t.Errorf("rejected %+v", r)
				}
				if letters := n.letters.Buried(); len(letters) != 1 || letters[0].Reason != "not_readable: data version 2 is not known" {
					t.Errorf("buried %+v", letters)
				}
				w.sound(t)
			})
		})
	}
	t.Run("F30: on a foreign partition fails nobody", func(t *testing.T) {
		owned(t, 1, func(t *testing.T, w *world, n *node) {
			w.poison(t, n, 1, fmt.Errorf("%w: key", port.ErrForeignPartition))
			n.readAll()
			if _, found := n.outcome(t, 1); found || len(n.letters.Buried()) != 1 {
				t.Errorf("it has an outcome; buried %+v", n.letters.Buried())
			}
		})
	})
	t.Run("is buried later, if it cannot be buried now", func(t *testing.T) {
		owned(t, 1, func(t *testing.T, w *world, n *node) {
			var down atomic.Bool
			down.Store(true)
			n.letters.Fault = func(port.DeadLetter) error {
				if down.Load() {
					return errors.New("the broker is down")
				}
				return nil
			}
			w.poison(t, n, 0, unreadable)
			w.poison(t, n, 0, unreadable)
			n.readAll()
			pass(time.Second)
			if len(n.letters.Buried()) != 0 {
				t.Fatal("this is not the moment that is meant")
			}
			down.Store(false)
			pass(time.Second)
			letters := n.letters.Buried()
			if len(letters) != 2 || letters[0].Offset != 0 || letters[1].Offset != 1 {
				t.Errorf("buried %+v", letters)
			}
		})
	})
	t.Run("without a booking is a dead letter only, and the section goes on", func(t *testing.T) {
		owned(t, 1, func(t *testing.T, w *world, n *node) {
			w.poison(t, n, 0, unreadable)
			w.ask(1, 2)
			n.reserve()
			n.readAll()
			if o, _ := n.outcome(t, 1); len(o.Seats) != 2 || len(n.letters.Buried()) != 1 {
				t.Errorf("outcome %+v, buried %+v", o, n.letters.Buried())
			}
			w.sound(t)
		})
	})
}
