//go:build race

package reservation_test

func init() { share = 5 } // races are found in few runs; all seeds run without the detector
