package rocksstore

import (
	"bytes"
	"encoding/binary"
	"fmt"

	"github.com/onsale-tickets/onsale/adapter/journalcodec"
	"github.com/onsale-tickets/onsale/domain"
	"github.com/onsale-tickets/onsale/domain/journal"
	"github.com/onsale-tickets/onsale/domain/seating"
	"github.com/onsale-tickets/onsale/port"
)

// version is the first byte of seat and outcome values.
const version = 1

func eventKey(letter byte, event domain.EventID) []byte {
	return binary.BigEndian.AppendUint64([]byte{letter}, uint64(event))
}

func partitionKey(letter byte, event domain.EventID, p domain.Partition) []byte {
	return append(eventKey(letter, event), byte(p))
}

func seatKey(event domain.EventID, p domain.Partition, section string, i seating.Index) []byte {
	key := append(partitionKey('s', event, p), section...)
	return binary.BigEndian.AppendUint32(append(key, 0), uint32(i))
}

func outcomeKey(event domain.EventID, booking domain.BookingID) []byte {
	return append(eventKey('o', event), booking[:]...)
}

func encodeSeat(s seating.Seat) []byte {
	b := make([]byte, 0, 40)
	b = append(b, version, byte(s.Status))
	b = append(b, s.Booking[:]...)
	b = binary.AppendVarint(b, int64(s.Buyer))
	b = binary.AppendVarint(b, int64(s.Hold))
	return binary.AppendVarint(b, s.At)
}

func decodeSeat(key, value []byte) (port.StoredSeat, error) {
	name, index, ok := bytes.Cut(key, []byte{0})
	if !ok || len(index) != 4 || len(value) < 18 || value[0] != version {
		return port.StoredSeat{}, fmt.Errorf("seat row %x: %x is damaged", key, value)
	}
	seat := port.StoredSeat{Section: string(name), Index: seating.Index(binary.BigEndian.Uint32(index))}
	seat.Seat.Status = seating.Status(value[1])
	copy(seat.Seat.Booking[:], value[2:18])
	var numbers [3]int64
	rest := value[18:]
	for i := range numbers {
		v, n := binary.Varint(rest)
		if n <= 0 {
			return port.StoredSeat{}, fmt.Errorf("seat row %x: %x is damaged", key, value)
		}
		numbers[i], rest = v, rest[n:]
	}
	seat.Seat.Buyer, seat.Seat.Hold, seat.Seat.At = domain.UserID(numbers[0]), domain.Hold(numbers[1]), numbers[2]
	return seat, nil
}

// encodeOutcome writes the partition, then the outcome in the bytes of a journal
// record.
func encodeOutcome(p domain.Partition, o port.Outcome) []byte {
	r := journal.Record{Kind: journal.SeatsReserved, Cause: journal.Cause{Offset: o.Offset}, At: o.At, Section: o.Section,
		BuyerID: o.BuyerID, Seats: o.Seats, Hold: o.Hold, UnitPrice: o.UnitPrice, Reason: o.Reason}
	return journalcodec.Append([]byte{version, byte(p)}, r)
}

func decodeOutcome(booking domain.BookingID, value []byte) (domain.Partition, port.Outcome, error) {
	if len(value) < 2 || value[0] != version {
		return 0, port.Outcome{}, fmt.Errorf("outcome of %s: %x is damaged", booking, value)
	}
	r, err := journalcodec.Decode(value[2:])
	if err != nil {
		return 0, port.Outcome{}, fmt.Errorf("outcome of %s: %w", booking, err)
	}
	return domain.Partition(value[1]), port.Outcome{BookingID: booking, Offset: r.Cause.Offset, Section: r.Section, BuyerID: r.BuyerID,
		Seats: r.Seats, Hold: r.Hold, UnitPrice: r.UnitPrice, Reason: r.Reason, At: r.At}, nil
}
