package offsets_test

import (
	"context"
	"errors"
	"reflect"
	"testing"

	"go.uber.org/mock/gomock"

	"github.com/onsale-tickets/onsale/domain/message"
	"github.com/onsale-tickets/onsale/port"
	"github.com/onsale-tickets/onsale/port/portmock"
	"github.com/onsale-tickets/onsale/usecase/offsets"
)

var (
	errDown = errors.New("no connection")
	one     = port.Input{Event: 7, Action: message.BookingToFailed, Partition: 7, TopicID: "t"}
	two     = port.Input{Event: 7, Action: message.BookingToPendingPayment, Partition: 7, TopicID: "u"}
)

func at(input port.Input, offset int64) port.Delivery {
	return port.Delivery{Input: input, Offset: offset}
}

// tracker has inputs that begin at 0 and end at 2.
func tracker(t *testing.T) *offsets.Tracker {
	t.Helper()
	c := portmock.NewMockBookingInputs(gomock.NewController(t))
	c.EXPECT().Positions(gomock.Any(), gomock.Len(2)).Return(map[port.Input]int64{one: 0, two: 0}, nil)
	tr := offsets.NewTracker(c.Positions)
	if _, err := tr.Assigned(t.Context(), 7, map[port.Input]int64{one: 2, two: 2}); err != nil {
		t.Fatal(err)
	}
	return tr
}

// steps records what is applied.
type steps struct {
	moves  [][]port.Progress
	buried []int64
	apply  func(moves []port.Progress, messages []port.Delivery) error
	bury   error
}

func (s *steps) of(t *offsets.Tracker, batch ...port.Delivery) error {
	return t.Steps(context.Background(), batch, func(_ context.Context, batch []port.Delivery) (rest []port.Delivery, err error) {
		for _, d := range batch {
			if d.Poison == nil {
				rest = append(rest, d)
				continue
			}
			if s.bury != nil {
				return nil, s.bury
			}
			s.buried = append(s.buried, d.Offset)
		}
		return rest, nil
	}, func(_ context.Context, moves []port.Progress, messages []port.Delivery) error {
		if s.apply != nil {
			if err := s.apply(moves, messages); err != nil {
				return err
			}
		}
		s.moves = append(s.moves, moves)
		return nil
	})
}

// refuses fails with err when a message of one at an offset is to be stored.
func refuses(offset int64, err error) func([]port.Progress, []port.Delivery) error {
	return func(_ []port.Progress, messages []port.Delivery) error {
		for _, d := range messages {
			if d.Input == one && d.Offset == offset {
				return err
			}
		}
		return nil
	}
}

func TestSteps(t *testing.T) {
	t.Run("make one step of a batch", func(t *testing.T) {
		tr, s := tracker(t), &steps{}
		if err := s.of(tr, at(one, 0), at(two, 0), at(one, 1)); err != nil {
			t.Fatal(err)
		}
		want := [][]port.Progress{{{Input: one, From: 0, To: 2}, {Input: two, From: 0, To: 1}}}
		if !reflect.DeepEqual(s.moves, want) || tr.CaughtUp() {
			t.Errorf("%+v, caught up %v", s.moves, tr.CaughtUp())
		}
		if err := s.of(tr, at(one, 1), at(two, 1)); err != nil || !tr.CaughtUp() || len(s.moves[1]) != 2 || s.moves[1][0].To != 2 {
			t.Errorf("%v %+v, caught up %v", err, s.moves, tr.CaughtUp())
		}
	})
	t.Run("apply nothing of a batch with a gap, or of an input that was revoked", func(t *testing.T) {
		tr, s := tracker(t), &steps{}
		if err := s.of(tr, at(one, 1)); err == nil || len(s.moves) != 0 {
			t.Errorf("%v %+v", err, s.moves)
		}
		tr.Revoked(7, []port.Input{one})
		if err := s.of(tr, at(one, 0)); err == nil || len(s.moves) != 0 {
			t.Errorf("%v %+v", err, s.moves)
		}
	})
	t.Run("bury the record with a bad value, and move each record by itself", func(t *testing.T) {
		tr, s := tracker(t), &steps{apply: refuses(1, port.ErrBadValue)}
		poison := at(two, 0)
		poison.Poison = errors.New("no JSON")
		if err := s.of(tr, at(one, 0), poison, at(one, 1), at(two, 1)); err != nil {
			t.Fatal(err)
		}
		want := [][]port.Progress{{{Input: one, From: 0, To: 1}}, {{Input: two, From: 0, To: 1}}, {{Input: one, From: 1, To: 2}}, {{Input: two, From: 1, To: 2}}}
		if !reflect.DeepEqual(s.moves, want) || !reflect.DeepEqual(s.buried, []int64{0, 1}) || !tr.CaughtUp() {
			t.Errorf("moves %+v, buried %v", s.moves, s.buried)
		}
	})
	t.Run("never bury for an error that may pass", func(t *testing.T) {
		tr, s := tracker(t), &steps{apply: refuses(0, errDown)}
		if err := s.of(tr, at(one, 0)); !errors.Is(err, errDown) || len(s.buried) != 0 || len(s.moves) != 0 {
			t.Errorf("%v, buried %v, moves %+v", err, s.buried, s.moves)
		}
	})
	t.Run("go on behind what was stored when the database goes away between records", func(t *testing.T) {
		tr := tracker(t)
		calls := 0
		s := &steps{apply: func(moves []port.Progress, messages []port.Delivery) error {
			if calls++; calls == 1 {
				return port.ErrBadValue // the batch
			}
			return refuses(1, errDown)(moves, messages)
		}}
		if err := s.of(tr, at(one, 0), at(one, 1)); !errors.Is(err, errDown) {
			t.Fatal(err)
		}
		s.apply = nil
		if err := s.of(tr, at(one, 1)); err != nil || s.moves[1][0] != (port.Progress{Input: one, From: 1, To: 2}) {
			t.Errorf("%v %+v", err, s.moves)
		}
	})
	t.Run("do not pass over a bad value that could not be buried", func(t *testing.T) {
		tr, s := tracker(t), &steps{apply: refuses(0, port.ErrBadValue), bury: errDown}
		if err := s.of(tr, at(one, 0)); !errors.Is(err, errDown) || len(s.moves) != 0 {
			t.Errorf("%v %+v", err, s.moves)
		}
	})
}

func TestAssignedPassesTheStoresErrorOn(t *testing.T) {
	c := portmock.NewMockBookingInputs(gomock.NewController(t))
	c.EXPECT().Positions(gomock.Any(), []port.Input{one}).Return(nil, errDown)
	tr := offsets.NewTracker(c.Positions)
	if _, err := tr.Assigned(t.Context(), 7, map[port.Input]int64{one: 0}); !errors.Is(err, errDown) || tr.CaughtUp() {
		t.Errorf("%v, caught up %v", err, tr.CaughtUp())
	}
}

func TestBuryPoisonEndsAtTheFirstFailure(t *testing.T) {
	letters := portmock.NewMockDeadLetters(gomock.NewController(t))
	letters.EXPECT().Bury(gomock.Any(), gomock.Any()).Return(errDown)
	bad := at(one, 0)
	bad.Poison = errors.New("no JSON")
	if rest, err := offsets.BuryPoison(t.Context(), letters, []port.Delivery{at(two, 0), bad, bad}); !errors.Is(err, errDown) || rest != nil {
		t.Errorf("%v %v", rest, err)
	}
}
