package reservation_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"time"

	"github.com/onsale-tickets/onsale/adapter/memory"
	"github.com/onsale-tickets/onsale/domain"
	rules "github.com/onsale-tickets/onsale/domain/booking"
	"github.com/onsale-tickets/onsale/domain/message"
	"github.com/onsale-tickets/onsale/port"
	bookings "github.com/onsale-tickets/onsale/usecase/booking"
)

// Sizes of a run.
const (
	moves   = 1500
	wishes  = 80  // requests at most: for more seats than there are
	opening = 200 // of the first moves, one opens the second event
)

// move is something that happens, as often as its weight says.
type move struct {
	weight int
	do     func(*sale)
}

var everyMove = []move{
	{70, (*sale).ask},
	{6, (*sale).giveUp},
	{120, (*sale).charge},
	{180, (*sale).work},
	{140, func(s *sale) { s.network.land() }},
	{30, func(s *sale) { s.network.acknowledge() }},
	{2, func(s *sale) { s.network.straggle() }},
	{120, func(s *sale) { s.gate.release() }},
	{8, func(s *sale) { s.gateway.arrive() }},
	{80, (*sale).joinNode},
	{4, func(s *sale) { s.anyEvent().leave() }},
	{4, (*sale).killNode},
	{2, (*sale).backup},
	{2, (*sale).breakDown},
	{260, func(s *sale) { s.readSome(s.anyEvent(), 1+s.rng.IntN(12)) }},
	{180, func(s *sale) { s.command(s.anyEvent(), 1+s.rng.IntN(6)) }},
	{20, func(s *sale) { s.anyReader().join() }},
	{80, (*sale).hear},
	{20, func(s *sale) { s.doze(s.anyNode()) }},
	{6, func(s *sale) { s.anyReader().crash() }},
	{160, func(s *sale) { s.anyReader().deliver(1 + s.rng.IntN(6)) }},
	{4, (*sale).skip},
	{8, (*sale).spoil},
	{8, (*sale).reprice},
	{1, (*sale).jump},
	{1, (*sale).lull},
}

// move does one thing, by chance.
func (s *sale) move() {
	pass(time.Duration(1+s.rng.IntN(400)) * time.Millisecond)
	total := 0
	for _, m := range everyMove {
		total += m.weight
	}
	k := s.rng.IntN(total)
	for _, m := range everyMove {
		if k -= m.weight; k < 0 {
			m.do(s)
			break
		}
	}
	s.revive()
}

func (s *sale) anyNode() *node     { return s.servers[s.rng.IntN(len(s.servers))] }
func (s *sale) anyReader() *reader { return s.readers[s.rng.IntN(len(s.readers))] }
func (s *sale) anyEvent() *served  { return s.anyNode().of(1 + domain.EventID(s.rng.IntN(hallEvents))) }

// ask is a buyer's request, or the repeat of one.
func (s *sale) ask() {
	if len(s.asked) > 0 && (len(s.asked) == wishes || s.rng.IntN(5) == 0) {
		s.accepted(s.asked[s.rng.IntN(len(s.asked))])
		return
	}
	one, quantity, partial := 1, 1+s.rng.IntN(4), s.rng.IntN(2) == 0
	w := bookings.BookingRequest{BuyerID: domain.UserID(2 + s.rng.IntN(9)), EventID: 1 + domain.EventID(s.rng.IntN(hallEvents)),
		Key:     port.IdempotencyKey{Key: strconv.Itoa(len(s.asked))},
		Request: rules.Request{Section: sectionName(min(s.rng.IntN(hallSections), s.rng.IntN(hallSections))), AllowPartial: &partial}}
	if s.rng.IntN(2) == 0 {
		w.Mode, w.Quantity = string(message.BestAvailable), &quantity
	} else {
		w.Mode, w.Subsection = string(message.Manual), &one
		row, seat := 1+s.rng.IntN(hallRows), 1+s.rng.IntN(hallSeats-1)
		w.Positions = []string{fmt.Sprintf("%d-%d", row, seat), fmt.Sprintf("%d-%d", row, seat+1)}
	}
	s.asked = append(s.asked, w)
	s.accepted(w)
}

func (s *sale) accepted(w bookings.BookingRequest) {
	if b, err := s.accept.Handle(s.ctx, w); err == nil {
		s.promises.accepted(w.Key.Key, b.ID)
	}
}

// giveUp is a buyer who cancels.
func (s *sale) giveUp() {
	b := s.some()
	if ended, err := s.cancel.Handle(s.ctx, b.BuyerID, b.ID); err == nil {
		s.promises.ended(ended)
	}
}

// some returns a booking: usually one that waits for payment, sometimes one that does
// not exist yet.
func (s *sale) some() rules.Booking {
	if pending := s.pending(); len(pending) > 0 && s.rng.IntN(8) > 0 {
		return pending[s.rng.IntN(len(pending))]
	}
	id := booking(1 + s.rng.IntN(s.ids+1))
	b, err := s.bookings.Booking(s.ctx, id)
	if err != nil {
		b.ID = id
	}
	return b
}

// pending returns the bookings that wait for payment.
func (s *sale) pending() []rules.Booking {
	every, _ := s.bookings.AllBookings(s.ctx)
	return slices.DeleteFunc(every, func(b rules.Booking) bool { return b.Status != rules.PendingPayment })
}

// charge is a buyer who pays.
func (s *sale) charge() {
	card := rules.Card{Token: "tok_ok"}
	if s.rng.IntN(6) == 0 {
		card.Token = declines
	}
	b := s.some()
	payment := bookings.CardPayment{BuyerID: b.BuyerID, BookingID: b.ID, Card: card}
	began := time.Now()
	s.spawn(time.Hour, func(ctx context.Context) {
		b, err := s.pay.Handle(ctx, payment)
		switch {
		case err == nil:
			s.promises.ended(b)
		case time.Since(began) == bookings.GatewayLimit:
			s.count(gatewayTimeout)
		}
	})
}

// work lets a service do what it does by itself. Two servers may do the same at
// once. The limit is that of the adapters that call them.
func (s *sale) work() {
	s.run(s.background[s.rng.IntN(len(s.background))])
}

// run runs a task beside what comes next.
func (s *sale) run(t *task) {
	if t.runs.Load() == 2 {
		return
	}
	t.runs.Add(1)
	s.spawn(5*time.Second, func(ctx context.Context) {
		defer t.runs.Add(-1)
		_ = t.Handle(ctx)
	})
}

// joinNode lets a server join, mostly if no other one has. Another one may go on
// believing that it owns.
func (s *sale) joinNode() {
	e := s.anyEvent()
	if s.unread(e.node.view, e.event) {
		return
	}
	taken := false
	for _, n := range s.servers {
		taken = taken || n.of(e.event).member != nil
	}
	if taken {
		if s.rng.IntN(8) > 0 {
			return
		}
		if s.servers[1-e.node.number].of(e.event).member != nil {
			s.count(zombie)
		}
	}
	e.join()
}

// killNode is kill -9: memory is gone, the store is not.
func (s *sale) killNode() {
	s.count(killed)
	s.restart(s.anyNode())
}

// restart starts a server, with the store that it had or another one.
func (s *sale) restart(n *node) {
	n.kill()
	s.network.drop(sender(n))
	switch k := s.rng.IntN(12); {
	case s.isPerfect():
	case k == 0:
		s.count(seatsLost)
		n.store = memory.NewSeatStore()
	case k == 1:
		s.count(seatsForeign)
		n.store = s.servers[1-n.number].store.Clone()
	case k == 2 && s.backups[n.number] != nil:
		s.count(seatsOld)
		n.store = s.backups[n.number].Clone()
	}
	n.start()
}

// revive starts servers that ended by themselves.
func (s *sale) revive() {
	for _, n := range s.servers {
		if n.failed() {
			s.restart(n)
		}
	}
}

func (s *sale) backup() {
	n := s.anyNode()
	s.backups[n.number] = n.store.Clone()
}

// breakDown ends what a server follows.
func (s *sale) breakDown() {
	if s.rng.IntN(2) == 0 {
		s.count(catalogueBroken)
		s.followed[s.rng.IntN(len(s.followed))].breakDown()
		return
	}
	e := s.anyEvent()
	if f := e.follows.Load(); f != nil {
		s.count(journalBroken)
		f.broken <- errFault
		e.node.attend()
	}
}

// readSome lets a server read up to k entries of each journal of an event.
func (s *sale) readSome(e *served, k int) (some bool) {
	for p := range domain.Partition(hallSections) {
		some = e.read(p, k) || some
	}
	return some
}

// command hands up to k commands of some topics to a server that owns.
func (s *sale) command(e *served, k int) (some bool) {
	actions := message.Inbound(message.SeatReservation)
	for _, i := range s.rng.Perm(len(actions)) {
		for p := range domain.Partition(hallSections) {
			for k > 0 && e.deliver(actions[i], p) {
				k--
				some = true
			}
		}
	}
	return some
}

// skip hands out a command behind a gap, or an old one again, as a client does that
// was just told where to read. A server that takes it is told what is missing only
// if it says that something is.
func (s *sale) skip() {
	e := s.anyEvent()
	if s.rng.IntN(4) == 0 {
		s.anyReader().skip(e.event)
		return
	}
	actions := message.Inbound(message.SeatReservation)
	for _, i := range s.rng.Perm(len(actions)) {
		for p := range domain.Partition(hallSections) {
			in := inputOf(e.event, actions[i], p)
			if !e.joined() {
				return
			}
			next, given := e.member.next[in]
			behind := s.topics.end(in) - next
			switch {
			case !given:
			case behind > 1:
				s.count(skipped)
				e.member.next[in]++
				e.deliver(actions[i], p)
				return
			case next > 0 && s.rng.IntN(4) == 0:
				s.count(repeated)
				e.member.next[in]--
				e.deliver(actions[i], p)
				return
			}
		}
	}
}

// jump moves the clocks: the stores' goes on, the services' may do as they like.
func (s *sale) jump() {
	s.count(jumped)
	s.ahead.Add(int64(time.Duration(s.rng.IntN(20)) * time.Minute))
	s.skew = time.Duration(s.rng.IntN(7200)-3600) * time.Second
}

// reprice is a seller who changes a price, or closes the sale.
func (s *sale) reprice() {
	event, section, price := 1+domain.EventID(s.rng.IntN(hallEvents)), sectionName(s.rng.IntN(hallSections)), int64(100+s.rng.IntN(5))
	closes := s.rng.IntN(40) == 0
	s.spawn(5*time.Second, func(ctx context.Context) {
		var err error
		if closes {
			_, err = s.change.Close(ctx, seller, event)
		} else {
			_, err = s.change.SetPrice(ctx, seller, event, section, &price)
		}
		switch {
		case err != nil:
		case closes:
			s.count(closed)
		default:
			s.count(priced)
		}
	})
}

// spoil puts a record on a topic that nobody can read, or a copy of a request on a
// foreign partition.
func (s *sale) spoil() {
	event, p := 1+domain.EventID(s.rng.IntN(hallEvents)), domain.Partition(s.rng.IntN(hallSections))
	if !s.truth.Awake(event) {
		return // nobody would be woken for it
	}
	in := inputOf(event, message.TicketReserving, p)
	d := port.Delivery{Input: in, Poison: errors.New("no JSON"), Raw: []byte("{")}
	switch s.rng.IntN(4) {
	case 0: // on any topic
		actions := []message.Action{message.SeatInitialization, message.TicketToReserved, message.BookingToPendingPayment, message.BookingToFailed,
			message.TicketToPaid, message.TicketToAvailable, message.FinalizeTicket, message.ReleaseTicket}
		d.Input = inputOf(event, actions[s.rng.IntN(len(actions))], p)
	case 1: // its booking can be read, which may have its answer
		every, _ := s.bookings.AllBookings(s.ctx)
		every = slices.DeleteFunc(every, func(b rules.Booking) bool { return b.EventID != event || b.Section != sectionName(int(p)) })
		if len(every) > 0 {
			b := every[s.rng.IntN(len(every))]
			d.Booking, d.Section = b.ID, b.Section
		}
	case 2:
		requests := s.topics.read(inputOf(event, message.TicketReserving, (p+1)%hallSections))
		if len(requests) == 0 {
			return
		}
		copied := requests[s.rng.IntN(len(requests))]
		if copied.Poison != nil {
			return
		}
		d.Envelope, d.Poison = copied.Envelope, fmt.Errorf("%w: key", port.ErrForeignPartition)
		s.count(foreign)
		s.topics.put(d)
		return
	}
	s.count(unreadable)
	s.topics.put(d)
}
