// Package pgstore is what the PostgreSQL stores of two services share: how a
// database is opened and brought up to date, how far inputs were applied, and
// how the outbox is claimed. Each service has a schema of its own, in a package
// of its own below; none reads another's.
package pgstore
