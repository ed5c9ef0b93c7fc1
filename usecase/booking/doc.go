// Package booking accepts, pays, cancels and expires bookings, and applies the
// answers of the seat owner.
package booking
