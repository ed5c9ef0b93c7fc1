package ticketing

import (
	"time"

	"github.com/onsale-tickets/onsale/domain"
	"github.com/onsale-tickets/onsale/domain/seating"
)

// CatalogueEvent is a record of the compacted catalogue, which every server
// reads.
type CatalogueEvent struct {
	ID             domain.EventID
	SellerID       domain.UserID
	SellerName     string
	Name           string
	Description    string
	VenueName      string
	StartsAt       time.Time
	TimeZone       string
	Currency       domain.Currency
	MaxTickets     int // per booking, 1–20
	Closed         bool
	Archived       bool // its journal is in a file, and its topics are gone; it is Closed too
	CreatedAt      time.Time
	Revision       int64              // readers ignore a record with a smaller one
	JournalTopicID string             // empty until the event was first woken: it has no topics yet
	NoRoom         bool               // the brokers have refused its topics, and no booking is accepted until they have room
	Sections       []CatalogueSection // as created; the position decides the partition
}

// HasTopics reports whether the topics of the event exist. They are made when it is
// first woken.
func (e CatalogueEvent) HasTopics() bool { return e.JournalTopicID != "" }

// CatalogueSection is a section with its present price, in minor units.
type CatalogueSection struct {
	Layout seating.SectionLayout
	Price  int64
}

// Section returns a section by name, its position in Sections, and whether there
// is one.
func (e CatalogueEvent) Section(name string) (CatalogueSection, int, bool) {
	for i, s := range e.Sections {
		if s.Layout.Name == name {
			return s, i, true
		}
	}
	return CatalogueSection{}, 0, false
}
