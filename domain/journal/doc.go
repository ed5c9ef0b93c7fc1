// Package journal holds the seat journal: its records, how a command is
// decided (Decide, which changes nothing), how a record changes the state
// (Apply, which cannot fail), and the one rule by which every reader accepts a
// record: its epoch is the offset of the latest claim and its seq the next.
package journal
