// Package booking accepts bookings and takes the answers of the seat owner.
package booking
