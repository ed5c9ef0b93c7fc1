// Package e2e starts whole installations of Onsale for the end-to-end tests and
// gives them users, load, faults and a way to look inside.
//
// Each test names its broker: Start(t, Embedded) or Start(t, Apache), or OnEach
// for a test that runs on both. Shared returns one installation for all tests of
// a package that neither break it nor need settings of their own.
//
// At most slots tests run at once on this machine, whatever the flags -p and
// -parallel of go test say and however many packages run: each test holds one of
// that many file locks until it ends.
package e2e
