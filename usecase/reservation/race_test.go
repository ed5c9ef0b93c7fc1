//go:build race

package reservation_test

func init() { share = 5 } // what runs in one goroutine has no races; all of it is run once more without
