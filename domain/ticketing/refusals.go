package ticketing

import "github.com/onsale-tickets/onsale/domain"

// Refusals that more than one use case or adapter returns.
var (
	UnknownEvent   = domain.Refuse(domain.NotFound, "event_not_found", "there is no such event")
	UnknownSection = domain.Refuse(domain.NotFound, "section_not_found", "the event has no such section")
)
