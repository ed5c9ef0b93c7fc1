package booking

import (
	"testing"
	"time"

	"github.com/onsale-tickets/onsale/adapter/memory"
	store "github.com/onsale-tickets/onsale/adapter/pgstore/booking"
	"github.com/onsale-tickets/onsale/adapter/supervisor/teststores"
	"github.com/onsale-tickets/onsale/domain"
	rules "github.com/onsale-tickets/onsale/domain/booking"
	"github.com/onsale-tickets/onsale/domain/message"
	"github.com/onsale-tickets/onsale/port"
	usecase "github.com/onsale-tickets/onsale/usecase/booking"
)

// PostgreSQL refuses U+0000 in text (SQLSTATE 22021), however often it is tried.
// The record becomes a dead letter, and the other answers are applied.
func TestF19_TextThatPostgresRefuses(t *testing.T) {
	s, err := store.Open(t.Context(), teststores.Postgres(t))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Close)
	id := func(n byte) domain.BookingID { return domain.BookingID{15: n} }
	for n := range byte(3) {
		b := rules.Booking{ID: id(n), EventID: 7, BuyerID: 42, Section: "A", Mode: message.BestAvailable, Quantity: 1,
			UnitPrice: domain.Money{Amount: 100, Currency: "EUR"}, Status: rules.Processing, CreatedAt: time.Now(), Revision: 1}
		if _, err := s.Accept(t.Context(), b, port.IdempotencyKey{}); err != nil {
			t.Fatal(err)
		}
	}
	letters := &memory.DeadLetters{}
	answers := usecase.NewAnswers(s, letters, &memory.Feed{}, time.Minute)
	input := port.Input{Event: 7, Action: message.BookingToFailed, Partition: 7, Cluster: "c", TopicID: "t"}
	if _, err := answers.Assigned(t.Context(), 7, map[port.Input]int64{input: 3}); err != nil {
		t.Fatal(err)
	}
	var batch []port.Delivery
	for n, reason := range []string{"sold_out", "sold\x00out", "sold_out"} {
		batch = append(batch, port.Delivery{Input: input, Offset: int64(n), Raw: []byte(reason), Envelope: message.Envelope{Body: message.BookingUpdatedToFailed{
			EventID: 7, BookingID: id(byte(n)), Section: "A", Reason: reason}}})
	}

	if err := answers.Deliver(t.Context(), 7, batch); err != nil {
		t.Fatal(err)
	}

	for n, want := range []rules.Status{rules.Failed, rules.Processing, rules.Failed} {
		if b, err := s.Booking(t.Context(), id(byte(n))); err != nil || b.Status != want {
			t.Errorf("booking %d is %s, want %s (%v)", n, b.Status, want, err)
		}
	}
	if buried := letters.Buried(); len(buried) != 1 || string(buried[0].Raw) != "sold\x00out" {
		t.Errorf("buried %+v", buried)
	}
	if at, err := s.Positions(t.Context(), []port.Input{input}); err != nil || at[input] != 3 {
		t.Errorf("goes on at %v (%v)", at, err)
	}
}
