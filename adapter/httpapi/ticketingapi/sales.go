package ticketingapi

import (
	"context"
	"net/http"
	"reflect"
	"time"

	"github.com/onsale-tickets/onsale/adapter/httpapi"
	usecase "github.com/onsale-tickets/onsale/usecase/ticketing"
)

// GetSales returns what was sold of a seller's event.
func (h *handler) GetSales(w http.ResponseWriter, r *http.Request, id EventID) {
	e, err := h.ownEvent(r, id)
	var s Sales
	if err == nil {
		s, err = sales(r.Context(), e)
	}
	h.respond(w, r, http.StatusOK, s, err)
}

func sales(ctx context.Context, e usecase.OwnEvent) (Sales, error) {
	s, err := e.Sales(ctx)
	if err != nil {
		return Sales{}, err
	}
	total, revenue := s.Total()
	out := Sales{Available: total.Available, Reserved: total.Reserved, Sold: total.Sold, Revenue: money(revenue, e.Currency), Bookings: s.Bookings,
		Sections: make([]SectionSales, len(s.Sections)), OverTime: make([]SalesInterval, len(s.OverTime))}
	for i, section := range s.Sections {
		out.Sections[i] = SectionSales{Section: section.Section, Available: section.Available, Reserved: section.Reserved, Sold: section.Sold,
			Revenue: money(section.Revenue, e.Currency)}
	}
	for i, interval := range s.OverTime {
		out.OverTime[i] = SalesInterval{At: interval.At, Sold: interval.Sold, Revenue: money(interval.Revenue, e.Currency)}
	}
	return out, nil
}

// salesEvery is the time between two reads of a stream of sales. Every server of
// the service may change them, so a stream has to read.
const salesEvery = 500 * time.Millisecond

// streamSales sends the sales, and again after each change.
func (h *handler) streamSales(w http.ResponseWriter, r *http.Request, id EventID) {
	seller, err := h.seller(r)
	var e usecase.OwnEvent
	if err == nil {
		e, err = h.eventOf(r, seller, id)
	}
	var last Sales
	if err == nil {
		last, err = sales(r.Context(), e)
	}
	if err != nil {
		httpapi.WriteError(w, r, h.log, err)
		return
	}
	stream, err := h.sessions.OpenStream(w, r, seller)
	if err != nil {
		return
	}
	defer stream.Close()
	_ = followSales(stream, e, last) // an error means that the stream has ended
}

func followSales(stream *httpapi.Stream, e usecase.OwnEvent, last Sales) error {
	if err := stream.Send("snapshot", last); err != nil {
		return err
	}
	look, beat := time.NewTicker(salesEvery), time.NewTicker(httpapi.Heartbeat)
	defer look.Stop()
	defer beat.Stop()
	for {
		var err error
		select {
		case <-look.C:
			now, failed := sales(stream.Context(), e)
			if failed == nil && !reflect.DeepEqual(now, last) { // a store that is away does not end the stream
				last = now
				err = stream.Send("change", now)
			}
		case <-beat.C:
			err = stream.Beat()
		case <-stream.Done():
			return nil
		}
		if err != nil {
			return err
		}
	}
}
