package domain

import (
	"strconv"
	"strings"
)

// Money is an amount in integer minor units of an ISO 4217 currency.
type Money struct {
	Amount   int64
	Currency Currency
}

// Times returns the price of n seats.
func (m Money) Times(n int) Money { return Money{Amount: m.Amount * int64(n), Currency: m.Currency} }

// MaxPrice is the greatest price of a seat, in minor units.
const MaxPrice = 10_000_000_000

// Currency is an upper-case ISO 4217 code that has minor units.
type Currency string

// MinorUnits returns the number of decimals of the currency. It returns false if
// the code is unknown, or has no minor units, such as XXX and XAU.
func (c Currency) MinorUnits() (int, bool) {
	n, ok := minorUnits[c]
	return n, ok
}

// Decimal returns the amount in the major unit of the currency with all its
// decimals, for people: "1234.50", or "1234" for a currency without decimals.
func (m Money) Decimal() string {
	decimals, _ := m.Currency.MinorUnits()
	digits := strconv.FormatInt(m.Amount, 10)
	sign := ""
	if m.Amount < 0 {
		sign, digits = "-", digits[1:]
	}
	if decimals == 0 {
		return sign + digits
	}
	if short := decimals + 1 - len(digits); short > 0 {
		digits = strings.Repeat("0", short) + digits
	}
	return sign + digits[:len(digits)-decimals] + "." + digits[len(digits)-decimals:]
}
