// Package portmock holds the ports as mocks (go.uber.org/mock), for tests in
// which a call must not happen or must happen in an order. Generated: make
// generate.
package portmock
