package feedhub

import "sync"

// encodedOnce returns a cache for the bytes of one frame: a function that returns
// what encode makes for a key, and calls encode once for each key. Thousands of
// readers share a frame; they wait for the first one to encode it.
func encodedOnce() func(key string, encode func() []byte) []byte {
	var (
		encoded  sync.Map
		encoding sync.Mutex
	)
	return func(key string, encode func() []byte) []byte {
		if known, ok := encoded.Load(key); ok {
			return known.([]byte)
		}
		encoding.Lock()
		defer encoding.Unlock()
		if known, ok := encoded.Load(key); ok {
			return known.([]byte)
		}
		made := encode()
		encoded.Store(key, made)
		return made
	}
}
