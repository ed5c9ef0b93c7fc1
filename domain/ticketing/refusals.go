package ticketing

import "github.com/onsale-tickets/onsale/domain"

// Refusals that more than one use case or adapter returns.
var (
	// TooManyEvents refuses the topics of an event, and its bookings until it has them.
	TooManyEvents = domain.Refuse(domain.Unavailable, "too_many_events", "the brokers have no room for another event at present")

	UnknownEvent   = domain.Refuse(domain.NotFound, "event_not_found", "there is no such event")
	UnknownSection = domain.Refuse(domain.NotFound, "section_not_found", "the event has no such section")
)
