// Package httpapi is the common part of the HTTP servers of all services: reading
// of bodies, sessions, refusals as problem documents, pages of lists, streams, and
// start and stop of a server. Each service has its routes in a sub-package, beside
// the server that is generated from openapi.yaml.
package httpapi
