package ticketing

import (
	"time"

	"github.com/onsale-tickets/onsale/domain"
	"github.com/onsale-tickets/onsale/domain/seating"
)

// CatalogueEvent is an event as every server knows it: the record of the
// compacted catalogue.
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
	CreatedAt      time.Time
	Revision       int64 // readers ignore a smaller one
	JournalTopicID string
	Sections       []CatalogueSection // as created; the position decides the partition
}

// CatalogueSection is a section with its price now, in minor units.
type CatalogueSection struct {
	Layout seating.SectionLayout
	Price  int64
}

// Section finds a section by name, with its position in the list.
func (e CatalogueEvent) Section(name string) (CatalogueSection, int, bool) {
	for i, s := range e.Sections {
		if s.Layout.Name == name {
			return s, i, true
		}
	}
	return CatalogueSection{}, 0, false
}
