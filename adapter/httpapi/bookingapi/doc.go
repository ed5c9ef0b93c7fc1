// Package bookingapi serves the part of openapi.yaml that is tagged `booking`:
// bookings, payments and the buyer's history. The generated ServerInterface has
// one method per operation. It passes ids and query parameters on as text, so that
// the handler decides the order of refusals. Streams are not generated; they are
// mounted beside it.
package bookingapi

//go:generate go tool oapi-codegen -config oapi-codegen.yaml ../../../openapi.yaml
