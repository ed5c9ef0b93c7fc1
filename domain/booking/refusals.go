package booking

import "github.com/onsale-tickets/onsale/domain"

// Refusals of bookings and payments. Each is made here and nowhere else, so
// that its code and its text are the same wherever it is met.
var (
	// ErrUnknown is the refusal of a booking that does not exist, and of one that
	// belongs to another buyer.
	ErrUnknown = domain.Refuse(domain.NotFound, "booking_not_found", "there is no such booking")
	// ErrKeyReused is the refusal of an Idempotency-Key that was used before with
	// another body.
	ErrKeyReused = domain.Refuse(domain.Unprocessable, "idempotency_key_reused", "this key was already used with another request body")
	// ErrPaymentTimeout is the refusal of a payment that took too long. It is
	// voided later.
	ErrPaymentTimeout = domain.Refuse(domain.TimedOut, "payment_timeout",
		"the card did not answer in time and is not charged; try again or use another one")

	// ErrEventClosed is the refusal of a booking after the end of the sale.
	ErrEventClosed = domain.Refuse(domain.Conflict, "event_closed", "the seller has closed the sale")

	errProcessing = domain.Refuse(domain.Conflict, "booking_processing", "the seats are still being picked")
	errFailed     = domain.Refuse(domain.Conflict, "booking_failed", "there were no seats for this booking")
	errPaid       = domain.Refuse(domain.Conflict, "already_paid", "the booking is already paid")
	errCancelled  = domain.Refuse(domain.Conflict, "booking_cancelled", "the booking was cancelled")
	errWindowOver = domain.Refuse(domain.Gone, "payment_window_over", "the time to pay is over")
	errNotPaid    = domain.Refuse(domain.Conflict, "booking_not_paid", "the booking is not paid yet")
)
