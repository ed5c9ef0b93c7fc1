// Package pgstore is shared by the PostgreSQL stores of two services. It opens and
// migrates a database, stores the offsets of inputs, and claims messages of the
// outbox. Each service has its own schema, in a package below this one. No service
// reads the schema of another.
package pgstore
