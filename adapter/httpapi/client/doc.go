// Package client calls every operation of openapi.yaml. A stream is read with
// Client, which leaves the body open; ClientWithResponses reads bodies whole.
package client

//go:generate go tool oapi-codegen -config oapi-codegen.yaml ../../../openapi.yaml
