// Package loadgen puts load on a running installation and measures it. It sends
// requests over HTTP to the services' own ports, reads the outcome from the
// buyers' streams, and reads processor times from /proc.
package loadgen
