package rocksstore

import (
	"fmt"
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

// These rows were written by the first version: its stores stay readable.
func TestRowsAreThoseOfTheFirstVersion(t *testing.T) {
	seat := seating.Seat{Status: seating.Sold, Booking: domain.BookingID{1}, Buyer: 42, Hold: 9, At: 5}
	outcome := port.Outcome{BookingID: domain.BookingID{1, 2, 3}, Offset: 9, Section: "A", BuyerID: 42, Seats: []seating.Index{2, 3}, Hold: 109,
		UnitPrice: domain.Money{Amount: 200000, Currency: "TWD"}, At: 5}
	for name, row := range map[string]struct{ got, want string }{
		"key of a seat":     {fmt.Sprintf("%x", seatKey(7, 3, "A", 258)), "73000000000000000703410000000102"},
		"seat":              {fmt.Sprintf("%x", encodeSeat(seat)), "01020100000000000000000000000000000054120a"},
		"key of an outcome": {fmt.Sprintf("%x", outcomeKey(7, outcome.BookingID)), "6f000000000000000701020300000000000000000000000000"},
		"outcome":           {fmt.Sprintf("%x", encodeOutcome(3, outcome)), "0103010300000a00001201410000000000000000000000000000000054da0180b5180354574400020406"},
	} {
		if row.got != row.want {
			t.Errorf("%s: %s, was %s", name, row.got, row.want)
		}
	}
}
