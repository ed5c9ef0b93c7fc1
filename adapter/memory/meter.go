package memory

import (
	"time"

	"github.com/onsale-tickets/onsale/port"
)

// SeatMeter counts. It has one user at a time.
type SeatMeter struct {
	Claims, ReadBacks, Skips, OversoldSeats int
}

var _ port.SeatMeter = (*SeatMeter)(nil)

// Claimed counts.
func (m *SeatMeter) Claimed() { m.Claims++ }

// ReadBack counts.
func (m *SeatMeter) ReadBack(time.Duration) { m.ReadBacks++ }

// Skipped counts.
func (m *SeatMeter) Skipped() { m.Skips++ }

// Oversold counts.
func (m *SeatMeter) Oversold(seats int) { m.OversoldSeats += seats }
