// Package porttest holds the contract of each port as a suite that every
// adapter passes: the real ones and those of memory alike.
package porttest
