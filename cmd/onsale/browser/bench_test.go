package browser_test

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"github.com/onsale-tickets/onsale/cmd/onsale/internal/e2e"
)

// The load of BenchmarkBrowserMap: bookings per second, seats per booking, and
// how long seats are held before they are given back.
const (
	benchBookings = 105
	benchSeats    = 10
	benchHeld     = 500 * time.Millisecond
	benchZoomed   = 5 * time.Second
)

// watching runs in the page. It records the time between frames, the time to draw
// each, the number of seats that changed, and when each seat of the last block
// was first drawn as held.
const watching = `(async () => {
	const view = onsaleView, stamps = [], { changed, draw } = view, probes = view.hall.blocks.at(-1).first, waiting = [], drawn = {}
	const clock = () => performance.timeOrigin + performance.now()
	let seats = 0
	view.frames = []
	view.changed = indexes => {
		seats += indexes ? indexes.length : 0
		for (const i of indexes || []) if (i >= probes) waiting.push(i - probes)
		changed.call(view, indexes)
	}
	view.draw = () => { draw.call(view); while (waiting.length) drawn[waiting.pop()] ??= clock() }
	const end = performance.now() + %d
	await new Promise(done => { const tick = now => { stamps.push(now); now < end ? requestAnimationFrame(tick) : done() }; requestAnimationFrame(tick) })
	Object.assign(view, { changed, draw })
	return JSON.stringify({ gaps: stamps.slice(1).map((s, i) => s - stamps[i]), draws: view.frames, seats, drawn })
})()`

// BenchmarkBrowserMap shows a map of 50,000 seats in headless Chromium, which
// draws without a GPU, while about 2,000 seats change per second: the whole hall,
// then a section, then one block. lag is the time from a buyer's request until
// another buyer's browser draws the seat as held.
func BenchmarkBrowserMap(b *testing.B) {
	in := e2e.Start(b, e2e.Embedded)
	event := in.Register("seller", "seller@example.com").CreateEvent("Map", benchSeats)
	tab := openBrowser(in, b)
	tab.open("/events/1")
	tab.sees("live")
	visit, err := chromedp.Run(tab.ctx, chromedp.Evaluate[[]float64](`(files => [files.reduce((sum, f) => sum + f.transferSize, 0), files.length])(
		[...performance.getEntriesByType('navigation'), ...performance.getEntriesByType('resource')].filter(f => !f.name.includes('format=bits')))`))
	if err != nil {
		b.Fatal(err)
	}
	ctx, stop := context.WithCancel(context.Background())
	defer stop()
	people := in.Minted(64)
	for i := range people {
		people[i].At = in.ServiceURL("booking-service")
	}
	var load sync.WaitGroup
	load.Go(func() { churn(ctx, people[1:], event) })
	metrics := map[string]float64{}
	probe := 0
	for b.Loop() {
		for _, zoom := range []struct{ name, to string }{{"hall", "onsaleView.fit()"}, {"section", "onsaleView.fit(onsaleView.hall.sections[0], 2)"}, {"near", "onsaleView.fit(onsaleView.hall.blocks[0], 2)"}} {
			tab.do(js(zoom.to))
			sent := map[int]time.Time{}
			var probes sync.WaitGroup
			probes.Go(func() {
				for end := time.Now().Add(benchZoomed - time.Second); time.Now().Before(end); probe++ {
					sent[probe] = time.Now()
					people[0].Book(map[string]any{"event_id": event, "section": "J", "subsection": 10, "seat_selection_mode": "manual",
						"seat_positions": []string{fmt.Sprintf("%d-%d", 1+probe/25, 1+probe%25)}})
					time.Sleep(100*time.Millisecond - time.Since(sent[probe])) // ten per second
				}
			})
			text, err := chromedp.Run(tab.ctx, chromedp.Evaluate[string](fmt.Sprintf(watching, benchZoomed.Milliseconds()), chromedp.EvalAwaitPromise))
			probes.Wait()
			if err != nil {
				b.Fatal(err)
			}
			var got struct {
				Gaps, Draws []float64
				Seats       int
				Drawn       map[int]float64
			}
			if err := json.Unmarshal([]byte(text), &got); err != nil {
				b.Fatal(err)
			}
			var lags []float64
			for n, at := range sent {
				if got.Drawn[n] == 0 {
					b.Errorf("seat %d was never drawn as held", n)
				}
				lags = append(lags, got.Drawn[n]-float64(at.UnixMicro())/1000)
			}
			metrics[zoom.name+"-changes/s"] = float64(got.Seats) / benchZoomed.Seconds()
			for name, values := range map[string][]float64{"frame": got.Gaps, "draw": got.Draws, "lag": lags} {
				metrics[zoom.name+"-"+name+"-p50-ms"], metrics[zoom.name+"-"+name+"-p95-ms"] = percentile(values, 0.5), percentile(values, 0.95)
			}
		}
	}
	stop()
	load.Wait()
	metrics["visit-kB"], metrics["visit-requests"] = visit[0]/1000, visit[1]
	metrics["layout-kB"], metrics["map-kB"] = layoutSize(b, in)/1000, snapshotSize(b, in)/1000
	for name, value := range metrics {
		b.ReportMetric(value, name)
	}
}

// churn books and cancels in all sections but the last.
func churn(ctx context.Context, buyers []e2e.Person, event int64) {
	var all sync.WaitGroup
	defer all.Wait()
	tick := time.NewTicker(time.Second / benchBookings)
	defer tick.Stop()
	for n := 0; ; n++ {
		select {
		case <-tick.C:
			p := buyers[n%len(buyers)]
			all.Go(func() {
				b := p.Book(map[string]any{"event_id": event, "section": string(rune('A' + n%9)), "subsection": 1 + n/9%10, "seat_selection_mode": "best_available", "quantity": benchSeats})
				time.Sleep(benchHeld)
				p.Call("POST", "/v1/bookings/"+b.ID+"/cancellation", nil)
			})
		case <-ctx.Done():
			return
		}
	}
}

func percentile(of []float64, p float64) float64 {
	if len(of) == 0 {
		return 0
	}
	slices.Sort(of)
	return of[min(int(p*float64(len(of))), len(of)-1)]
}

// layoutSize returns the compressed size of the layout in bytes.
func layoutSize(b *testing.B, in *e2e.Installation) float64 {
	b.Helper()
	req, err := http.NewRequest("GET", in.URL("/v1/events/1/layout"), nil)
	if err != nil {
		b.Fatal(err)
	}
	req.Header.Set("Accept-Encoding", "gzip") // set by hand, so that the client does not decompress
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		b.Fatal(err)
	}
	defer resp.Body.Close()
	n, err := io.Copy(io.Discard, resp.Body)
	if err != nil {
		b.Fatal(err)
	}
	return float64(n)
}

// snapshotSize returns the size of the first frame of the map in bytes.
func snapshotSize(b *testing.B, in *e2e.Installation) float64 {
	b.Helper()
	resp, err := http.Get(in.URL("/v1/events/1/seats/stream?format=bits"))
	if err != nil {
		b.Fatal(err)
	}
	defer resp.Body.Close()
	lines := bufio.NewReader(resp.Body)
	for n := 0; ; {
		line, err := lines.ReadString('\n')
		if err != nil {
			b.Fatal(err)
		}
		if n += len(line); strings.TrimSpace(line) == "" {
			return float64(n)
		}
	}
}
