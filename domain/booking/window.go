package booking

import "time"

// Window is the payment window that a booking was given, as it was recorded
// then. The zero Window is that of a booking of an earlier version, which
// recorded its end alone.
type Window struct {
	Opened time.Time // by the store's clock
	Length time.Duration
}

// End is when a booking that was given the window expires.
func (w Window) End() time.Time { return w.Opened.Add(w.Length) }
