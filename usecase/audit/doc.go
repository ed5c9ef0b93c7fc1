// Package audit checks what an installation recorded against the invariants
// that must hold after any failure. It reads all records itself and does not ask
// the services.
//
//	I1   no seat ever has two holders at once, over the whole journal
//	I2   RocksDB = fold of the journal = tickets, seat by seat; outcomes in RocksDB = decisions in the journal
//	I3   each booking is in one state, reached by allowed transitions
//	I4   a PAID booking has its seats, SOLD and finalised, in the right number and for the right total
//	I5   a CANCELLED or FAILED booking has no seat
//	I6   final states stay
//	I7   nothing is pending after its deadline, nothing expired before it, each payment window has its length
//	I8   no request is PROCESSING for longer than it takes to send it again
//	I9   each booking that was asked for has its row, each booking and payment is resolved
//	I10  available + reserved + sold = seats, revenue = price of the sold tickets, per section and per minute
//	I11  one outcome per request, the one that the rules give; row, journal and every message agree field by field
//	I12  one booking for each idempotency key
//	I13  attempts to pay and the gateway's book agree; charges = totals of PAID bookings
//	I14  the number of dead letters is the known one
//	I15  the live map = tickets
//	I16  no process holds more goroutines or files than its work needs
//	I17  everything that was sent is applied
//
// I11 computes each decision again: it folds the journal up to the decision and
// asks journal.Decide what the request should have led to. The request is read
// from its topic. If the broker no longer has it, the booking's row says the
// same. A decision without request and row cannot be computed; it violates I9.
//
// An installation that does not run is judged as of the end of its last run.
// Work that was in progress then is left to the next start. The report lists
// what was not judged.
//
// Records do not show that a repeated request gets the same body, nor that new
// bookings succeed after a fault. Other tests check that.
package audit
