package audit

import (
	"context"

	"github.com/onsale-tickets/onsale/domain"
	"github.com/onsale-tickets/onsale/domain/journal"
	"github.com/onsale-tickets/onsale/domain/message"
	"github.com/onsale-tickets/onsale/domain/seating"
	"github.com/onsale-tickets/onsale/domain/ticketing"
	"github.com/onsale-tickets/onsale/port"
)

// logsOf returns the logs of an event. An event that was never woken has none, so
// nothing can have happened to it: everything is compared with empty ones, and with
// the plans of its layout.
func (a *auditor) logsOf(e ticketing.CatalogueEvent) port.Logs {
	if e.HasTopics() {
		return a.Logs
	}
	return noTopics{a.Logs}
}

// plansOf returns the plans of all sections of the catalogue.
func plansOf(e ticketing.CatalogueEvent) (map[string]*seating.Plan, error) {
	plans := map[string]*seating.Plan{}
	for _, s := range e.Sections {
		plan, err := seating.Compile(s.Layout)
		if err != nil {
			return nil, err
		}
		plans[s.Layout.Name] = plan
	}
	return plans, nil
}

type noTopics struct{ port.Logs }

func (noTopics) Journal(context.Context, domain.EventID, func(domain.Partition, journal.Entry)) error {
	return nil
}

func (noTopics) Messages(context.Context, domain.EventID, message.Action, func(port.Delivery)) error {
	return nil
}

func (noTopics) Ends(context.Context, domain.EventID, message.Action) (string, map[domain.Partition]int64, error) {
	return "", nil, nil
}
