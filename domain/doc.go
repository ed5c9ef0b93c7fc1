// Package domain holds the types that every part of Onsale shares: ids, seat ids,
// holds, money and refusals. It is pure: without I/O, clock and third-party code.
// Any Go program can import it and its sub-packages.
package domain
