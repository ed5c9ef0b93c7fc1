// Package domain holds the words that every part of Onsale shares: ids, seat
// ids, holds, money and the kinds of refusal. It is pure: no I/O, no clock, no
// third-party code, so that any Go program can import it and its sub-packages.
package domain
