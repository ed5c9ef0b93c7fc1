// Package httpapi is what the HTTP servers of all services share: how a body is
// read, how a session is known, how a refusal looks, how a list is paged, how
// a stream is written, and how a server starts and ends. The routes of each
// service stand in a package of its own below, beside the server that is cut
// out of openapi.yaml for it.
package httpapi
