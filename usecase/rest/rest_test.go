package rest_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"go.uber.org/mock/gomock"

	"github.com/onsale-tickets/onsale/domain"
	"github.com/onsale-tickets/onsale/port"
	"github.com/onsale-tickets/onsale/port/portmock"
	"github.com/onsale-tickets/onsale/usecase/rest"
)

const quiet = 10 * time.Minute

var (
	errDown = errors.New("no connection")
	anyArg  = gomock.Any()
)

func input(p domain.Partition) port.Input { return port.Input{Event: 7, Partition: p, TopicID: "t"} }

func TestRest(t *testing.T) {
	ends := map[port.Input]int64{input(0): 3, input(1): 4}
	for name, c := range map[string]struct {
		expect func(*portmock.MockRests, *portmock.MockInputEnds, *portmock.MockWork)
		err    error
	}{
		"rests when nothing is left to do or to read": {expect: func(r *portmock.MockRests, i *portmock.MockInputEnds, w *portmock.MockWork) {
			first := w.EXPECT().Idle(anyArg, domain.EventID(7)).Return(true, nil)
			asked := i.EXPECT().InputEnds(anyArg, domain.EventID(7)).Return(ends, nil).After(first)
			read := w.EXPECT().Positions(anyArg, gomock.Len(2)).Return(map[port.Input]int64{input(0): 3, input(1): 4}, nil).After(asked)
			again := w.EXPECT().Idle(anyArg, domain.EventID(7)).Return(true, nil).After(read)
			r.EXPECT().Rest(anyArg, domain.EventID(7), int64(12), int64(7)).After(again)
		}},
		"asks no broker while something is left to do": {expect: func(_ *portmock.MockRests, _ *portmock.MockInputEnds, w *portmock.MockWork) {
			w.EXPECT().Idle(anyArg, anyArg).Return(false, nil)
		}},
		"does not rest while something is unread": {expect: func(_ *portmock.MockRests, i *portmock.MockInputEnds, w *portmock.MockWork) {
			w.EXPECT().Idle(anyArg, anyArg).Return(true, nil)
			i.EXPECT().InputEnds(anyArg, anyArg).Return(ends, nil)
			w.EXPECT().Positions(anyArg, anyArg).Return(map[port.Input]int64{input(0): 3, input(1): 3}, nil)
		}},
		"does not rest when reading has given it something to do": {expect: func(_ *portmock.MockRests, i *portmock.MockInputEnds, w *portmock.MockWork) {
			w.EXPECT().Idle(anyArg, anyArg).Return(true, nil)
			i.EXPECT().InputEnds(anyArg, anyArg).Return(ends, nil)
			w.EXPECT().Positions(anyArg, anyArg).Return(ends, nil)
			w.EXPECT().Idle(anyArg, anyArg).Return(false, nil)
		}},
		"does not rest when the ends cannot be had": {err: errDown, expect: func(_ *portmock.MockRests, i *portmock.MockInputEnds, w *portmock.MockWork) {
			w.EXPECT().Idle(anyArg, anyArg).Return(true, nil)
			i.EXPECT().InputEnds(anyArg, anyArg).Return(nil, errDown)
		}},
		"does not rest when the positions cannot be had": {err: errDown, expect: func(_ *portmock.MockRests, i *portmock.MockInputEnds, w *portmock.MockWork) {
			w.EXPECT().Idle(anyArg, anyArg).Return(true, nil)
			i.EXPECT().InputEnds(anyArg, anyArg).Return(ends, nil)
			w.EXPECT().Positions(anyArg, anyArg).Return(nil, errDown)
		}},
		"tells that its rest was not written": {err: errDown, expect: func(r *portmock.MockRests, i *portmock.MockInputEnds, w *portmock.MockWork) {
			w.EXPECT().Idle(anyArg, anyArg).Return(true, nil).Times(2)
			i.EXPECT().InputEnds(anyArg, anyArg).Return(ends, nil)
			w.EXPECT().Positions(anyArg, anyArg).Return(ends, nil)
			r.EXPECT().Rest(anyArg, anyArg, anyArg, anyArg).Return(errDown)
		}},
	} {
		t.Run(name, func(t *testing.T) {
			control := gomock.NewController(t)
			r, i, w := portmock.NewMockRests(control), portmock.NewMockInputEnds(control), portmock.NewMockWork(control)
			r.EXPECT().Tired(quiet).Return([]domain.EventID{7}, int64(12))
			c.expect(r, i, w)
			if err := rest.New(r, i, w, quiet).Handle(t.Context()); !errors.Is(err, c.err) {
				t.Error(err)
			}
		})
	}
}

func TestAnEventThatCannotBeLookedAtStopsNoOther(t *testing.T) {
	control := gomock.NewController(t)
	r, i, w := portmock.NewMockRests(control), portmock.NewMockInputEnds(control), portmock.NewMockWork(control)
	r.EXPECT().Tired(quiet).Return([]domain.EventID{7, 8}, int64(12))
	w.EXPECT().Idle(anyArg, domain.EventID(7)).Return(false, errDown)
	w.EXPECT().Idle(anyArg, domain.EventID(8)).Return(true, nil).Times(2)
	i.EXPECT().InputEnds(anyArg, domain.EventID(8))
	w.EXPECT().Positions(anyArg, anyArg)
	r.EXPECT().Rest(anyArg, domain.EventID(8), int64(12), int64(0))
	if err := rest.New(r, i, w, quiet).Handle(t.Context()); !errors.Is(err, errDown) || !strings.Contains(err.Error(), "event 7") {
		t.Error(err)
	}
}
