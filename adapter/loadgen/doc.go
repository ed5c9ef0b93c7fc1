// Package loadgen puts load on an installation and measures what becomes of it:
// requests over HTTP at the services' own ports, their outcome as buyers see it
// on their streams, and the processor time of every process.
package loadgen
