// Package onsale embeds the documents of the HTTP API and of the messages, for the
// servers that publish them.
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
