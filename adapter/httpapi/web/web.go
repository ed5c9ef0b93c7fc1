// Package web serves the web pages. All their files are embedded in the binary; a
// browser loads nothing from another host.
package web

import (
	"bytes"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io/fs"
	"maps"
	"mime"
	"net/http"
	"path"
	"slices"
	"strings"

	"github.com/onsale-tickets/onsale/adapter/httpapi"
)

//go:embed static
var embedded embed.FS

// Site tells the pages about the installation.
type Site struct {
	// Demo has accounts that anybody may use. It is nil if there are none.
	Demo *Demo `json:"demo"`
	// Session reports whether the request has a session cookie. New sets it: a script
	// cannot read the cookie, and without one the pages do not ask who is logged in.
	Session bool `json:"session"`
}

// Demo is a buyer and a seller with the same password.
type Demo struct {
	Buyer    string `json:"buyer"`
	Seller   string `json:"seller"`
	Password string `json:"password"`
}

// policy lets a page load files of its own host only, and run no inline script: text
// that a user typed is never run.
const policy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; " +
	"form-action 'self'; base-uri 'none'; frame-ancestors 'none'"

// New returns a handler that serves the pages, and documents (by name, such as
// openapi.yaml) below /docs. A path without a file gets the index: the application
// itself shows the page of that path.
//
// All files are also below /static/VERSION, where a browser may cache them for ever:
// the paths change with the version. The index refers to the paths of its version.
func New(site Site, documents map[string][]byte) (http.Handler, error) {
	contents, err := contents(documents)
	if err != nil {
		return nil, err
	}
	if contents[about], err = json.Marshal(site); err != nil {
		return nil, err
	}
	version := versionOf(contents)
	contents[index] = bytes.ReplaceAll(contents[index], []byte(`="/`), []byte(`="/static/`+version+`/`))
	files := map[string]httpapi.Document{}
	for name, content := range contents {
		kind := mime.TypeByExtension(path.Ext(name))
		if path.Ext(name) == ".yaml" {
			kind = "application/yaml"
		}
		files[name] = httpapi.NewDocument(kind, content)
	}
	site.Session = true
	loggedIn, err := json.Marshal(site)
	if err != nil {
		return nil, err
	}
	aboutLoggedIn := httpapi.NewDocument("application/json", loggedIn)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method != http.MethodGet && r.Method != http.MethodHead {
			w.Header().Set("Allow", "GET, HEAD")
			http.Error(w, "only GET and HEAD are allowed here", http.StatusMethodNotAllowed)
			return
		}
		of, name := split(r.URL.Path)
		f, found := files[name]
		switch {
		case name == about: // it has another ETag with a session, and caches must ask each time
			if cookie, err := r.Cookie(httpapi.SessionCookie); err == nil && cookie.Value != "" {
				f = aboutLoggedIn
			}
		case found:
		case path.Ext(name) != "":
			http.NotFound(w, r)
			return
		default:
			f = files[index]
		}
		h := w.Header()
		h.Set("Content-Security-Policy", policy)
		h.Set("Referrer-Policy", "same-origin")
		h.Set("Cross-Origin-Opener-Policy", "same-origin")
		if found && of == version && name != about {
			h.Set("Cache-Control", "public, max-age=31536000, immutable")
		}
		f.ServeHTTP(w, r)
	}), nil
}

const (
	index = "/index.html"
	about = "/site.json"
)

// split returns the version in a path, if there is one, and the file. A page that was
// loaded before an upgrade names the old version; it gets the present files.
func split(path string) (version, name string) {
	if rest, ok := strings.CutPrefix(path, "/static/"); ok {
		version, name, _ = strings.Cut(rest, "/")
		return version, "/" + name
	}
	return "", path
}

// contents returns all files that are served, by their paths. The type declarations
// beside vendored scripts are for checks only.
func contents(documents map[string][]byte) (map[string][]byte, error) {
	all := map[string][]byte{}
	err := fs.WalkDir(embedded, "static", func(name string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() || strings.HasSuffix(name, ".d.ts") {
			return err
		}
		all[strings.TrimPrefix(name, "static")], err = embedded.ReadFile(name)
		return err
	})
	for name, content := range documents {
		all["/docs/"+name] = content
	}
	return all, err
}

// versionOf returns a short hash of all contents.
func versionOf(contents map[string][]byte) string {
	sum := sha256.New()
	for _, name := range slices.Sorted(maps.Keys(contents)) {
		fmt.Fprintf(sum, "%s %d\n", name, len(contents[name]))
		sum.Write(contents[name])
	}
	return hex.EncodeToString(sum.Sum(nil)[:6])
}
