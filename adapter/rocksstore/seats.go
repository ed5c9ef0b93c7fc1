package rocksstore

import (
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"

	"github.com/linxGnu/grocksdb"

	"github.com/onsale-tickets/onsale/adapter/crashpoint"
	"github.com/onsale-tickets/onsale/adapter/journalcodec"
	"github.com/onsale-tickets/onsale/domain"
	"github.com/onsale-tickets/onsale/domain/journal"
	"github.com/onsale-tickets/onsale/port"
)

// Seats is the seat store of one server.
type Seats struct {
	db   *db
	sums sums
}

var (
	_ port.SeatStore   = (*Seats)(nil)
	_ port.StoredSeats = (*Seats)(nil)
)

// Open opens the store in a directory, or makes one. A store that is damaged is
// set aside under a name with the time, which is logged once as an error. Only one
// process may have a directory open: a second one gets an error.
func Open(dir string, log *slog.Logger) (*Seats, error) {
	d, err := openSound(dir, log)
	if err != nil {
		return nil, err
	}
	return newSeats(d), nil
}

// OpenReadOnly opens a store that no process writes, or a checkpoint.
func OpenReadOnly(dir string) (*Seats, error) {
	d, err := openDB(dir, true)
	if err != nil {
		return nil, err
	}
	return newSeats(d), nil
}

func newSeats(d *db) *Seats {
	return &Seats{db: d, sums: sums{of: map[partition]*partitionSum{}}}
}

// Close closes the store. Calls after it are errors.
func (s *Seats) Close() { s.db.close() }

// Checkpoint makes a consistent copy of a store in use, for OpenReadOnly. The
// directory must not exist.
func (s *Seats) Checkpoint(dir string) error { return s.db.checkpoint(dir) }

// foldRow is the JSON of the row `f`.
type foldRow struct {
	port.SeatFold
	Rows *rowSum `json:",omitempty"` // none in rows of the first version
}

// Load reads one partition.
func (s *Seats) Load(event domain.EventID, p domain.Partition) (port.SeatSnapshot, bool, error) {
	s.sums.mu.Lock()
	defer s.sums.mu.Unlock()
	var snapshot port.SeatSnapshot
	value, err := s.db.get(partitionKey('f', event, p))
	if err != nil || value == nil {
		return snapshot, false, err
	}
	var fold foldRow
	if err := json.Unmarshal(value, &fold); err != nil {
		return snapshot, false, s.unreadable(fmt.Errorf("fold of event %d partition %d: %w", event, p, err))
	}
	snapshot.SeatFold = fold.SeatFold
	sum := newPartitionSum()
	err = s.db.scan(partitionKey('l', event, p), func(key, value []byte) error {
		sum.put(key, value)
		r, err := journalcodec.Decode(value)
		if err != nil || r.Layout == nil {
			return s.unreadable(fmt.Errorf("layout row %x: %w", key, err))
		}
		snapshot.Sections = append(snapshot.Sections, port.StoredSection{Layout: *r.Layout, HoldBase: r.HoldBase})
		return nil
	})
	if err != nil {
		return snapshot, false, err
	}
	prefix := partitionKey('s', event, p)
	err = s.db.scan(prefix, func(key, value []byte) error {
		sum.put(key, value)
		seat, err := decodeSeat(key[len(prefix):], value)
		if err != nil {
			return s.unreadable(err)
		}
		snapshot.Seats = append(snapshot.Seats, seat)
		return nil
	})
	if err == nil {
		err = s.compare(event, p, fold.Rows, sum)
	}
	if err != nil {
		return port.SeatSnapshot{}, false, err
	}
	s.sums.of[partition{event, p}] = sum
	return snapshot, true, nil
}

// unreadable takes note of a row that cannot be read.
func (s *Seats) unreadable(err error) error { return s.db.check(fmt.Errorf("%w: %w", errDamaged, err)) }

// Write stores a batch as one RocksDB WriteBatch.
func (s *Seats) Write(b port.SeatBatch) error {
	s.sums.mu.Lock()
	defer s.sums.mu.Unlock()
	sum, err := s.sumOf(b.Event, b.Partition)
	if err != nil {
		return err
	}
	rows := make([]row, 0, len(b.Sections)+len(b.Seats))
	for _, section := range b.Sections {
		r := journal.Record{Kind: journal.SeatsInitialized, Layout: &section.Layout, HoldBase: section.HoldBase}
		rows = append(rows, row{append(partitionKey('l', b.Event, b.Partition), section.Layout.Name...), journalcodec.Append(nil, r)})
	}
	for _, seat := range b.Seats {
		rows = append(rows, seatRow(b.Event, b.Partition, seat.Section, seat.Index, seat.Seat))
	}
	for _, r := range rows {
		sum.put(r.key, r.value)
	}
	fold, err := json.Marshal(foldRow{b.SeatFold, &sum.sum})
	if err == nil {
		if len(b.Seats) > 0 {
			crashpoint.At(crashpoint.RecordsReadBack)
		}
		err = s.db.batch(func(w *grocksdb.WriteBatch) {
			w.Put(partitionKey('f', b.Event, b.Partition), fold)
			for _, r := range rows {
				w.Put(r.key, r.value)
			}
			for _, o := range b.Outcomes {
				w.Put(outcomeKey(b.Event, o.BookingID), encodeOutcome(b.Partition, o))
			}
		})
	}
	if err != nil {
		delete(s.sums.of, partition{b.Event, b.Partition}) // it is of rows that are not there
		return err
	}
	if len(b.Seats) > 0 {
		crashpoint.At(crashpoint.SeatsStored)
	}
	return nil
}

// Outcome finds what was decided about a booking.
func (s *Seats) Outcome(event domain.EventID, booking domain.BookingID) (port.Outcome, bool, error) {
	value, err := s.db.get(outcomeKey(event, booking))
	if err != nil || value == nil {
		return port.Outcome{}, false, err
	}
	_, o, err := decodeOutcome(booking, value)
	if err != nil {
		return port.Outcome{}, false, s.unreadable(err)
	}
	return o, true, nil
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

// Wipe deletes all rows of a partition, the fold among them, in one batch.
func (s *Seats) Wipe(event domain.EventID, p domain.Partition) error {
	s.sums.mu.Lock()
	defer s.sums.mu.Unlock()
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
	delete(s.sums.of, partition{event, p})
	return s.db.batch(func(w *grocksdb.WriteBatch) {
		for _, key := range keys {
			w.Delete(key)
		}
	})
}

// Forget deletes the rows of an event by ranges of keys.
func (s *Seats) Forget(event domain.EventID) error {
	s.sums.mu.Lock()
	defer s.sums.mu.Unlock()
	for p := range domain.Partition(domain.Partitions) {
		delete(s.sums.of, partition{event, p})
	}
	var used []byte
	for _, letter := range []byte{'f', 'l', 's', 'o'} {
		err := s.db.scan(eventKey(letter, event), func(_, _ []byte) error { used = append(used, letter); return errFound })
		if err != nil && err != errFound {
			return err
		}
	}
	if len(used) == 0 {
		return nil
	}
	return s.db.batch(func(w *grocksdb.WriteBatch) {
		for _, letter := range used {
			w.DeleteRange(eventKey(letter, event), eventKey(letter, event+1))
		}
	})
}

// errFound ends a scan at the first row.
var errFound = errors.New("found")
