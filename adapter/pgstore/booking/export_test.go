package booking

// Queued returns how many bookings wait to be stored.
func (s *Store) Queued() int { return len(s.accepts) + len(s.checked) }
