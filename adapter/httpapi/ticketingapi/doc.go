// Package ticketingapi is the part of openapi.yaml that is tagged `ticketing`, as Go:
// accounts, events, layouts and tickets of record. Its ServerInterface has a method per
// operation; ids and query parameters arrive as they were sent, so that who
// serves it decides the order of refusal. Streams are left out: they are mounted beside it.
package ticketingapi

//go:generate go tool oapi-codegen -config oapi-codegen.yaml ../../../openapi.yaml
