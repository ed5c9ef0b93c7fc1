package bookingapi

import (
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/onsale-tickets/onsale/adapter/httpapi"
	"github.com/onsale-tickets/onsale/domain"
	"github.com/onsale-tickets/onsale/domain/account"
	"github.com/onsale-tickets/onsale/domain/booking"
	"github.com/onsale-tickets/onsale/port"
)

const (
	// rereadEvery is the time between two reads of a stream's bookings from the
	// store, which find the changes that the feed lost.
	rereadEvery = 10 * time.Second
	// rereadAlone is the same while the feed of other servers is down.
	rereadAlone = time.Second
	// maxSnapshot is how many bookings a stream follows, the newest ones.
	maxSnapshot = 1000
)

type snapshot struct {
	Bookings  []Booking `json:"bookings"`
	Truncated bool      `json:"truncated,omitempty"` // the buyer has older bookings
}

type change struct {
	Booking
	Message string `json:"message"`
}

type changes struct {
	Bookings []change `json:"bookings"`
}

// messages name what happened to a booking by its new status.
var messages = map[booking.Status]string{
	booking.PendingPayment: "seats_held",
	booking.Failed:         "no_seats",
	booking.Paid:           "payment_succeeded_ticket_confirmed",
	booking.Cancelled:      "booking_cancelled",
}

// streamBookings sends the buyer's bookings, then each change.
func (h *handler) streamBookings(w http.ResponseWriter, r *http.Request) {
	buyer, err := h.sessions.As(r, account.Buyer)
	var event domain.EventID
	if err == nil {
		event, err = eventOf(r)
	}
	if err != nil {
		httpapi.WriteError(w, r, h.log, err)
		return
	}
	sub := h.Streams.Subscribe(buyer.User) // before the read, so that no change is lost between the two
	defer sub.Close()
	filter := port.HistoryFilter{Buyer: buyer.User, Event: event, Limit: maxSnapshot + 1}
	first, err := h.Bookings.History(r.Context(), filter)
	if err != nil {
		httpapi.WriteError(w, r, h.log, err)
		return
	}
	stream, err := h.sessions.OpenStream(w, r, buyer)
	if err != nil {
		return
	}
	defer stream.Close()
	f := follower{handler: h, filter: filter, sub: sub, stream: stream, sent: map[domain.BookingID]int64{}}
	_ = f.follow(first) // an error means that the stream has ended
}

func eventOf(r *http.Request) (domain.EventID, error) {
	query := r.URL.Query()
	if !query.Has("event_id") {
		return 0, nil
	}
	var q httpapi.Query
	text := query.Get("event_id")
	id := q.Number("event_id", &text, 1, maxID)
	return domain.EventID(id), q.Err()
}

// follower is one open stream.
type follower struct {
	*handler
	filter port.HistoryFilter
	sub    port.BookingSubscription
	stream *httpapi.Stream
	sent   map[domain.BookingID]int64 // revisions
}

func (f *follower) follow(first []booking.Booking) error {
	if err := f.stream.Send("snapshot", f.snapshot(first)); err != nil {
		return err
	}
	beat, look := time.NewTicker(httpapi.Heartbeat), time.NewTicker(rereadEvery)
	defer beat.Stop()
	defer look.Stop()
	defer f.alone.enter()()
	alone := f.alone.next()
	var stored <-chan map[domain.BookingID]int64 // nil unless the store was asked
	for {
		var err error
		select {
		case <-f.sub.Ready():
			err = f.send(f.sub.Take())
		case <-look.C:
			stored = f.revisions(stored)
		case <-alone:
			alone = f.alone.next()
			stored = f.revisions(stored)
		case found := <-stored:
			stored = nil
			if f.missed(found) {
				err = f.reread()
			}
		case <-beat.C:
			err = f.stream.Beat()
		case <-f.stream.Done():
			return nil
		}
		if err != nil {
			return err
		}
	}
}

func (f *follower) snapshot(found []booking.Booking) snapshot {
	s := snapshot{Bookings: []Booking{}, Truncated: len(found) > maxSnapshot}
	for _, b := range found[:min(len(found), maxSnapshot)] {
		s.Bookings = append(s.Bookings, present(b))
		f.sent[b.ID] = b.Revision
	}
	return s
}

// revisions asks the store for the revisions of the bookings. It does not hold up the
// changes that arrive meanwhile. The channel is closed if the store is away. If the
// store was asked already, that is the channel.
func (f *follower) revisions(asked <-chan map[domain.BookingID]int64) <-chan map[domain.BookingID]int64 {
	if asked != nil {
		return asked
	}
	found := make(chan map[domain.BookingID]int64, 1)
	newest := f.filter
	newest.Limit = maxSnapshot
	go func() {
		defer close(found)
		if revisions, err := f.Bookings.Revisions(f.stream.Context(), newest); err == nil {
			found <- revisions
		}
	}()
	return found
}

// missed reports whether the store has a booking or a revision that was not sent.
func (f *follower) missed(stored map[domain.BookingID]int64) bool {
	for id, revision := range stored {
		if revision > f.sent[id] {
			return true
		}
	}
	return false
}

// reread sends what the feed lost. A store that is away does not end the stream:
// the next read finds the same.
func (f *follower) reread() error {
	bookings, err := f.Bookings.History(f.stream.Context(), f.filter)
	if err != nil {
		return nil
	}
	return f.send(bookings[:min(len(bookings), maxSnapshot)])
}

// send sends all changes in one frame.
func (f *follower) send(bookings []booking.Booking) error {
	var out []change
	for _, b := range bookings {
		message, ok := messages[b.Status]
		if !ok || b.Revision <= f.sent[b.ID] || f.filter.Event != 0 && b.EventID != f.filter.Event {
			continue
		}
		f.sent[b.ID] = b.Revision
		out = append(out, change{present(b), message})
	}
	switch len(out) {
	case 0:
		return nil
	case 1:
		return f.stream.Send("change", out[0])
	}
	slices.SortFunc(out, func(a, b change) int { return strings.Compare(a.ID.String(), b.ID.String()) }) // in the order of creation
	return f.stream.Send("changes", changes{out})
}
