package paysandbox

import (
	"context"

	"github.com/onsale-tickets/onsale/domain"
	"github.com/onsale-tickets/onsale/port"
)

// Charges reads the book in a directory for an audit.
type Charges string

var _ port.Charges = Charges("")

// Charges returns one charge for each payment.
func (dir Charges) Charges(context.Context) ([]port.Charge, error) {
	book, err := ReadBook(string(dir))
	if err != nil {
		return nil, err
	}
	charges := make([]port.Charge, 0, len(book))
	for id, e := range book {
		charges = append(charges, port.Charge{Payment: id, Booking: e.Booking, State: string(e.State), Captures: e.Captures,
			Amount: domain.Money{Amount: e.Amount, Currency: domain.Currency(e.Currency)}})
	}
	return charges, nil
}
