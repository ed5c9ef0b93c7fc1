package port

import "github.com/onsale-tickets/onsale/domain"

// TicketSigner signs what stands on a ticket, so that a door knows it from a
// copy that somebody made up.
type TicketSigner interface {
	// SignTicket is the same for the same ticket and booking, and short: it stands
	// in a QR code.
	SignTicket(ticketID string, booking domain.BookingID) string
}
