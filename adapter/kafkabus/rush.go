package kafkabus

import "time"

const (
	// rushSize is how many records make a batch that lets the next one wait.
	rushSize = 8
	// rushWait is how long the next batch waits for more. A booking passes three
	// readers, so a sale may tell it 15 ms later. A buyer who is alone waits for none.
	rushWait = 5 * time.Millisecond
)

// rush lets a reader wait a moment for more records while many arrive. Each batch has
// a price of its own: a transaction, a write to RocksDB, answers that leave in a
// request of their own, and waking the process.
type rush struct{ on bool }

// first is called with the first record of a batch.
func (r *rush) first() {
	if r.on {
		time.Sleep(rushWait)
	}
}

// end is called with the number of records of a batch that may have most of them. A
// batch that is full left others behind: nobody waits for more.
func (r *rush) end(records, most int) { r.on = rushSize <= records && records < most }
