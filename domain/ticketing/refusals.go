package ticketing

import "github.com/onsale-tickets/onsale/domain"

// Refusals that more than one use case or adapter returns.
var (
	// TooManyEvents refuses the topics of an event, and its bookings until it has them.
	TooManyEvents = domain.Refuse(domain.Unavailable, "too_many_events", "the brokers have no room for another event at present")

	UnknownEvent = domain.Refuse(domain.NotFound, "event_not_found", "there is no such event")
	// IsArchived refuses to change an event that is archived.
	IsArchived = domain.Refuse(domain.Conflict, "event_archived", "the event is archived and can no longer change")
	// NoLiveSeats refuses to show the live seats of an event that is archived.
	NoLiveSeats = domain.Refuse(domain.Gone, "event_archived", "the event is archived; it has no live seats")
	// notClosed refuses to archive an event on sale.
	notClosed = domain.Refuse(domain.Conflict, "event_on_sale", "the sale is not closed; close it first")
	// NoArchiver refuses a seller's request for an archive.
	NoArchiver = domain.Refuse(domain.Unavailable, "no_archiver", "this installation archives nothing by itself; ask its operator")
	// NotSettled refuses to archive an event that has open bookings.
	NotSettled     = domain.Refuse(domain.Conflict, "not_settled", "bookings of the event are still open; archive it when all are paid, cancelled or failed")
	UnknownSection = domain.Refuse(domain.NotFound, "section_not_found", "the event has no such section")
)
