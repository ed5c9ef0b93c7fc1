// Package reservation is the seat owner as a service: it drives the state machine
// of package domain/owner with what happens, and performs the effects.
//
//	Server    the use case as adapters see it: Assigned, Revoked, Deliver, queries.
//	          All state belongs to one goroutine, which is fed by a mailbox.
//	event     one event on sale: loaded, served, or not served for a reason. An
//	          event that cannot be served does not stop the others.
//	perform   the effects of a step, in their order, up to the first that fails
//
// Only a seat store that cannot be written stops the server: it is one store for
// all events, and nothing may be told that was not stored.
package reservation
