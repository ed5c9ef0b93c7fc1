package main_test

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
)

// watching counts, in the page, frames, how long each was drawn, and the seats
// that changed, for some seconds.
const watching = `(async () => {
	const view = onsaleView, stamps = [], was = view.changed
	let seats = 0
	view.frames = []
	view.changed = indexes => { seats += indexes ? indexes.length : 0; was.call(view, indexes) }
	const end = performance.now() + %d
	await new Promise(done => { const tick = now => { stamps.push(now); now < end ? requestAnimationFrame(tick) : done() }; requestAnimationFrame(tick) })
	view.changed = was
	return JSON.stringify({ gaps: stamps.slice(1).map((s, i) => s - stamps[i]), draws: view.frames, seats })
})()`

// BenchmarkBrowserMap is a map of 50,000 seats in headless Chromium (drawn by the
// processor) while about 2,000 of them change in a second: the whole hall, two
// blocks, and one from near.
func BenchmarkBrowserMap(b *testing.B) {
	in := newInstallation(b)
	event := in.register("seller", "seller@example.com").createEvent("Map")
	tab := in.browser(b)
	tab.open("/events/1")
	tab.sees("live")
	b.ReportMetric(float64(size(b, in.url("/v1/events/1/layout")))/1000, "layout-kB")
	ctx, stop := context.WithCancel(context.Background())
	defer stop()
	var all sync.WaitGroup
	turns := make(chan int)
	for _, p := range in.minted(48) {
		p.at = in.serviceURL("booking-service")
		all.Go(func() {
			for n := range turns {
				held := p.book(map[string]any{"event_id": event, "section": string(rune('A' + n%10)), "subsection": 1 + n/10%10, "seat_selection_mode": "best_available", "quantity": 4})
				if p.answered(held.ID).Status == "pending_payment" {
					p.call("POST", "/v1/bookings/"+held.ID+"/cancellation", nil)
				}
			}
		})
	}
	go func() { // 250 bookings a second: four seats held, four given back
		defer close(turns)
		tick := time.NewTicker(4 * time.Millisecond)
		defer tick.Stop()
		for n := 0; ; n++ {
			select {
			case <-tick.C:
				select {
				case turns <- n:
				default: // all are busy
				}
			case <-ctx.Done():
				return
			}
		}
	}()
	for b.Loop() {
		for _, zoom := range []struct{ name, to string }{{"hall", "onsaleView.fit()"}, {"blocks", "onsaleView.fit(onsaleView.hall.sections[0], 2)"}, {"near", "onsaleView.fit(onsaleView.hall.blocks[0], 2)"}} {
			tab.do(js(zoom.to))
			text, err := chromedp.Run(tab.ctx, chromedp.Evaluate[string](fmt.Sprintf(watching, 5000), chromedp.EvalAwaitPromise))
			if err != nil {
				b.Fatal(err)
			}
			var got struct {
				Gaps, Draws []float64
				Seats       int
			}
			if err := json.Unmarshal([]byte(text), &got); err != nil {
				b.Fatal(err)
			}
			b.ReportMetric(percentile(got.Gaps, 0.5), zoom.name+"-frame-p50-ms")
			b.ReportMetric(percentile(got.Gaps, 0.95), zoom.name+"-frame-p95-ms")
			b.ReportMetric(percentile(got.Draws, 0.95), zoom.name+"-draw-p95-ms")
			b.ReportMetric(float64(got.Seats)/5, zoom.name+"-changes/s")
		}
	}
	stop()
	all.Wait()
}

func percentile(of []float64, p float64) float64 {
	if len(of) == 0 {
		return 0
	}
	slices.Sort(of)
	return of[min(int(p*float64(len(of))), len(of)-1)]
}

func size(b *testing.B, url string) int {
	b.Helper()
	resp, err := http.Get(url)
	if err != nil {
		b.Fatal(err)
	}
	defer resp.Body.Close()
	content, err := io.ReadAll(resp.Body)
	if err != nil {
		b.Fatal(err)
	}
	return len(content)
}
