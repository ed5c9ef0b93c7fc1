// Package seatsapi serves the part of openapi.yaml that is tagged `seats`: the live
// state of the seats. Its generated ServerInterface has a method for each operation.
// Ids and query parameters arrive as they were sent, because the handler decides
// which fault is reported first. The stream is no part of the generated code: it is
// mounted beside it.
package seatsapi

//go:generate go tool oapi-codegen -config oapi-codegen.yaml ../../../openapi.yaml
