// Package onsale holds what describes the system from outside: its HTTP API and
// its messages, for whoever serves or reads them.
package onsale

import _ "embed"

// OpenAPI is openapi.yaml: the HTTP API.
//
//go:embed openapi.yaml
var OpenAPI []byte

// AsyncAPI is asyncapi.yaml: the messages on Kafka.
//
//go:embed asyncapi.yaml
var AsyncAPI []byte
