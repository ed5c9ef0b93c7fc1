package faults_test

import (
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"path/filepath"
	"strings"
	"testing"
	"time"

	toxiproxy "github.com/Shopify/toxiproxy/v2"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/rs/zerolog"

	"github.com/onsale-tickets/onsale/adapter/embeddedbroker"
	"github.com/onsale-tickets/onsale/adapter/httpapi/proxy"
	"github.com/onsale-tickets/onsale/adapter/supervisor"
	"github.com/onsale-tickets/onsale/cmd/onsale/internal/e2e"
)

// The network between the services and each store is cut, slow, and half open:
// connections stay, and nothing passes. Nothing that was acknowledged is lost.
// When the network is back, each section sells within 30 s, and all that was sent
// is applied within 30 s.
func TestNetworkCuts(t *testing.T) {
	t.Parallel()
	e2e.Alone(t)
	n := startNetwork(t)
	event := n.in.Register("seller", "seller@example.com").CreateEvent("Network")
	people := n.in.Minted(20)
	load := n.in.Load(event, people, e2e.Seed(t), e2e.Thinks)
	load.Begun(n.in)
	for _, store := range []string{supervisor.PostgresProcess, supervisor.RedisProcess, supervisor.BrokerProcess} {
		for _, fault := range []struct {
			name  string
			lasts time.Duration
			begin func(*testing.T, *toxiproxy.Proxy)
			end   func(*testing.T, *toxiproxy.Proxy)
		}{
			{"cut", 4 * time.Second, cut, mend},
			{"slow", 4 * time.Second, toxic("latency", `{"latency": 300, "jitter": 100}`), heal},
			{"half open", 8 * time.Second, toxic("timeout", `{"timeout": 0}`), heal}, // beyond the time limits of the clients
		} {
			t.Run(store+" "+fault.name, func(t *testing.T) {
				fault.begin(t, n.to[store])
				over := time.After(fault.lasts)
				if fault.name != "slow" {
					feels(n.in.For(t), people[1], event, store)
				}
				<-over
				fault.end(t, n.to[store])
				n.in.For(t).SellsEverywhere(people[0], event, store+" "+fault.name)
			})
			if t.Failed() {
				return
			}
		}
	}
	load.End()
	n.in.Resolved(load.Told)
	for _, service := range []string{supervisor.Bookings, supervisor.Ticketing} {
		n.in.Eventually("all that was sent to "+service+" is applied", 30*time.Second, func() bool { return n.in.Lag(service) == 0 })
	}
	n.in.Verify()
}

// feels fails the test if bookings go on as if the store were there. Redis is
// allowed to be away: it is only asked for news.
func feels(in *e2e.Installation, p e2e.Person, event int64, store string) {
	in.T.Helper()
	fields := map[string]any{"event_id": event, "section": "A", "seat_selection_mode": "best_available", "quantity": 1}
	switch store {
	case supervisor.PostgresProcess:
		in.Eventually("a booking is refused", 10*time.Second, func() bool {
			status, _, err := p.Try("POST", "/v1/bookings", fields)
			return err == nil && status == http.StatusServiceUnavailable
		})
	case supervisor.BrokerProcess:
		b := p.Book(fields)
		time.Sleep(time.Second) // far longer than a booking takes otherwise
		if got := p.Booking(b.ID); got.Status != "processing" {
			in.T.Errorf("without a broker booking %s is %s", b.ID, got.Status)
		}
	}
}

// cut closes all connections and refuses new ones.
func cut(_ *testing.T, p *toxiproxy.Proxy) { p.Stop() }

func mend(t *testing.T, p *toxiproxy.Proxy) {
	t.Helper()
	if err := p.Start(); err != nil {
		t.Fatal(err)
	}
}

// toxic returns a fault in both directions.
func toxic(kind, attributes string) func(*testing.T, *toxiproxy.Proxy) {
	return func(t *testing.T, p *toxiproxy.Proxy) {
		t.Helper()
		for _, direction := range []string{"upstream", "downstream"} {
			_, err := p.Toxics.AddToxicJson(strings.NewReader(fmt.Sprintf(`{"type": %q, "stream": %q, "attributes": %s}`, kind, direction, attributes)))
			if err != nil {
				t.Fatal(err)
			}
		}
	}
}

func heal(t *testing.T, p *toxiproxy.Proxy) { p.Toxics.ResetToxics(t.Context()) }

// network is an installation whose services reach its stores through proxies.
type network struct {
	in *e2e.Installation
	to map[string]*toxiproxy.Proxy // by store
}

func startNetwork(t *testing.T) network {
	t.Helper()
	data, door := filepath.Join(t.TempDir(), "data"), e2e.FreePort(t)
	n := network{in: e2e.Attach(t, data, door), to: map[string]*toxiproxy.Proxy{}}
	server := toxiproxy.NewServer(toxiproxy.NewMetricsContainer(prometheus.NewRegistry()), zerolog.Nop())
	through := func(store, addr string) string {
		if n.to[store] == nil {
			p := toxiproxy.NewProxy(server, store, "127.0.0.1:0", addr)
			if err := p.Start(); err != nil {
				t.Fatal(err)
			}
			t.Cleanup(p.Stop)
			n.to[store] = p
		}
		return n.to[store].Listen
	}
	port := e2e.FreePort(t)
	brokers := through(supervisor.BrokerProcess, fmt.Sprintf("127.0.0.1:%d", port))
	addr, err := net.ResolveTCPAddr("tcp", brokers)
	if err != nil {
		t.Fatal(err)
	}
	broker, err := embeddedbroker.StartBehind(filepath.Join(t.TempDir(), "broker"), port, addr)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(broker.Close)

	run, err := supervisor.New(supervisor.Config{DataDir: data, Bin: n.in.Bin, Servers: 1, Broker: supervisor.External, Brokers: brokers,
		Window: 20 * time.Second, Via: through})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(run.Stop)
	if err := run.StartStores(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := run.StartServices(t.Context()); err != nil {
		t.Fatal(err)
	}
	addresses := func(service string) (all []string) {
		for _, s := range run.Record().Of(service) {
			all = append(all, s.HTTP)
		}
		return all
	}
	handler := proxy.New(proxy.Backends{Bookings: addresses(supervisor.Bookings), Seats: addresses(supervisor.Seats),
		Ticketing: addresses(supervisor.Ticketing)}, http.NotFoundHandler(), slog.New(slog.DiscardHandler))
	listener, err := net.Listen("tcp", fmt.Sprintf("127.0.0.1:%d", door))
	if err != nil {
		t.Fatal(err)
	}
	s := &http.Server{Handler: handler}
	go s.Serve(listener)
	t.Cleanup(func() { s.Close() })
	run.Opened(n.in.URL("/"))
	return n
}
