package memory

import (
	"time"

	"github.com/onsale-tickets/onsale/port"
)

// SeatMeter counts what it is told. It has one user at a time.
type SeatMeter struct {
	Claims, ReadBacks, Skips, OversoldSeats int
}

var _ port.SeatMeter = (*SeatMeter)(nil)

// Claimed counts claims.
func (m *SeatMeter) Claimed() { m.Claims++ }

// ReadBack counts decisions.
func (m *SeatMeter) ReadBack(time.Duration) { m.ReadBacks++ }

// Skipped counts records.
func (m *SeatMeter) Skipped() { m.Skips++ }

// Oversold counts seats.
func (m *SeatMeter) Oversold(seats int) { m.OversoldSeats += seats }
