package rocksstore

import (
	"fmt"
	"sync"

	"github.com/cespare/xxhash/v2"

	"github.com/onsale-tickets/onsale/domain"
	"github.com/onsale-tickets/onsale/domain/seating"
)

// A store may lose rows without an error: RocksDB reads a MANIFEST up to the first
// record that is damaged, and forgets the files that later ones name, while the
// write-ahead log is read to its end. The fold would then be ahead of the seats,
// and seats that are sold would be free. So the fold of a partition carries the
// sum of its seats and sections, and Load compares.
//
// Outcomes are not in the sum, since Load does not read them. One that is lost
// alone is decided anew; booking-service gives back what a booking that is final
// gets by it.

// rowSum is the XOR of the hashes of some rows, key and value.
type rowSum uint64

// sums are those of the partitions in use.
type sums struct {
	mu sync.Mutex
	of map[partition]*partitionSum
}

type partition struct {
	event  domain.EventID
	number domain.Partition
}

type partitionSum struct {
	sum  rowSum
	rows map[uint64]uint64 // hash of key and value, by the hash of the key
}

func newPartitionSum() *partitionSum { return &partitionSum{rows: map[uint64]uint64{}} }

// put replaces a row in the sum.
func (p *partitionSum) put(key, value []byte) {
	var h xxhash.Digest
	h.Reset()
	_, _ = h.Write(key)
	of := h.Sum64()
	_, _ = h.Write(value)
	now := h.Sum64()
	p.sum ^= rowSum(p.rows[of]) ^ rowSum(now)
	p.rows[of] = now
}

// row is a key with its value.
type row struct{ key, value []byte }

// sumOf returns the sum of a partition, from its rows if it was not asked for
// before.
func (s *Seats) sumOf(event domain.EventID, p domain.Partition) (*partitionSum, error) {
	if known := s.sums.of[partition{event, p}]; known != nil {
		return known, nil
	}
	sum := newPartitionSum()
	for _, letter := range []byte{'l', 's'} {
		err := s.db.scan(partitionKey(letter, event, p), func(key, value []byte) error {
			sum.put(key, value)
			return nil
		})
		if err != nil {
			return nil, err
		}
	}
	s.sums.of[partition{event, p}] = sum
	return sum, nil
}

// compare checks the sum that a fold carries. Folds of the first version carry
// none.
func (s *Seats) compare(event domain.EventID, p domain.Partition, want *rowSum, sum *partitionSum) error {
	if want != nil && *want != sum.sum {
		return s.db.check(fmt.Errorf("%w: rows of event %d partition %d have the sum %x, the fold says %x", errDamaged, event, p, sum.sum, *want))
	}
	return nil
}

// seatRow is the row of a seat.
func seatRow(event domain.EventID, p domain.Partition, section string, i seating.Index, s seating.Seat) row {
	return row{seatKey(event, p, section, i), encodeSeat(s)}
}
