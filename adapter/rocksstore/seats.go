package rocksstore

import (
	"encoding/json"
	"fmt"

	"github.com/linxGnu/grocksdb"

	"github.com/onsale-tickets/onsale/adapter/crashpoint"
	"github.com/onsale-tickets/onsale/adapter/journalcodec"
	"github.com/onsale-tickets/onsale/domain"
	"github.com/onsale-tickets/onsale/domain/journal"
	"github.com/onsale-tickets/onsale/port"
)

// Seats is the seat store of one server.
type Seats struct{ db *db }

var (
	_ port.SeatStore   = (*Seats)(nil)
	_ port.StoredSeats = (*Seats)(nil)
)

// Open opens or makes a store in a directory. One process at a time.
func Open(dir string) (*Seats, error) {
	d, err := openDB(dir, false)
	if err != nil {
		return nil, err
	}
	return &Seats{db: d}, nil
}

// OpenReadOnly opens a store that nobody is writing, or a checkpoint.
func OpenReadOnly(dir string) (*Seats, error) {
	d, err := openDB(dir, true)
	if err != nil {
		return nil, err
	}
	return &Seats{db: d}, nil
}

// Close lets the directory go; calls after it are errors.
func (s *Seats) Close() { s.db.close() }

// Checkpoint makes a consistent copy of a store in use, for OpenReadOnly. The
// directory must not exist.
func (s *Seats) Checkpoint(dir string) error { return s.db.checkpoint(dir) }

// Load reads one partition.
func (s *Seats) Load(event domain.EventID, p domain.Partition) (port.SeatSnapshot, bool, error) {
	var snapshot port.SeatSnapshot
	value, err := s.db.get(partitionKey('f', event, p))
	if err != nil || value == nil {
		return snapshot, false, err
	}
	if err := json.Unmarshal(value, &snapshot.SeatFold); err != nil {
		return snapshot, false, fmt.Errorf("fold of event %d partition %d: %w", event, p, err)
	}
	err = s.db.scan(partitionKey('l', event, p), func(_, value []byte) error {
		r, err := journalcodec.Decode(value)
		if err == nil {
			snapshot.Sections = append(snapshot.Sections, port.StoredSection{Layout: *r.Layout, HoldBase: r.HoldBase})
		}
		return err
	})
	if err != nil {
		return snapshot, false, err
	}
	prefix := partitionKey('s', event, p)
	err = s.db.scan(prefix, func(key, value []byte) error {
		seat, err := decodeSeat(key[len(prefix):], value)
		snapshot.Seats = append(snapshot.Seats, seat)
		return err
	})
	return snapshot, err == nil, err
}

// Write stores a batch as one RocksDB WriteBatch.
func (s *Seats) Write(b port.SeatBatch) error {
	fold, err := json.Marshal(b.SeatFold)
	if err != nil {
		return err
	}
	if len(b.Seats) > 0 {
		crashpoint.At(crashpoint.RecordsReadBack)
	}
	err = s.db.batch(func(w *grocksdb.WriteBatch) {
		w.Put(partitionKey('f', b.Event, b.Partition), fold)
		for _, section := range b.Sections {
			r := journal.Record{Kind: journal.SeatsInitialized, Layout: &section.Layout, HoldBase: section.HoldBase}
			w.Put(append(partitionKey('l', b.Event, b.Partition), section.Layout.Name...), journalcodec.Append(nil, r))
		}
		for _, seat := range b.Seats {
			w.Put(seatKey(b.Event, b.Partition, seat.Section, seat.Index), encodeSeat(seat.Seat))
		}
		for _, o := range b.Outcomes {
			w.Put(outcomeKey(b.Event, o.BookingID), encodeOutcome(b.Partition, o))
		}
	})
	if err == nil && len(b.Seats) > 0 {
		crashpoint.At(crashpoint.SeatsStored)
	}
	return err
}

// Outcome finds what was decided about a booking.
func (s *Seats) Outcome(event domain.EventID, booking domain.BookingID) (port.Outcome, bool, error) {
	value, err := s.db.get(outcomeKey(event, booking))
	if err != nil || value == nil {
		return port.Outcome{}, false, err
	}
	_, o, err := decodeOutcome(booking, value)
	return o, err == nil, err
}

// Outcomes calls fn with every outcome of an event, in the order of the ids of
// their bookings.
func (s *Seats) Outcomes(event domain.EventID, fn func(domain.Partition, port.Outcome)) error {
	prefix := eventKey('o', event)
	return s.db.scan(prefix, func(key, value []byte) error {
		var booking domain.BookingID
		if copy(booking[:], key[len(prefix):]) != len(booking) || len(key) != len(prefix)+len(booking) {
			return fmt.Errorf("outcome row %x is damaged", key)
		}
		p, o, err := decodeOutcome(booking, value)
		if err == nil {
			fn(p, o)
		}
		return err
	})
}

// Wipe forgets a partition: all its keys in one batch, the fold among them.
func (s *Seats) Wipe(event domain.EventID, p domain.Partition) error {
	keys := [][]byte{partitionKey('f', event, p)}
	collect := func(key, _ []byte) error { keys = append(keys, key); return nil }
	for _, letter := range []byte{'l', 's'} {
		if err := s.db.scan(partitionKey(letter, event, p), collect); err != nil {
			return err
		}
	}
	err := s.db.scan(eventKey('o', event), func(key, value []byte) error {
		if len(value) > 1 && domain.Partition(value[1]) == p {
			keys = append(keys, key)
		}
		return nil
	})
	if err != nil {
		return err
	}
	return s.db.batch(func(w *grocksdb.WriteBatch) {
		for _, key := range keys {
			w.Delete(key)
		}
	})
}
