package port

import "github.com/onsale-tickets/onsale/domain"

// TicketSigner signs tickets, so that a forged ticket can be told from a real one
// at the entrance.
type TicketSigner interface {
	// SignTicket returns the same signature each time for a ticket and its booking.
	// It is short, because it is part of a QR code.
	SignTicket(ticketID string, booking domain.BookingID) string
}
