package httpapi

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"strings"
)

// worthZipping is the length in bytes from which a document is sent compressed.
const worthZipping = 1024

// Document is a response body for many requests. It is compressed once, and not
// sent again to a client that has it.
type Document struct {
	kind          string // content type
	plain, zipped []byte // zipped may be nil
	etag          string
}

// NewDocument returns a document. It keeps content.
func NewDocument(kind string, content []byte) Document {
	sum := sha256.Sum256(content)
	d := Document{kind: kind, plain: content, etag: `W/"` + hex.EncodeToString(sum[:8]) + `"`} // weak, because both encodings have the same
	if len(content) >= worthZipping {
		var out bytes.Buffer
		z, _ := gzip.NewWriterLevel(&out, gzip.BestCompression) // the level is valid
		_, _ = z.Write(content)                                 // a buffer returns no error
		_ = z.Close()
		if out.Len() < len(content) {
			d.zipped = out.Bytes()
		}
	}
	return d
}

// ServeHTTP writes the document, or 304 if the client has it. Clients must ask each
// time, because the document may change, unless Cache-Control is set already.
func (d Document) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	h := w.Header()
	h.Set("ETag", d.etag)
	if h.Get("Cache-Control") == "" {
		h.Set("Cache-Control", "no-cache")
	}
	h.Set("Vary", "Accept-Encoding")
	h.Set("X-Content-Type-Options", "nosniff")
	if r.Header.Get("If-None-Match") == d.etag {
		w.WriteHeader(http.StatusNotModified)
		return
	}
	h.Set("Content-Type", d.kind)
	content := d.plain
	if d.zipped != nil && strings.Contains(r.Header.Get("Accept-Encoding"), "gzip") {
		h.Set("Content-Encoding", "gzip")
		content = d.zipped
	}
	_, _ = w.Write(content)
}
