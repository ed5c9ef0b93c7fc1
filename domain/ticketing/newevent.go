package ticketing

import (
	"strconv"
	"time"

	"github.com/onsale-tickets/onsale/domain"
)

// Limits of an event. Those of the seating keep the catalogue's record of every
// hall within 4 MiB: each section and subsection has a name and rows of its own.
const (
	MaxSeats          = 100_000
	MaxSubsections    = 10_000 // in all sections together
	MaxSections       = 500
	MaxTicketsLimit   = 20
	DefaultMaxTickets = 4
	DefaultTimeZone   = "UTC"
	MaxDescription    = 64 << 10 // bytes
)

// NewEvent is what a seller asks for, as it was sent; nil where a field was
// left out.
type NewEvent struct {
	Name, VenueName, Description string
	StartsAt                     string // RFC 3339, any offset
	TimeZone                     string
	Currency                     string
	MaxTickets                   *int
	Seating                      NewSeating
}

// Validated is the event as it will be kept, without id, seller and times of
// its own, or an Invalid refusal that names each bad field. knownZone tells
// IANA names.
func (n NewEvent) Validated(now time.Time, knownZone func(string) bool) (CatalogueEvent, error) {
	var bad refusals
	e := CatalogueEvent{
		Description: n.Description, TimeZone: n.TimeZone, Currency: domain.Currency(n.Currency),
		MaxTickets: DefaultMaxTickets, Revision: 1,
	}
	e.Name = bad.shortText("/name", n.Name)
	e.VenueName = bad.shortText("/venue_name", n.VenueName)
	bad.description(n.Description)
	e.StartsAt = bad.startsAt(n.StartsAt, now)
	if e.TimeZone == "" {
		e.TimeZone = DefaultTimeZone
	}
	bad.timeZone(e.TimeZone, knownZone)
	if _, ok := e.Currency.MinorUnits(); !ok {
		bad.add("/currency", requiredOr("unknown", n.Currency == ""), "an ISO 4217 code that has minor units, in upper case")
	}
	if n.MaxTickets != nil {
		e.MaxTickets = *n.MaxTickets
		bad.between("/max_tickets_per_booking", e.MaxTickets, 1, MaxTicketsLimit)
	}
	e.Sections = n.Seating.sections(&bad)
	return e, domain.RefuseFields(bad)
}

// refusals collects bad fields, at most some dozens: who sends a hall of
// mistakes need not get an answer as long.
type refusals []domain.FieldError

const maxRefusals = 50

func (r *refusals) add(pointer, code, detail string) {
	if code != "" && len(*r) < maxRefusals {
		*r = append(*r, domain.FieldError{Pointer: pointer, Code: code, Detail: detail})
	}
}

func (r *refusals) between(pointer string, n, least, most int) bool {
	if n >= least && n <= most {
		return true
	}
	r.add(pointer, "out_of_range", "a number from "+strconv.Itoa(least)+" to "+strconv.Itoa(most))
	return false
}

func (r *refusals) shortText(pointer, raw string) string {
	text, code := domain.ShortText(raw)
	r.add(pointer, code, "1 to 128 characters, one of them visible, none of them hidden")
	return text
}

// startsAt is kept to the microsecond, as PostgreSQL does.
func (r *refusals) startsAt(raw string, now time.Time) time.Time {
	at, err := time.Parse(time.RFC3339Nano, raw)
	switch {
	case err != nil || at.UTC().Year() < 0 || at.UTC().Year() > 9999:
		r.add("/starts_at", requiredOr("invalid", raw == ""), "a time as RFC 3339 has it")
	case at.Before(now):
		r.add("/starts_at", "in_the_past", "an event starts in the future")
	}
	return at.UTC().Truncate(time.Microsecond)
}

func requiredOr(code string, missing bool) string {
	if missing {
		return "required"
	}
	return code
}
