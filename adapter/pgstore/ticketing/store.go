// Package ticketing stores accounts, events and the tickets of record in
// PostgreSQL.
package ticketing

import (
	"context"
	"embed"
	"sync"

	"github.com/onsale-tickets/onsale/adapter/pgstore"
	"github.com/onsale-tickets/onsale/domain"
)

//go:embed migrations/*.sql
var migrations embed.FS

// Store is a store on one database.
type Store struct {
	*pgstore.Database
	waiting pgstore.Bell

	mu       sync.Mutex
	sections map[domain.EventID][]string // names by position; they never change
}

// Open migrates the schema and connects. url names the database and, by
// search_path, the schema.
func Open(ctx context.Context, url string) (*Store, error) {
	db, err := pgstore.Open(ctx, url, migrations)
	if err != nil {
		return nil, err
	}
	return &Store{Database: db, waiting: pgstore.NewBell(), sections: map[domain.EventID][]string{}}, nil
}

// Waiting returns a channel that yields when there is a message for Claim.
func (s *Store) Waiting() <-chan struct{} { return s.waiting }

// sectionNames returns the names of an event's sections by position.
func (s *Store) sectionNames(ctx context.Context, event domain.EventID) ([]string, error) {
	s.mu.Lock()
	names, ok := s.sections[event]
	s.mu.Unlock()
	if ok {
		return names, nil
	}
	err := s.Reads.NewSelect().Table("sections").Column("name").Where("event_id = ?", event).Order("position").Scan(ctx, &names)
	if err != nil || len(names) == 0 {
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.sections[event] = names
	return names, nil
}
