// Package audit checks what an installation recorded against the invariants
// that must hold whatever went wrong. It reads all of it by itself: no service
// is asked what it believes.
//
//	I1   no seat ever has two live holders, over the whole journal
//	I2   RocksDB = fold of the journal = tickets, seat by seat
//	I3   each booking in one state, reached by allowed edges
//	I4   PAID: its seats SOLD and finalised, in the right number, for the right total
//	I5   CANCELLED, FAILED: no seat anywhere
//	I6   final states stay
//	I7   nothing pends past its deadline, nothing expired before it
//	I8   nothing is PROCESSING beyond the bound of being sent again
//	I9   each acknowledged booking and payment is found and resolved
//	I10  available + reserved + sold = seats, per section
//	I11  one outcome per request, and every message says what the journal says
//	I12  one booking for each idempotency key
//	I13  charges in the gateway's book = totals of PAID, none twice, none for others
//	I14  dead letters = those that are known
//	I15  the live map = tickets
//	I16  no process holds goroutines or files that its work does not need
//	I17  everything that was sent is applied
//
// Where nothing runs, it judges as of when the last run ended: what was under
// way then is left to the next start, and the report says what was not judged.
//
// That repeats of a request get equal bodies, and that new bookings succeed
// after a fault, cannot be read from records; tests see to that.
package audit
