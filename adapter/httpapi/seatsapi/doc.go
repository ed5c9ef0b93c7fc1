// Package seatsapi is the part of openapi.yaml that is tagged `seats`, as Go:
// the live state of the seats. Its ServerInterface has a method per
// operation; ids and query parameters arrive as they were sent, so that who
// serves it decides the order of refusal. Streams are left out: they are mounted beside it.
package seatsapi

//go:generate go tool oapi-codegen -config oapi-codegen.yaml ../../../openapi.yaml
