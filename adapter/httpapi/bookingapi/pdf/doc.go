// Package pdf writes what a buyer takes along: the tickets as PDF, their QR codes as
// SVG, and the date as iCalendar.
package pdf
