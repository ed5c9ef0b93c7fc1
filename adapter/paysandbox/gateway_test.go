package paysandbox_test

import (
	"context"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/onsale-tickets/onsale/adapter/paysandbox"
	"github.com/onsale-tickets/onsale/domain"
	"github.com/onsale-tickets/onsale/domain/booking"
)

func open(t *testing.T, dir string) *paysandbox.Gateway {
	t.Helper()
	b, err := paysandbox.OpenBook(dir)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(b.Close)
	return paysandbox.New(b)
}

func payment(n byte) booking.Payment {
	return booking.Payment{ID: booking.PaymentID{15: n}, BookingID: domain.BookingID{14: n}, Amount: domain.Money{Amount: 400, Currency: "EUR"}}
}

func declined(err error) bool {
	r, ok := domain.AsRefusal(err)
	return ok && r.Kind == domain.Declined
}

var ok, bad = booking.Card{Number: paysandbox.CardOK}, booking.Card{Number: paysandbox.CardDeclined}

func TestGateway(t *testing.T) {
	dir := t.TempDir()
	g := open(t, dir)
	ctx := t.Context()
	state := func(n byte) paysandbox.Entry {
		t.Helper()
		book, err := paysandbox.ReadBook(dir)
		if err != nil {
			t.Fatal(err)
		}
		return book[payment(n).ID.String()]
	}

	t.Run("authorises and captures, once however often it is asked", func(t *testing.T) {
		for range 2 {
			if err := g.Authorise(ctx, payment(1), ok); err != nil {
				t.Fatal(err)
			}
		}
		for range 2 {
			if err := g.Capture(ctx, payment(1).ID); err != nil {
				t.Fatal(err)
			}
		}
		if e := state(1); e.State != paysandbox.Captured || e.Captures != 1 || e.Amount != 400 {
			t.Errorf("%+v", e)
		}
		if g.Void(ctx, payment(1).ID) == nil {
			t.Error("what was captured was voided")
		}
	})
	t.Run("declines", func(t *testing.T) {
		if err := g.Authorise(ctx, payment(2), bad); !declined(err) {
			t.Errorf("%v", err)
		}
		if g.Capture(ctx, payment(2).ID) == nil {
			t.Error("captured")
		}
		if err := g.Void(ctx, payment(2).ID); err != nil {
			t.Errorf("the void of what was declined: %v", err)
		}
	})
	t.Run("charges a card that never answers, until it is voided", func(t *testing.T) {
		short, cancel := context.WithTimeout(ctx, 20*time.Millisecond)
		defer cancel()
		if err := g.Authorise(short, payment(3), booking.Card{Token: paysandbox.TokenTimeout}); err == nil || declined(err) {
			t.Errorf("%v", err)
		}
		if e := state(3); e.State != paysandbox.Authorised {
			t.Errorf("%+v", e)
		}
		if err := g.Void(ctx, payment(3).ID); err != nil || state(3).State != paysandbox.Voided {
			t.Errorf("%v %+v", err, state(3))
		}
	})
	t.Run("keeps the void of an unknown payment", func(t *testing.T) {
		other := open(t, dir) // another server's
		if err := other.Void(ctx, payment(4).ID); err != nil {
			t.Fatal(err)
		}
		if err := g.Authorise(ctx, payment(4), ok); !declined(err) {
			t.Errorf("%v", err)
		}
	})
	t.Run("lets the first of two contradicting calls win, on any server", func(t *testing.T) {
		other := open(t, dir)
		for n := byte(100); n < 150; n++ {
			var all sync.WaitGroup
			var authorised, voided error
			all.Go(func() { authorised = g.Authorise(ctx, payment(n), ok) })
			all.Go(func() { voided = other.Void(ctx, payment(n).ID) })
			all.Wait()
			if voided != nil || state(n).State != paysandbox.Voided {
				t.Errorf("the void: %v, %+v", voided, state(n))
			}
			if authorised == nil && g.Capture(ctx, payment(n).ID) == nil {
				t.Error("captured what was voided")
			}
		}
	})
	t.Run("lets two servers write one book", func(t *testing.T) {
		other := open(t, dir)
		var all sync.WaitGroup
		for n := byte(10); n < 60; n++ {
			for _, server := range []*paysandbox.Gateway{g, other} {
				all.Go(func() {
					if err := server.Authorise(ctx, payment(n), ok); err != nil {
						t.Error(err)
					}
				})
			}
		}
		all.Wait()
		if state(59).State != paysandbox.Authorised {
			t.Error("a line is missing")
		}
	})
	t.Run("skips a line that a crash cut off", func(t *testing.T) {
		f, err := os.OpenFile(filepath.Join(dir, "book.jsonl"), os.O_APPEND|os.O_WRONLY, 0)
		if err != nil {
			t.Fatal(err)
		}
		defer f.Close()
		if _, err := f.WriteString(`{"payment": "x", "sta`); err != nil {
			t.Fatal(err)
		}
		if err := open(t, dir).Authorise(ctx, payment(70), ok); err != nil {
			t.Fatal(err)
		}
		if state(70).State != paysandbox.Authorised {
			t.Error("the book cannot be read")
		}
	})
}
