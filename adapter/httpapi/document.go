package httpapi

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"strings"
)

// worthZipping is from how many bytes on a document is sent compressed.
const worthZipping = 1024

// Document is what many ask for: made and compressed once, and not sent again
// to who has it.
type Document struct {
	kind          string // content type
	plain, zipped []byte // zipped may be nil
	etag          string
}

// NewDocument makes one of its content, which it keeps.
func NewDocument(kind string, content []byte) Document {
	sum := sha256.Sum256(content)
	d := Document{kind: kind, plain: content, etag: `W/"` + hex.EncodeToString(sum[:8]) + `"`} // weak: the same for both encodings
	if len(content) >= worthZipping {
		var out bytes.Buffer
		z, _ := gzip.NewWriterLevel(&out, gzip.BestCompression) // it knows the level
		_, _ = z.Write(content)                                 // a buffer takes all
		_ = z.Close()
		if out.Len() < len(content) {
			d.zipped = out.Bytes()
		}
	}
	return d
}

// ServeHTTP answers the document, or that it is the one the asker has. Readers
// ask each time, since it may become another, unless Cache-Control is set already.
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
