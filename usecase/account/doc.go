// Package account has the use cases of accounts: register, log in, log out and
// change the password.
package account
