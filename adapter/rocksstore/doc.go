// Package rocksstore keeps folded seats in RocksDB.
//
// Keys are a letter, the event and the partition (big-endian), then:
//
//	f                    how far the partition was folded, with the sum of its rows (JSON)
//	l section            layout and hold base (a SeatsInitialized journal record)
//	s section 0 index    state of a seat that was reserved at least once
//	o booking            what was decided about a booking; the partition is in the value
//
// The journal is the truth. A store that is damaged is set aside and folded anew.
package rocksstore
