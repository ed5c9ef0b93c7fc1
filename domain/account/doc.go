// Package account holds the users of Onsale, buyers and sellers, and the rules of
// a registration. It is pure.
package account
