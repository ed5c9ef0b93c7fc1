// Package bookingapi is the part of openapi.yaml that is tagged `booking`, as Go:
// bookings, payments and the buyer's history. Its ServerInterface has a method per
// operation; ids and query parameters arrive as they were sent, so that who
// serves it decides the order of refusal. Streams are left out: they are mounted beside it.
package bookingapi

//go:generate go tool oapi-codegen -config oapi-codegen.yaml ../../../openapi.yaml
