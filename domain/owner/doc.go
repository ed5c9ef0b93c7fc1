// Package owner is the seat owner as a state machine: what it does with a
// partition of an event's seats, as values only.
//
//	Partition.Step(Input) → []Effect
//
// An Input is something that happened: the group assigned the partition, a
// command was delivered, records of the journal were read back, a send failed, a
// second passed. An Effect is something to do: append a record, store a batch,
// send a message. Step does no I/O. The caller performs the effects in their
// order and stops at the first that fails, so the order of the slice is the
// guarantee: Store stands before Tell and Send.
//
// A partition has two states. The committed state holds what was read back from
// the journal; everybody who reads the journal has it. The speculative state
// exists while the partition is owned. It also holds decisions that were
// appended and not read back yet, and it is dropped when ownership is lost.
//
//	            Assigned                    Claimed read back
//	not owned ───────────▶ claim appended ───────────────────▶ owned
//	    ▲                        │                               │
//	    └────────────────────────┴───────────────────────────────┘
//	     Revoked, or LostOwnership: an append failed, somebody else claimed, an
//	     own record was skipped, commands are missing, the claim was not read back
//	     in time
package owner
