// Package pdf makes what a buyer takes along: tickets as PDF, the date as
// iCalendar.
package pdf
