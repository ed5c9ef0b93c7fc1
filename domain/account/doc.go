// Package account holds who uses Onsale: buyers and sellers, and what a
// registration must look like. It is pure.
package account
