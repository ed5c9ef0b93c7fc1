package domain

// Money is an amount in integer minor units of an ISO 4217 currency.
type Money struct {
	Amount   int64
	Currency Currency
}

// Times is the price of n seats.
func (m Money) Times(n int) Money { return Money{Amount: m.Amount * int64(n), Currency: m.Currency} }

// MaxPrice is the greatest price of a seat, in minor units.
const MaxPrice = 10_000_000_000

// Currency is an upper-case ISO 4217 code that has minor units.
type Currency string

// MinorUnits is the number of decimals of the currency; false if the code is
// unknown or, as XXX and XAU, has none.
func (c Currency) MinorUnits() (int, bool) {
	n, ok := minorUnits[c]
	return n, ok
}
