// Package seeder fills an installation through its public HTTP API: the accounts
// and the event of a demo, and the events of a benchmark.
package seeder
