package reservation_test

import (
	"context"
	"fmt"
	"sync"
	"time"

	"github.com/onsale-tickets/onsale/adapter/memory"
	"github.com/onsale-tickets/onsale/domain"
	rules "github.com/onsale-tickets/onsale/domain/booking"
	"github.com/onsale-tickets/onsale/domain/ticketing"
	"github.com/onsale-tickets/onsale/port"
)

// The stores of the simulation, which fail as the seed has it.

// unsure is the store of booking-service.
type unsure struct {
	*memory.Bookings
	*faults
}

func (u unsure) Accept(ctx context.Context, b rules.Booking, key port.IdempotencyKey) (is rules.Booking, err error) {
	err = u.step("accept", func() error { is, err = u.Bookings.Accept(ctx, b, key); return err })
	return is, err
}

func (u unsure) Apply(ctx context.Context, progress []port.Progress, ids []domain.BookingID, decide func(time.Time, map[domain.BookingID]rules.Booking) port.BookingChanges) error {
	return u.step("apply answers", func() error { return u.Bookings.Apply(ctx, progress, ids, decide) })
}

func (u unsure) Cancel(ctx context.Context, id domain.BookingID, decide func(rules.Booking) (rules.Change, error)) (is rules.Booking, err error) {
	err = u.step("cancel", func() error { is, err = u.Bookings.Cancel(ctx, id, decide); return err })
	return is, err
}

func (u unsure) ExpireDue(ctx context.Context, limit int, decide func(rules.Booking, time.Time) (rules.Change, bool)) (ended []rules.Booking, err error) {
	err = u.step("expire", func() error { ended, err = u.Bookings.ExpireDue(ctx, limit, decide); return err })
	return ended, err
}

func (u unsure) ClaimUnanswered(ctx context.Context, limit int) (due []rules.Booking, err error) {
	err = u.step("claim unanswered", func() error { due, err = u.Bookings.ClaimUnanswered(ctx, limit); return err })
	if len(due) > 0 {
		u.count(resent)
	}
	return due, err
}

// unsurePayments keeps attempts to pay. Each step waits until the seed lets it go
// on, so that everything else comes between two steps.
type unsurePayments struct {
	memory.Payments
	sale *sale
}

func (u unsurePayments) Start(ctx context.Context, id domain.BookingID, decide func(rules.Booking, time.Time) (rules.Payment, error)) (is rules.Payment, err error) {
	all, _ := u.AllPayments(ctx)
	err = u.sale.step("start "+id.String(), func() error { is, err = u.Payments.Start(ctx, id, decide); return err })
	for _, other := range all {
		if err == nil && other.BookingID == id && (other.Status == rules.Started || other.Status == rules.Authorised) {
			u.sale.count(paySecond)
			break
		}
	}
	return is, err
}

func (u unsurePayments) Move(ctx context.Context, id rules.PaymentID, from, to rules.PaymentStatus) (ok bool, err error) {
	key := fmt.Sprint(id, " becomes ", to)
	if err := u.sale.gate.wait(ctx, key); err != nil {
		return false, err
	}
	if from == rules.Started {
		u.overtaken(ctx, id)
	}
	err = u.sale.step(key, func() error { ok, err = u.Payments.Move(ctx, id, from, to); return err })
	return ok, err
}

func (u unsurePayments) Conclude(ctx context.Context, id rules.PaymentID, decide func(rules.Payment, rules.Booking, time.Time) rules.Conclusion) error {
	key := id.String() + " concludes"
	if err := u.sale.gate.wait(ctx, key); err != nil {
		return err
	}
	u.overtaken(ctx, id)
	return u.sale.step(key, func() error { return u.Payments.Conclude(ctx, id, decide) })
}

// overtaken counts what came before this step of a payment.
func (u unsurePayments) overtaken(ctx context.Context, id rules.PaymentID) {
	p := u.Payment(id)
	b, _ := u.Booking(ctx, p.BookingID)
	switch {
	case b.Status == rules.Cancelled && b.Cancellation == rules.ByBuyer:
		u.sale.count(payCancelled)
	case b.Status == rules.Cancelled || b.Status == rules.PendingPayment && !u.sale.now().Before(b.ExpiresAt):
		u.sale.count(payExpired)
	case b.Status == rules.Paid && p.Status != rules.CaptureDue && p.Status != rules.Captured:
		u.sale.count(payBeaten)
	}
	if p.Status == rules.VoidDue || p.Status == rules.Voided {
		u.sale.count(payGivenUp)
	}
}

// unsureTickets is the store of event-ticketing-service.
type unsureTickets struct {
	*memory.Ticketing
	*faults
}

func (u unsureTickets) Apply(ctx context.Context, event domain.EventID, progress []port.Progress, seats []domain.SeatID, decide func([]ticketing.Ticket) port.TicketChanges) error {
	return u.step("apply updates", func() error { return u.Ticketing.Apply(ctx, event, progress, seats, decide) })
}

func (u unsureTickets) Change(ctx context.Context, id domain.EventID, change func(ticketing.Event) (ticketing.Event, error)) error {
	return u.step("change", func() error { return u.Ticketing.Change(ctx, id, change) })
}

// unsureSeats is the seat store of one server.
type unsureSeats struct {
	*memory.SeatStore
	*faults
	owner string
}

// Load may fail.
func (u unsureSeats) Load(event domain.EventID, p domain.Partition) (port.SeatSnapshot, bool, error) {
	if u.fate(fmt.Sprint(u.owner, " loads ", event, p), 200, seatsUnread) != "" {
		return port.SeatSnapshot{}, false, errFault
	}
	return u.SeatStore.Load(event, p)
}

// Write may fail, which stops the server.
func (u unsureSeats) Write(b port.SeatBatch) error {
	if u.fate(fmt.Sprint(u.owner, " writes ", b.Event, b.Partition), 250, seatsUnwritten) != "" {
		return errFault
	}
	return u.SeatStore.Write(b)
}

// Outcome may fail.
func (u unsureSeats) Outcome(event domain.EventID, booking domain.BookingID) (port.Outcome, bool, error) {
	if u.fate(fmt.Sprint(u.owner, " looks up ", booking), 150, seatsUnread) != "" {
		return port.Outcome{}, false, errFault
	}
	return u.SeatStore.Outcome(event, booking)
}

// unsureLetters is the topic of dead letters as one service reaches it.
type unsureLetters struct {
	*memory.DeadLetters
	sale   *sale
	sender string
	waits  bool // a letter may take longer
}

// Bury may take a while, fail, or succeed and report an error.
func (u unsureLetters) Bury(ctx context.Context, l port.DeadLetter) error {
	key := fmt.Sprint(u.sender, " buries ", l.Input.TopicID, l.Input.Partition, " ", l.Offset)
	if u.waits && u.sale.fate(key+" late", 4, letterLate) != "" {
		if err := u.sale.gate.hold(ctx, key); err != nil {
			return err
		}
	}
	if u.sale.fate(key, 4, letterRefused) == "" {
		return u.DeadLetters.Bury(ctx, l)
	}
	if u.sale.draw(key+" kept").IntN(2) == 0 {
		_ = u.DeadLetters.Bury(ctx, l)
	}
	return errFault
}

// unsureCatalogue is the catalogue as one server reads and writes it.
type unsureCatalogue struct {
	*memory.Catalogue
	*faults
	reader string

	mu     sync.Mutex
	before map[domain.EventID]ticketing.CatalogueEvent // the revision before the last, for a second
	since  map[domain.EventID]time.Time
	broken context.CancelCauseFunc // ends Follow
}

func newUnsureCatalogue(s *sale, reader string) *unsureCatalogue {
	return &unsureCatalogue{Catalogue: s.catalogue, faults: s.faults, reader: reader,
		before: map[domain.EventID]ticketing.CatalogueEvent{}, since: map[domain.EventID]time.Time{}}
}

// Event may be a second old, or not be had.
func (u *unsureCatalogue) Event(ctx context.Context, id domain.EventID) (ticketing.CatalogueEvent, error) {
	if u.fate(u.reader+" reads the catalogue", 40, catalogueAway) != "" {
		return ticketing.CatalogueEvent{}, domain.Refuse(domain.Unavailable, "catalogue_unavailable", "")
	}
	e, err := u.Catalogue.Event(ctx, id)
	u.mu.Lock()
	defer u.mu.Unlock()
	if old, ok := u.before[id]; ok && err == nil && time.Since(u.since[id]) < time.Second {
		u.count(catalogueStale)
		return old, nil
	}
	return e, err
}

// PublishEvent may fail, or succeed and report an error.
func (u *unsureCatalogue) PublishEvent(ctx context.Context, e ticketing.CatalogueEvent) error {
	fails := u.fate(u.reader+" publishes", 5, catalogueRefuse) != ""
	if fails && u.draw(u.reader+" published").IntN(2) == 0 {
		return errFault
	}
	if known, ok := u.Known(e.ID); ok && known.Revision < e.Revision {
		u.mu.Lock()
		u.before[e.ID], u.since[e.ID] = known, time.Now()
		u.mu.Unlock()
	}
	if err := u.Catalogue.PublishEvent(ctx, e); err != nil || !fails {
		return err
	}
	return errFault
}

// Follow ends when the seed has it.
func (u *unsureCatalogue) Follow(ctx context.Context, fn func(ticketing.CatalogueEvent)) error {
	within, broken := context.WithCancelCause(ctx)
	u.mu.Lock()
	u.broken = broken
	u.mu.Unlock()
	if err := u.Catalogue.Follow(within, fn); ctx.Err() != nil {
		return err
	}
	return context.Cause(within)
}

func (u *unsureCatalogue) breakDown() {
	u.mu.Lock()
	defer u.mu.Unlock()
	if u.broken != nil {
		u.broken(errFault)
	}
}
