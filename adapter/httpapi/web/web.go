// Package web serves the pages for people: what a browser needs of them is in
// this binary, and nothing is asked of anybody else.
package web

import (
	"embed"
	"encoding/json"
	"io/fs"
	"mime"
	"net/http"
	"path"
	"strings"

	"github.com/onsale-tickets/onsale/adapter/httpapi"
)

//go:embed static
var embedded embed.FS

// Site is what the pages are told about the installation.
type Site struct {
	// Demo are accounts that anybody may use, nil if there are none.
	Demo *Demo `json:"demo"`
}

// Demo are the accounts of a demo, with the password of both.
type Demo struct {
	Buyer    string `json:"buyer"`
	Seller   string `json:"seller"`
	Password string `json:"password"`
}

// policy lets a page load what is its own, and run nothing that stands in it:
// what a user typed is never a program.
const policy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; manifest-src 'self'; " +
	"form-action 'self'; base-uri 'none'; frame-ancestors 'none'"

// New serves the pages, and documents (by name, such as openapi.yaml) below
// /docs. A path of no file is one of the application, which finds out itself.
func New(site Site, documents map[string][]byte) (http.Handler, error) {
	files := map[string]httpapi.Document{}
	add := func(name string, content []byte) {
		kind := mime.TypeByExtension(path.Ext(name))
		if path.Ext(name) == ".yaml" {
			kind = "application/yaml"
		}
		files[name] = httpapi.NewDocument(kind, content)
	}
	err := fs.WalkDir(embedded, "static", func(name string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		content, err := embedded.ReadFile(name)
		if err == nil {
			add(strings.TrimPrefix(name, "static"), content)
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	for name, content := range documents {
		add("/docs/"+name, content)
	}
	told, err := json.Marshal(site)
	if err != nil {
		return nil, err
	}
	add("/site.json", told)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method != http.MethodGet && r.Method != http.MethodHead {
			w.Header().Set("Allow", "GET, HEAD")
			http.Error(w, "this page is only to be read", http.StatusMethodNotAllowed)
			return
		}
		f, found := files[r.URL.Path]
		switch {
		case found:
		case path.Ext(r.URL.Path) != "":
			http.NotFound(w, r)
			return
		default:
			f = files["/index.html"]
		}
		h := w.Header()
		h.Set("Content-Security-Policy", policy)
		h.Set("Referrer-Policy", "same-origin")
		h.Set("Cross-Origin-Opener-Policy", "same-origin")
		f.ServeHTTP(w, r) // asked for each time: after an upgrade the files must fit each other
	}), nil
}
