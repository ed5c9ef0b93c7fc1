package rocksstore

import (
	"reflect"
	"testing"

	"github.com/onsale-tickets/onsale/domain"
	"github.com/onsale-tickets/onsale/domain/seating"
	"github.com/onsale-tickets/onsale/port"
)

// A row that is damaged is an error, never a panic; a row that is read is
// written again as it was.
func FuzzDecode(f *testing.F) {
	seat := port.StoredSeat{Section: "A", Index: 7, Seat: seating.Seat{Status: seating.Sold, Booking: domain.BookingID{1}, Buyer: 42, Hold: 9, At: 5}}
	key := seatKey(1, 0, "A", 7)
	f.Add(key[len(partitionKey('s', 1, 0)):], encodeSeat(seat.Seat))
	f.Add([]byte{}, encodeOutcome(3, port.Outcome{Offset: 5, Section: "A", Seats: []seating.Index{1, 2}, Hold: 9}))
	f.Fuzz(func(t *testing.T, key, value []byte) {
		if s, err := decodeSeat(key, value); err == nil {
			again, err := decodeSeat(key, encodeSeat(s.Seat))
			if err != nil || !reflect.DeepEqual(again, s) {
				t.Errorf("%+v became %+v (%v)", s, again, err)
			}
		}
		if p, o, err := decodeOutcome(domain.BookingID{}, value); err == nil {
			q, again, err := decodeOutcome(domain.BookingID{}, encodeOutcome(p, o))
			if err != nil || p != q || !reflect.DeepEqual(again, o) {
				t.Errorf("%+v became %+v (%v)", o, again, err)
			}
		}
	})
}
