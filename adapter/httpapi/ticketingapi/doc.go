// Package ticketingapi serves the operations of openapi.yaml with the tag
// `ticketing`: accounts, events, layouts and tickets of record. The generated
// ServerInterface has a method for each operation. Ids and query parameters are
// passed on as text, so that the handler keeps the order of refusal. Streams are
// not generated; the handler mounts them itself.
package ticketingapi

//go:generate go tool oapi-codegen -config oapi-codegen.yaml ../../../openapi.yaml
