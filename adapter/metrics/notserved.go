package metrics

import (
	"context"

	"github.com/onsale-tickets/onsale/domain"
)

// NotServed returns a gauge of the events that this server cannot serve.
func NotServed(read func(context.Context) (map[domain.EventID]error, error)) Gauge {
	return Gauge{Name: "onsale_events_not_served", Help: "1 for each event that this server cannot serve; /readyz and the log say why.",
		Labels: []string{"event_id"}, Read: func(ctx context.Context, show func(float64, ...string)) error {
			problems, err := read(ctx)
			for id := range problems {
				show(1, id.String())
			}
			return err
		}}
}
