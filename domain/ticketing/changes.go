package ticketing

import (
	"strconv"
	"time"

	"github.com/onsale-tickets/onsale/domain"
)

// Changes are a seller's changes of an event. A nil field stays as it is.
type Changes struct {
	Name, VenueName, Description *string
	StartsAt                     *string // RFC 3339, any offset
	TimeZone                     *string
}

// Change returns the event with the changes, or an Invalid refusal that names
// each bad field.
func (e Event) Change(c Changes, now time.Time, knownZone func(string) bool) (Event, error) {
	if e.Status == Archived {
		return e, IsArchived
	}
	var bad refusals
	if c.Name != nil {
		e.Name = bad.shortText(domain.Field("name"), *c.Name)
	}
	if c.VenueName != nil {
		e.VenueName = bad.shortText(domain.Field("venue_name"), *c.VenueName)
	}
	if c.Description != nil {
		e.Description = *c.Description
		bad.description(e.Description)
	}
	if c.StartsAt != nil {
		e.StartsAt = bad.startsAt(*c.StartsAt, now)
	}
	if c.TimeZone != nil {
		e.TimeZone = *c.TimeZone
		bad.timeZone(e.TimeZone, knownZone)
	}
	return e, domain.RefuseFields(bad)
}

// WithPrice returns the event with another price of a section, in minor units.
// It refuses an unknown section (section_not_found), a bad price (Invalid), and
// a closed event (event_closed) or an archived one, in this order.
func (e Event) WithPrice(section string, price *int64) (Event, error) {
	_, at, ok := e.Section(section)
	if !ok {
		return e, UnknownSection
	}
	var bad refusals
	bad.price(domain.Field("price"), price)
	if err := domain.RefuseFields(bad); err != nil {
		return e, err
	}
	switch e.Status {
	case Archived:
		return e, IsArchived
	case Closed, Archiving:
		return e, domain.Refuse(domain.Conflict, "event_closed", "the sale is closed; its prices can no longer change")
	}
	sections := make([]CatalogueSection, len(e.Sections))
	copy(sections, e.Sections)
	sections[at].Price = *price
	e.Sections = sections
	return e, nil
}

// Close returns the event with its sale closed for good. It refuses an archived
// event.
func (e Event) Close() (Event, error) {
	switch e.Status {
	case Archived:
		return e, IsArchived
	case Archiving:
		return e, nil
	}
	e.Status, e.Closed = Closed, true
	return e, nil
}

// ToArchive returns the event as one that is to be archived. Only a closed event can
// be; one that is archived stays so.
func (e Event) ToArchive() (Event, error) {
	if !e.Status.Over() {
		return e, notClosed
	}
	if e.Status == Closed {
		e.Status = Archiving
	}
	return e, nil
}

// Archive returns the event as archived. Only a closed event can be archived.
func (e Event) Archive() (Event, error) {
	if !e.Status.Over() {
		return e, notClosed
	}
	e.Status, e.Closed, e.Archived = Archived, true, true
	return e, nil
}

func (r *refusals) description(text string) {
	r.add(domain.Field("description"), domain.TextCode(text, true), "text without control characters and without bidirectional formatting")
	if len(text) > MaxDescription {
		r.add(domain.Field("description"), "too_long", "at most "+strconv.Itoa(MaxDescription)+" bytes")
	}
}

func (r *refusals) timeZone(name string, known func(string) bool) {
	if name == "" || name == "Local" || !known(name) {
		r.add(domain.Field("time_zone"), "unknown", "an IANA time zone, such as Asia/Taipei")
	}
}

func (r *refusals) price(at domain.Path, price *int64) {
	switch {
	case price == nil:
		r.add(at, "required", "a price in minor units")
	case *price < 1 || *price > domain.MaxPrice:
		r.add(at, "out_of_range", "a whole number from 1 to "+strconv.Itoa(domain.MaxPrice)+" minor units")
	}
}
