package ticketingapi

import (
	"context"
	"net/http"
	"reflect"
	"time"

	"github.com/onsale-tickets/onsale/adapter/httpapi"
	"github.com/onsale-tickets/onsale/domain/ticketing"
)

// GetSales answers what was sold.
func (h *handler) GetSales(w http.ResponseWriter, r *http.Request, id EventID) {
	e, err := h.ownEvent(r, id)
	var s Sales
	if err == nil {
		s, err = h.sales(r.Context(), e)
	}
	h.answer(w, r, http.StatusOK, s, err)
}

func (h *handler) sales(ctx context.Context, e ticketing.Event) (Sales, error) {
	s, err := h.Sales.Sales(ctx, e.ID)
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

// salesEvery is how often a stream of sales looks; any server of the service
// may have changed them.
const salesEvery = 500 * time.Millisecond

// streamSales sends the sales, and again whenever they are others.
func (h *handler) streamSales(w http.ResponseWriter, r *http.Request, id EventID) {
	seller, err := h.seller(r)
	var e ticketing.Event
	if err == nil {
		e, err = h.eventOf(r, seller, id)
	}
	var last Sales
	if err == nil {
		last, err = h.sales(r.Context(), e)
	}
	if err != nil {
		httpapi.WriteError(w, r, h.log, err)
		return
	}
	stream, err := httpapi.OpenStream(w, r)
	if err != nil || stream.Send("snapshot", last) != nil {
		return // nobody is there to tell
	}
	look, beat := time.NewTicker(salesEvery), time.NewTicker(httpapi.Heartbeat)
	defer look.Stop()
	defer beat.Stop()
	for err == nil {
		select {
		case <-look.C:
			if !h.sessions.Live(seller) {
				return
			}
			now, failed := h.sales(r.Context(), e)
			if failed == nil && !reflect.DeepEqual(now, last) { // a database that is away is asked again
				last = now
				err = stream.Send("change", now)
			}
		case <-beat.C:
			err = stream.Beat()
		case <-httpapi.Stopping(r):
			return
		case <-r.Context().Done():
			return
		}
	}
}
