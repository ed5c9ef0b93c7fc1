// Package paper makes what a buyer takes along: tickets as PDF, the date as
// iCalendar.
package paper
