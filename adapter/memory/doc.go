// Package memory holds the ports as plain memory, with hooks for faults: for
// tests of use cases and for simulation. What it does without a fault is what
// the suites of port/porttest ask of every adapter.
package memory
