// Package reservation is the loop of the seat owner: claim a partition, decide
// commands on a map that runs ahead, append the decisions to the seat journal,
// read them back, store them, and only then tell others.
//
//	Server     the use case as the adapters see it; everything it does to
//	           state happens on one goroutine, fed by a mailbox
//	lane       one partition of one event: folded state, working state, claim
//	emission   what was read back and must still be acknowledged by the broker
//
// There is one way back from every trouble (an append that failed, a foreign
// claim, an own record that was skipped, a claim that was not read back): the
// working state is dropped, the membership is given up, and the next
// assignment claims again.
package reservation
