//go:build race

package reservation

func init() { share = 5 } // what runs in one goroutine has no races; all of it is run once more without
