// Package client is a client for all operations of openapi.yaml. Use Client for
// streams, because ClientWithResponses reads the whole body.
package client

//go:generate go tool oapi-codegen -config oapi-codegen.yaml ../../../openapi.yaml
