package seatsapi

import (
	"net/http"
	"net/url"
	"time"

	"github.com/gorilla/mux"

	"github.com/onsale-tickets/onsale/adapter/httpapi"
	"github.com/onsale-tickets/onsale/port"
)

// streamSeats sends the map, then its changes. A reader that reconnects gets what it
// missed, if that is still kept, and then a heartbeat, which says that it has all.
func (h *handler) streamSeats(w http.ResponseWriter, r *http.Request) {
	event, err := h.event(r, mux.Vars(r)["id"])
	if err != nil {
		httpapi.WriteError(w, r, h.log, err)
		return
	}
	query := r.URL.Query()
	var q httpapi.Query
	p := partOf(&q, event, given(query, "section"), given(query, "subsection"))
	if p.subsection != 0 && p.section == "" {
		q.Refuse("section", "required", "a subsection is one of a section")
	}
	format := given(query, "format")
	if format != nil && *format != "bits" {
		q.Refuse("format", "invalid", "bits, or left out")
	}
	if err := q.Err(); err != nil {
		httpapi.WriteError(w, r, h.log, err)
		return
	}
	reader, err := h.maps.Follow(r.Context(), event.ID, names(event))
	switch {
	case r.Context().Err() != nil:
		return // the client is gone
	case err != nil:
		httpapi.WriteError(w, r, h.log, errUnavailable)
		return
	}
	defer reader.Close()
	stream, err := httpapi.OpenStream(w, r)
	if err != nil {
		return
	}
	defer stream.Close()
	over := func() bool { is, _ := h.catalogue.Known(event.ID); return is.Archived }
	_ = follow(r, stream, reader, p, format != nil, over) // the reader is gone, or cut off
}

func given(query url.Values, name string) *string {
	if !query.Has(name) {
		return nil
	}
	v := query.Get(name)
	return &v
}

// follow ends, at a heartbeat, when the event is over. A reader that reconnects is told so.
func follow(r *http.Request, stream *httpapi.Stream, reader port.SeatMapReader, p part, bits bool, over func() bool) error {
	at := r.Header.Get("Last-Event-ID")
	beat := time.NewTicker(httpapi.Heartbeat)
	defer beat.Stop()
	for told := false; ; told = true {
		changed := reader.Changed()
		frames, ok := reader.After(at)
		if !ok {
			f := reader.Snapshot()
			if err := stream.SendEncoded(f.ID, "snapshot", p.encode(f, bits)); err != nil {
				return err
			}
			at = f.ID
			continue
		}
		for _, f := range frames {
			at = f.ID
			if data := p.encode(f, bits); data != nil {
				if err := stream.SendEncoded(f.ID, "change", data); err != nil {
					return err
				}
			}
		}
		if !told { // or it would not know for long that it has all
			if err := stream.Beat(); err != nil {
				return err
			}
		}
		select {
		case <-changed:
		case <-beat.C:
			if over() {
				return nil
			}
			if err := stream.Beat(); err != nil {
				return err
			}
		case <-stream.Done():
			return nil
		}
	}
}
