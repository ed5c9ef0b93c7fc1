// Package journal has the seat journal: its records, how a command is decided, how
// a record changes the state, and the rule by which every reader accepts a record.
//
//	Decide        returns a record for a command and changes nothing
//	State.Apply   changes the state by a record and cannot fail
//	Fold.Accept   accepts a record if its epoch is the offset of the latest claim
//	              and its seq the next
package journal
