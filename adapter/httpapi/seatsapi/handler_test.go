package seatsapi_test

import (
	"context"
	"encoding/json"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/onsale-tickets/onsale/adapter/feedhub"
	"github.com/onsale-tickets/onsale/adapter/httpapi"
	"github.com/onsale-tickets/onsale/adapter/httpapi/seatsapi"
	"github.com/onsale-tickets/onsale/adapter/memory"
	"github.com/onsale-tickets/onsale/domain"
	"github.com/onsale-tickets/onsale/domain/message"
	"github.com/onsale-tickets/onsale/domain/seating"
	"github.com/onsale-tickets/onsale/domain/ticketing"
	"github.com/onsale-tickets/onsale/port"
	"github.com/onsale-tickets/onsale/usecase/reservation"
)

const show = domain.EventID(1)

func layout(name string) seating.SectionLayout {
	return seating.SectionLayout{Name: name, Subsections: []seating.Subsection{seating.Regular(1, 2, 3)}}
}

func input(a message.Action, p domain.Partition) port.Input {
	return port.Input{Event: show, Action: a, Partition: p, TopicID: a.String()}
}

// initialise delivers the command that makes a section, on a partition.
func initialise(t *testing.T, s *reservation.Server, name string, p domain.Partition) {
	t.Helper()
	m := message.InitializeSeats{EventID: show, Layout: layout(name)}
	if err := s.Deliver(t.Context(), show, []port.Delivery{{Input: input(m.Action(), p), Envelope: message.Envelope{Body: m}}}); err != nil {
		t.Fatal(err)
	}
}

// All three forms of the seats, and the stream of the map, are refused until every
// section was read: never an answer with sections missing.
func TestSeatsAreRefusedUntilEverySectionWasRead(t *testing.T) {
	synctest.Test(t, refusedUntilRead)
}

func refusedUntilRead(t *testing.T) {
	catalogue, hub := memory.NewCatalogue(), feedhub.NewMaps()
	err := catalogue.PublishEvent(t.Context(), ticketing.CatalogueEvent{ID: show, Revision: 1, JournalTopicID: "j", Sections: []ticketing.CatalogueSection{
		{Layout: layout("A"), Price: 100}, {Layout: layout("B"), Price: 100}}})
	if err != nil {
		t.Fatal(err)
	}
	log := slog.New(slog.NewTextHandler(t.Output(), nil))
	owner := reservation.NewServer(reservation.Deps{Wakes: memory.NewWakes(memory.NewWakeLog(), catalogue, message.SeatReservation, time.Hour), Journal: memory.NewJournal(), Seats: memory.NewSeatStore(), Publisher: &memory.Publisher{},
		DeadLetters: &memory.DeadLetters{}, Catalogue: catalogue, Feed: hub, Meter: &memory.SeatMeter{}, Now: time.Now, Nonce: func() uint64 { return 1 }, Log: log})
	hub.SetSnapshots(owner)
	ctx, stop := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- owner.Run(ctx) }()
	defer func() {
		stop()
		if err := <-ended; err != nil {
			t.Error(err)
		}
	}()
	handler := seatsapi.NewHandler(owner, catalogue, hub, log)
	get := func(path string) *httptest.ResponseRecorder {
		w := httptest.NewRecorder()
		ctx, cancel := context.WithTimeout(t.Context(), time.Second) // streams end
		defer cancel()
		handler.ServeHTTP(w, httptest.NewRequestWithContext(ctx, http.MethodGet, "/v1/events/1/seats"+path, nil))
		return w
	}
	forms := []string{"", "?section=A&subsection=1", "/stream", "/stream?format=bits"}
	refused := func(when string) {
		t.Helper()
		synctest.Wait()
		for _, form := range forms {
			w := get(form)
			var problem struct{ Code string }
			_ = json.Unmarshal(w.Body.Bytes(), &problem)
			if w.Code != http.StatusServiceUnavailable || problem.Code != "seats_unavailable" || w.Header().Get("Retry-After") == "" {
				t.Errorf("%s, GET …/seats%s: %d %v %s", when, form, w.Code, w.Header(), w.Body)
			}
		}
	}

	refused("before anything was read")
	_, err = owner.Assigned(ctx, show, map[port.Input]int64{input(message.SeatInitialization, 0): 1, input(message.SeatInitialization, 1): 1})
	if err != nil {
		t.Fatal(err)
	}
	refused("before a section is initialised")
	initialise(t, owner, "A", 0)
	refused("with one section of two")
	initialise(t, owner, "B", 1)
	synctest.Wait()
	for _, form := range forms {
		w := get(form)
		if w.Code != http.StatusOK {
			t.Errorf("with both sections, GET …/seats%s: %d %s", form, w.Code, w.Body)
		}
		if form == "" && (!strings.Contains(w.Body.String(), `"name":"A"`) || !strings.Contains(w.Body.String(), `"name":"B"`)) {
			t.Errorf("the answer is %s", w.Body)
		}
	}

	// The event is archived while somebody reads the map: the stream ends, and a reader
	// that comes back is told why.
	over := make(chan bool)
	go func() {
		defer close(over)
		handler.ServeHTTP(httptest.NewRecorder(), httptest.NewRequestWithContext(ctx, http.MethodGet, "/v1/events/1/seats/stream", nil))
	}()
	synctest.Wait()
	archived := ticketing.CatalogueEvent{ID: show, Revision: 2, JournalTopicID: "j", Closed: true, Archived: true, Sections: []ticketing.CatalogueSection{
		{Layout: layout("A"), Price: 100}, {Layout: layout("B"), Price: 100}}}
	if err := catalogue.PublishEvent(t.Context(), archived); err != nil {
		t.Fatal(err)
	}
	select {
	case <-over:
	case <-time.After(httpapi.Heartbeat + time.Second):
		t.Error("the stream of an archived event stays open")
	}
	for _, form := range forms {
		if w := get(form); w.Code != http.StatusGone || !strings.Contains(w.Body.String(), "event_archived") {
			t.Errorf("archived, GET …/seats%s: %d %s", form, w.Code, w.Body)
		}
	}
}
