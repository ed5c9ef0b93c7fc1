package offsets_test

import (
	"context"
	"errors"
	"testing"

	"go.uber.org/mock/gomock"

	"github.com/onsale-tickets/onsale/domain"
	"github.com/onsale-tickets/onsale/domain/message"
	"github.com/onsale-tickets/onsale/port"
	"github.com/onsale-tickets/onsale/port/portmock"
	"github.com/onsale-tickets/onsale/usecase/offsets"
)

const show = domain.EventID(7)

func input(p domain.Partition) port.Input {
	return port.Input{Event: show, Action: message.BookingToPendingPayment, Partition: p, TopicID: "t"}
}

func delivery(p domain.Partition, offset int64) port.Delivery {
	return port.Delivery{Input: input(p), Offset: offset}
}

// assigned is a tracker with two inputs. The store is at offset 3 in both, and there
// are records up to the ends.
func assigned(t *testing.T, ends map[port.Input]int64) *offsets.Tracker {
	t.Helper()
	tracker := offsets.NewTracker(func(context.Context, []port.Input) (map[port.Input]int64, error) {
		return map[port.Input]int64{input(0): 3, input(1): 3}, nil
	})
	if _, err := tracker.Assigned(t.Context(), show, ends); err != nil {
		t.Fatal(err)
	}
	return tracker
}

func TestCaughtUp(t *testing.T) {
	if offsets.NewTracker(nil).CaughtUp() {
		t.Error("before anything was assigned")
	}
	tracker := assigned(t, map[port.Input]int64{input(0): 3, input(1): 5})
	for offset := int64(3); offset < 5; offset++ {
		if tracker.CaughtUp() {
			t.Errorf("at offset %d of 5", offset)
		}
		moves, _, err := tracker.Progress([]port.Delivery{delivery(1, offset)})
		if err != nil {
			t.Fatal(err)
		}
		tracker.Applied(moves)
	}
	if !tracker.CaughtUp() {
		t.Error("not at the end")
	}
	behind := assigned(t, map[port.Input]int64{input(0): 3, input(1): 5})
	behind.Revoked(show, []port.Input{input(1)})
	if !behind.CaughtUp() {
		t.Error("waits for an input that was revoked")
	}
}

func TestProgress(t *testing.T) {
	tracker := assigned(t, map[port.Input]int64{input(0): 9, input(1): 9})

	moves, fresh, err := tracker.Progress([]port.Delivery{delivery(0, 2), delivery(0, 3), delivery(1, 3), delivery(0, 4)})

	if err != nil || len(fresh) != 3 || len(moves) != 2 || moves[0] != (port.Progress{Input: input(0), From: 3, To: 5}) || moves[1] != (port.Progress{Input: input(1), From: 3, To: 4}) {
		t.Errorf("%+v %+v %v", moves, fresh, err)
	}
	if _, _, err := tracker.Progress([]port.Delivery{delivery(0, 4)}); err == nil {
		t.Error("what was not stored counts as applied")
	}
}

func TestBuryPoison(t *testing.T) {
	letters := portmock.NewMockDeadLetters(gomock.NewController(t))
	batch := []port.Delivery{delivery(0, 3), {Input: input(0), Offset: 4, Poison: errors.New("no JSON"), Raw: []byte("{")}, delivery(0, 5)}
	letter := port.DeadLetter{Input: input(0), Offset: 4, Reason: "no JSON", Raw: []byte("{")}

	letters.EXPECT().Bury(gomock.Any(), letter)
	if messages, err := offsets.BuryPoison(t.Context(), letters, batch); err != nil || len(messages) != 2 || messages[1].Offset != 5 {
		t.Errorf("%+v %v", messages, err)
	}

	down := errors.New("no broker")
	letters.EXPECT().Bury(gomock.Any(), letter).Return(down)
	if messages, err := offsets.BuryPoison(t.Context(), letters, batch); !errors.Is(err, down) || messages != nil {
		t.Errorf("%+v %v", messages, err)
	}
}
