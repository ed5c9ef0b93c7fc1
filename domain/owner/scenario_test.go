package owner_test

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
	"testing"

	"github.com/cockroachdb/datadriven"

	"github.com/onsale-tickets/onsale/domain"
	"github.com/onsale-tickets/onsale/domain/journal"
	"github.com/onsale-tickets/onsale/domain/message"
	"github.com/onsale-tickets/onsale/domain/owner"
	"github.com/onsale-tickets/onsale/domain/seating"
)

// The files in testdata/owner are stories of one partition: an input, then the
// effects it leads to, one a line, in the order in which they are performed. The
// section is A, with two rows of three seats.
//
//	assigned nonce=7 init-end=1    the group assigns the partition
//	initialise, request, release,  a command; offset= is its offset
//	finalise, poison               (poison: a request that cannot be read)
//	read                           what is read of the journal, an entry a line:
//	                                 own    the next record that was appended
//	                                 lost   the next record that was appended is not there
//	                                 again  the entry before, once more
//	                                 claim  by another server
//	                                 other  a record of another server, under its epoch
//	                                 unfit  the same, with a seat that section A does not have
//	append-failed, sent, send-failed, reread, tick, retry, revoked
//	restart                        a new process, with what was stored
//	seats                          prints the committed state
//	position topic=again           prints where the requests go on; topic= is that of
//	                               a topic that was made anew
//
// go test ./domain/owner -run Scenarios -rewrite writes the effects anew.
func TestScenarios(t *testing.T) {
	datadriven.Walk(t, "../../testdata/owner", func(t *testing.T, path string) {
		s := &story{outcomes: map[domain.BookingID]owner.Outcome{}}
		s.restart(t)
		datadriven.RunTest(t, path, func(t *testing.T, d *datadriven.TestData) string {
			s.out.Reset()
			s.run(t, d)
			return s.out.String()
		})
	})
}

const show = domain.EventID(1)

// story is a partition with what its runtime would have.
type story struct {
	p        *owner.Partition
	out      strings.Builder
	appended []journal.Record // and not in the log yet
	log      []journal.Entry
	nonce    uint64
	stored   owner.Snapshot
	outcomes map[domain.BookingID]owner.Outcome
	sends    []owner.Effect // that are not acknowledged
	asked    owner.Reread
}

func (s *story) restart(t *testing.T) {
	t.Helper()
	p, err := owner.New("s1", show, 0, "journal-1", s.stored)
	if err != nil {
		t.Fatal(err)
	}
	s.p, s.appended, s.sends = p, nil, nil
}

func (s *story) run(t *testing.T, d *datadriven.TestData) {
	nonce := s.nonce
	maybe(t, d, "nonce", &nonce)
	switch d.Cmd {
	case "assigned":
		var end int
		d.ScanArgs(t, "init-end", &end)
		s.nonce = nonce
		s.step(owner.Assigned{Nonce: nonce, InitEnd: int64(end)}, "")
	case "revoked":
		s.step(owner.Revoked{}, "")
	case "read":
		s.read(t, d)
	case "append-failed":
		s.step(owner.AppendFailed{Nonce: nonce, Err: errors.New("timed out")}, "")
	case "sent", "send-failed":
		s.report(t, d, nonce)
	case "reread":
		s.step(owner.RereadDone{Nonce: nonce, Entries: s.log[s.asked.From:s.asked.To]}, "")
	case "tick":
		n := 1
		d.MaybeScanArgs(t, "seconds", &n)
		for range n {
			s.step(owner.Tick{}, "")
		}
	case "retry":
		s.step(owner.Retry{}, "")
	case "restart":
		s.restart(t)
	case "seats":
		s.seats()
	case "position":
		topic := message.TicketReserving.String()
		d.MaybeScanArgs(t, "topic", &topic)
		fmt.Fprintf(&s.out, "requests go on at offset %d\n", s.p.Position(message.TicketReserving, topic))
	default:
		s.command(t, d)
	}
	if s.out.Len() == 0 {
		s.out.WriteString("nothing\n")
	}
}

// command passes a command with the outcome of its booking, as it was stored.
func (s *story) command(t *testing.T, d *datadriven.TestData) {
	var offset, booking, hold, quantity int
	d.ScanArgs(t, "offset", &offset)
	d.MaybeScanArgs(t, "booking", &booking)
	d.MaybeScanArgs(t, "hold", &hold)
	d.MaybeScanArgs(t, "seats", &quantity)
	id := bookingID(booking)
	change := message.SeatChange{EventID: show, BookingID: id, Section: "A", Hold: domain.Hold(hold), Seats: seatIDs()}
	var c owner.Command
	switch d.Cmd {
	case "initialise":
		c.Body = message.InitializeSeats{EventID: show, Layout: layout()}
	case "request":
		c.Body = message.TicketReservedRequest{EventID: show, BookingID: id, BuyerID: 9, Section: "A", Mode: message.BestAvailable, Quantity: quantity,
			AllowPartial: true, UnitPrice: domain.Money{Amount: 100, Currency: "EUR"}}
	case "release":
		c.Body = message.ReleaseSeat{SeatChange: change}
	case "finalise":
		c.Body = message.FinalizeSeats{SeatChange: change}
	case "poison":
		c.Poison = &owner.Poison{Why: "no JSON", Foreign: d.HasArg("foreign"), Booking: id, Section: "A"}
	default:
		d.Fatalf(t, "unknown command %q", d.Cmd)
	}
	a := message.TicketReserving
	if c.Body != nil {
		a = c.Body.Action()
	}
	c.Cause = journal.Cause{Action: a, TopicID: a.String(), Offset: int64(offset)}
	s.decide(c, "")
}

func (s *story) decide(c owner.Command, indent string) {
	if o, found := s.outcomes[c.Booking()]; found && !c.Booking().IsZero() {
		c.Outcome = &o
	}
	s.step(c, indent)
}

func (s *story) read(t *testing.T, d *datadriven.TestData) {
	var entries []journal.Entry
	add := func(r journal.Record) {
		e := journal.Entry{Offset: int64(len(s.log)), Record: r}
		s.log, entries = append(s.log, e), append(entries, e)
	}
	next := func() journal.Record {
		if len(s.appended) == 0 {
			d.Fatalf(t, "nothing was appended")
		}
		r := s.appended[0]
		s.appended = s.appended[1:]
		return r
	}
	for line := range strings.Lines(d.Input) {
		switch what, rest, _ := strings.Cut(strings.TrimSpace(line), " "); what {
		case "own":
			add(next())
		case "lost":
			next()
		case "again":
			add(s.log[len(s.log)-1].Record)
		case "claim":
			add(journal.Record{Kind: journal.Claimed, Server: "s2", Nonce: 99, Cause: journal.Cause{Offset: -1}})
		case "other", "unfit":
			var epoch, seq, booking int
			if _, err := fmt.Sscanf(rest, "epoch=%d seq=%d booking=%d", &epoch, &seq, &booking); err != nil {
				d.Fatalf(t, "%s: %v", rest, err)
			}
			seat := seating.Index(5)
			if what == "unfit" {
				seat = 99
			}
			add(journal.Record{Kind: journal.SeatsReserved, Epoch: int64(epoch), Seq: uint64(seq), Section: "A", BookingID: bookingID(booking), BuyerID: 8,
				Seats: []seating.Index{seat}, Cause: journal.Cause{Action: message.TicketReserving, TopicID: message.TicketReserving.String(), Offset: int64(booking)}})
		default:
			d.Fatalf(t, "unknown entry %q", line)
		}
	}
	s.step(owner.Read{Entries: entries}, "")
}

// report says what became of the first Send or Bury of the record at an offset.
func (s *story) report(t *testing.T, d *datadriven.TestData, nonce uint64) {
	var offset int
	d.ScanArgs(t, "offset", &offset)
	for i, e := range s.sends {
		if offsetOf(e) != int64(offset) {
			continue
		}
		s.sends = append(s.sends[:i], s.sends[i+1:]...)
		var in owner.Input = owner.Acknowledged{Nonce: nonce, Offset: int64(offset)}
		if d.Cmd == "send-failed" {
			in = owner.NotAcknowledged{Nonce: nonce, Effect: e}
		}
		s.step(in, "")
		return
	}
	d.Fatalf(t, "nothing of offset %d is on its way", offset)
}

func offsetOf(e owner.Effect) int64 {
	switch e := e.(type) {
	case owner.Send:
		return e.Offset
	case owner.Bury:
		return e.Offset
	}
	return -1
}

// step prints the effects of an input, and does what the runtime would.
func (s *story) step(in owner.Input, indent string) {
	for _, effect := range s.p.Step(in, 1_800_000_000_000_000, nil) {
		line := func(format string, args ...any) { fmt.Fprintf(&s.out, indent+format+"\n", args...) }
		switch e := effect.(type) {
		case owner.Append:
			line("append %s", describe(&e.Record))
			s.appended = append(s.appended, e.Record)
		case owner.Store:
			line("store up to offset %d: %s", e.Batch.Fold.Next, changes(&e.Batch))
			s.store(&e.Batch)
		case owner.Tell:
			line("tell %d seats%s", len(e.Seats), when(e.NewSections, ", new sections"))
		case owner.Send:
			line("send %s%s", e.Message.ID, hold(e.Message.Body))
			s.sends = append(s.sends, e)
		case owner.Repeat:
			line("repeat %s%s", e.Message.ID, hold(e.Message.Body))
		case owner.Bury:
			line("bury %s offset %d: %s", e.Cause.Action, e.Cause.Offset, e.Reason)
			s.sends = append(s.sends, e)
		case owner.Reread:
			line("reread offsets %d to %d", e.From, e.To)
			s.asked = e
		case owner.RetryLater:
			line("retry later")
		case owner.Owned:
			line("owned")
		case owner.LostOwnership:
			line("lost ownership: %v", e.Reason)
		case owner.Unfit:
			line("UNFIT record at offset %d", e.Offset)
		case owner.Oversold:
			line("OVERSOLD %d seats", e.Seats)
		case owner.Observed:
			line("observe %d skipped, %d read back", e.Skipped, len(e.ReadBack))
		case owner.Redeliver:
			line("redeliver %d commands", len(e.Commands))
			for _, c := range e.Commands {
				s.decide(c, indent+"  ")
			}
		}
	}
}

// store keeps a batch as a seat store does.
func (s *story) store(b *owner.Batch) {
	s.stored.SeatFold = b.SeatFold
	s.stored.Positions = journal.Positions{}
	for a, at := range b.Positions {
		s.stored.Positions[a] = at
	}
	s.stored.Sections = append(s.stored.Sections, b.Sections...)
	s.stored.Seats = append(s.stored.Seats, b.Seats...)
	for _, o := range b.Outcomes {
		s.outcomes[o.BookingID] = o
	}
}

func (s *story) seats() {
	section, ok := s.p.Committed().Section("A")
	if !ok {
		s.out.WriteString("not initialised\n")
		return
	}
	plan := section.Map.Plan()
	for i := range plan.SeatCount() {
		seat := section.Map.Seat(seating.Index(i))
		if seat.Status == seating.Available {
			continue
		}
		fmt.Fprintf(&s.out, "%s %s for booking %d, hold %d\n", plan.Seat(seating.Index(i)), seat.Status, seat.Booking[15], seat.Hold)
	}
}

func describe(r *journal.Record) string {
	switch r.Kind {
	case journal.Claimed:
		return fmt.Sprintf("Claimed, nonce %d", r.Nonce)
	case journal.Checkpoint:
		return fmt.Sprintf("Checkpoint (%d,%d): emitted up to offset %d", r.Epoch, r.Seq, r.Emitted.Offset)
	}
	text := fmt.Sprintf("%s (%d,%d)", r.Kind, r.Epoch, r.Seq)
	if !r.BookingID.IsZero() {
		text += " booking " + strconv.Itoa(int(r.BookingID[15]))
	}
	if len(r.Seats) > 0 {
		text += fmt.Sprintf(" %d seats", len(r.Seats))
	}
	if r.Reason != "" {
		text += " " + r.Reason
	}
	return text
}

func changes(b *owner.Batch) string {
	return fmt.Sprintf("%d sections, %d seats, %d outcomes", len(b.Sections), len(b.Seats), len(b.Outcomes))
}

func hold(m message.Message) string {
	if held, ok := m.(message.BookingUpdatedToPendingPayment); ok {
		return fmt.Sprintf(" hold %d", held.Hold)
	}
	return ""
}

func when(yes bool, text string) string {
	if yes {
		return text
	}
	return ""
}

func maybe(t *testing.T, d *datadriven.TestData, key string, into *uint64) {
	t.Helper()
	n := int(*into)
	d.MaybeScanArgs(t, key, &n)
	*into = uint64(n)
}

func bookingID(n int) domain.BookingID { return domain.BookingID{15: byte(n)} }

func layout() seating.SectionLayout {
	return seating.SectionLayout{Name: "A", Subsections: []seating.Subsection{seating.Regular(1, 2, 3)}}
}

// seatIDs are all seats of the section.
func seatIDs() (all []domain.SeatID) {
	for row := 1; row <= 2; row++ {
		for seat := 1; seat <= 3; seat++ {
			all = append(all, domain.SeatID{Section: "A", Subsection: 1, Row: row, Seat: seat})
		}
	}
	return all
}
