package domain

import (
	"encoding/hex"
	"strconv"
)

// EventID names an event (the show). Ids start at 1.
type EventID int64

// String returns the decimal form, as used in topics and paths.
func (e EventID) String() string { return strconv.FormatInt(int64(e), 10) }

// UserID names an account. Ids start at 1; 0 is nobody.
type UserID int64

// String returns the decimal form.
func (u UserID) String() string { return strconv.FormatInt(int64(u), 10) }

// BookingID is a UUID in network byte order. Onsale makes version 7.
type BookingID [16]byte

// IsZero reports whether the id names no booking.
func (b BookingID) IsZero() bool { return b == BookingID{} }

// String returns the canonical lower-case form, 36 characters.
func (b BookingID) String() string {
	var out [36]byte
	hex.Encode(out[0:8], b[0:4])
	hex.Encode(out[9:13], b[4:6])
	hex.Encode(out[14:18], b[6:8])
	hex.Encode(out[19:23], b[8:10])
	hex.Encode(out[24:36], b[10:16])
	out[8], out[13], out[18], out[23] = '-', '-', '-', '-'
	return string(out[:])
}

// ParseBookingID reads the canonical form and reports whether s is one. Other
// spellings of a UUID are refused, so that a booking has one spelling.
func ParseBookingID(s string) (BookingID, bool) {
	var id BookingID
	if len(s) != 36 || s[8] != '-' || s[13] != '-' || s[18] != '-' || s[23] != '-' {
		return id, false
	}
	digits := s[0:8] + s[9:13] + s[14:18] + s[19:23] + s[24:36]
	if _, err := hex.Decode(id[:], []byte(digits)); err != nil {
		return BookingID{}, false
	}
	if id.String() != s {
		return BookingID{}, false
	}
	return id, true
}

// Hold numbers the seats that are RESERVED for one booking. It is hold_base of the
// section plus the journal offset of the decision, so a later hold of a seat has
// a greater number. 0 is no hold.
type Hold int64

// Partitions is the number of partitions of each topic of an event.
const Partitions = 10

// Partition is one of the ten partitions, 0–9. One section lives on one
// partition, and one partition has one writer at a time.
type Partition int32

// SectionPartition returns the partition of the section at position i (0-based)
// in the event's list as created.
func SectionPartition(i int) Partition { return Partition(i % Partitions) }
