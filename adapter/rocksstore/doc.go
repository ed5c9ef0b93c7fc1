// Package rocksstore keeps folded seats in RocksDB.
//
// Keys are a letter, the event and the partition (big-endian), then:
//
//	f                    how far the partition was folded (JSON)
//	l section            layout and hold base (a SeatsInitialized journal record)
//	s section 0 index    state of a seat that ever was not available
//	o booking            what was decided about a booking; the partition is in the value
package rocksstore
