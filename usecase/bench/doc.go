// Package bench measures a running installation: whole sales, slow and overloaded
// ones, what happens when servers end, what idle events cost, what processes keep in
// memory. It also compares two builds. It decides what is measured and how figures
// are computed. The ports create the events, send the load and read the processes.
package bench
