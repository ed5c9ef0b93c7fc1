// Package account registers users and opens and ends their sessions.
package account
