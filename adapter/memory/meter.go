package memory

import (
	"time"

	"github.com/onsale-tickets/onsale/port"
)

// SeatMeter counts. It has one user at a time.
type SeatMeter struct {
	Claims, Settles, Skips, OversoldSeats int
}

var _ port.SeatMeter = (*SeatMeter)(nil)

// Claimed counts.
func (m *SeatMeter) Claimed() { m.Claims++ }

// Settled counts.
func (m *SeatMeter) Settled(time.Duration) { m.Settles++ }

// Skipped counts.
func (m *SeatMeter) Skipped() { m.Skips++ }

// Oversold counts.
func (m *SeatMeter) Oversold(seats int) { m.OversoldSeats += seats }
