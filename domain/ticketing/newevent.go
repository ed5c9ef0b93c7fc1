package ticketing

import (
	"regexp"
	"strconv"
	"time"

	"github.com/onsale-tickets/onsale/domain"
)

// Limits of an event. The limits of the seating keep each catalogue record below
// 4 MiB, because the record holds the name of each section and the rows of each
// subsection.
const (
	MaxSeats          = 100_000
	MaxSubsections    = 10_000 // of all sections together
	MaxSections       = 500
	MaxTicketsLimit   = 20
	DefaultMaxTickets = 4
	DefaultTimeZone   = "UTC"
	MaxDescription    = 64 << 10 // bytes
)

// NewEvent is a seller's request for an event, as it was sent. A nil field was
// left out.
type NewEvent struct {
	Name, VenueName, Description string
	StartsAt                     string // RFC 3339, any offset
	TimeZone                     string
	Currency                     string
	MaxTickets                   *int
	Seating                      NewSeating
}

// Validated returns the event to be stored, or an Invalid refusal that names
// each bad field. The caller sets id, seller and creation time. knownZone
// reports whether a name is a zone of the IANA database.
func (n NewEvent) Validated(now time.Time, knownZone func(string) bool) (CatalogueEvent, error) {
	var bad refusals
	e := CatalogueEvent{
		Description: n.Description, TimeZone: n.TimeZone, Currency: domain.Currency(n.Currency),
		MaxTickets: DefaultMaxTickets, Revision: 1,
	}
	e.Name = bad.shortText(domain.Field("name"), n.Name)
	e.VenueName = bad.shortText(domain.Field("venue_name"), n.VenueName)
	bad.description(n.Description)
	e.StartsAt = bad.startsAt(n.StartsAt, now)
	if e.TimeZone == "" {
		e.TimeZone = DefaultTimeZone
	}
	bad.timeZone(e.TimeZone, knownZone)
	if _, ok := e.Currency.MinorUnits(); !ok {
		bad.add(domain.Field("currency"), requiredOr("unknown", n.Currency == ""), "an ISO 4217 code in upper case, of a currency that has minor units")
	}
	if n.MaxTickets != nil {
		e.MaxTickets = *n.MaxTickets
		bad.between(domain.Field("max_tickets_per_booking"), e.MaxTickets, 1, MaxTicketsLimit)
	}
	e.Sections = n.Seating.sections(&bad)
	return e, domain.RefuseFields(bad)
}

// refusals collects bad fields, at most maxRefusals of them: a large hall with
// a mistake in each seat need not lead to a response of the same size.
type refusals []domain.FieldError

const maxRefusals = 50

func (r *refusals) add(field domain.Path, code, detail string) {
	if code != "" && len(*r) < maxRefusals {
		*r = append(*r, domain.FieldError{Field: field, Code: code, Detail: detail})
	}
}

func (r *refusals) between(field domain.Path, n, least, most int) bool {
	if n >= least && n <= most {
		return true
	}
	r.add(field, "out_of_range", "a number from "+strconv.Itoa(least)+" to "+strconv.Itoa(most))
	return false
}

func (r *refusals) shortText(field domain.Path, raw string) string {
	text, code := domain.ShortText(raw)
	r.add(field, code, "1 to 128 characters, at least one of them visible, without control characters")
	return text
}

// rfc3339 is stricter than time.Parse, which takes the offset +24:00, an hour of
// one digit, and a comma before the fraction.
var rfc3339 = regexp.MustCompile(`^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]([01]\d|2[0-3]):[0-5]\d)$`)

// startsAt reads an RFC 3339 time with any offset up to 23:59. It is kept to the
// microsecond, the precision of PostgreSQL.
func (r *refusals) startsAt(raw string, now time.Time) time.Time {
	at, err := time.Parse(time.RFC3339Nano, raw)
	switch {
	case err != nil || !rfc3339.MatchString(raw) || at.UTC().Year() < 0 || at.UTC().Year() > 9999:
		r.add(domain.Field("starts_at"), requiredOr("invalid", raw == ""), "an RFC 3339 time, such as 2027-05-01T20:00:00+02:00")
	case at.Before(now):
		r.add(domain.Field("starts_at"), "in_the_past", "a time in the future")
	}
	return at.UTC().Truncate(time.Microsecond)
}

func requiredOr(code string, missing bool) string {
	if missing {
		return "required"
	}
	return code
}
