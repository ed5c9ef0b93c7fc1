package bookingapi

import (
	"context"
	"net/http"
	"time"

	"github.com/onsale-tickets/onsale/adapter/httpapi"
	"github.com/onsale-tickets/onsale/domain"
	"github.com/onsale-tickets/onsale/domain/account"
	"github.com/onsale-tickets/onsale/domain/booking"
	"github.com/onsale-tickets/onsale/port"
)

const (
	// rereadEvery is how often a stream reads its bookings by itself: what it was
	// not told of, it finds.
	rereadEvery = 10 * time.Second
	// watchEvery is how often it looks whether its session still stands, and reads
	// its bookings while other servers cannot be heard.
	watchEvery = 500 * time.Millisecond
	// maxSnapshot is how many bookings a stream follows, the newest.
	maxSnapshot = 1000
)

type snapshot struct {
	Bookings []Booking `json:"bookings"`
}

type change struct {
	Booking
	Message string `json:"message"`
}

// messages say what happened to a booking that now has a status.
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
	sub := h.Streams.Subscribe(buyer.User) // before the bookings are read: no gap
	defer sub.Close()
	f := follower{handler: h, filter: port.HistoryFilter{Buyer: buyer.User, Event: event}, sub: sub, sent: map[domain.BookingID]int64{}}
	first, err := f.read(r.Context())
	if err != nil {
		httpapi.WriteError(w, r, h.log, err)
		return
	}
	if f.stream, err = httpapi.OpenStream(w, r); err != nil {
		return
	}
	_ = f.follow(r, buyer, first) // the reader is gone: nobody to tell
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

func (f *follower) follow(r *http.Request, buyer port.Claims, first []booking.Booking) error {
	s := snapshot{Bookings: make([]Booking, len(first))}
	for i, b := range first {
		s.Bookings[i] = present(b)
		f.sent[b.ID] = b.Revision
	}
	if err := f.stream.Send("snapshot", s); err != nil {
		return err
	}
	beat, watch := time.NewTicker(httpapi.Heartbeat), time.NewTicker(watchEvery)
	defer beat.Stop()
	defer watch.Stop()
	read := time.Now()
	for {
		var err error
		select {
		case <-f.sub.Ready():
			err = f.tell(f.sub.Take())
		case <-watch.C:
			if !f.sessions.Live(buyer) {
				return nil
			}
			if since := time.Since(read); since >= rereadEvery || since >= time.Second && !f.Streams.Complete() {
				read = time.Now()
				err = f.reread(r.Context())
			}
		case <-beat.C:
			err = f.stream.Beat()
		case <-httpapi.Stopping(r):
			return nil
		case <-r.Context().Done():
			return nil
		}
		if err != nil {
			return err
		}
	}
}

// read answers the newest bookings.
func (f *follower) read(ctx context.Context) ([]booking.Booking, error) {
	filter := f.filter
	filter.Limit = maxSnapshot
	return f.Bookings.History(ctx, filter)
}

// reread tells what was missed. A database that is away is no reason to end a
// stream: it is read again.
func (f *follower) reread(ctx context.Context) error {
	bookings, err := f.read(ctx)
	if err != nil {
		return nil
	}
	return f.tell(bookings)
}

func (f *follower) tell(bookings []booking.Booking) error {
	for _, b := range bookings {
		message, ok := messages[b.Status]
		if !ok || b.Revision <= f.sent[b.ID] || f.filter.Event != 0 && b.EventID != f.filter.Event {
			continue
		}
		f.sent[b.ID] = b.Revision
		if err := f.stream.Send("change", change{present(b), message}); err != nil {
			return err
		}
	}
	return nil
}
