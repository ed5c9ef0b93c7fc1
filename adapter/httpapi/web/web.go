// Package web serves the pages for people: what a browser needs of them is in
// this binary, and nothing is asked of anybody else.
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
const policy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; " +
	"form-action 'self'; base-uri 'none'; frame-ancestors 'none'"

// New serves the pages, and documents (by name, such as openapi.yaml) below
// /docs. A path of no file is one of the application, which finds out itself.
//
// Files are to be had below /static/VERSION, too, where a browser keeps them for
// good: another version has other paths. The index names those of its version.
func New(site Site, documents map[string][]byte) (http.Handler, error) {
	contents, err := contents(documents)
	if err != nil {
		return nil, err
	}
	if contents["/site.json"], err = json.Marshal(site); err != nil {
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
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method != http.MethodGet && r.Method != http.MethodHead {
			w.Header().Set("Allow", "GET, HEAD")
			http.Error(w, "this page is only to be read", http.StatusMethodNotAllowed)
			return
		}
		of, name := split(r.URL.Path)
		f, found := files[name]
		switch {
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
		if found && of == version {
			h.Set("Cache-Control", "public, max-age=31536000, immutable")
		}
		f.ServeHTTP(w, r)
	}), nil
}

const index = "/index.html"

// split takes a path into the version it names, if it does, and the file. A page
// of another version, from before an upgrade, gets the files that there are.
func split(path string) (version, name string) {
	if rest, ok := strings.CutPrefix(path, "/static/"); ok {
		version, name, _ = strings.Cut(rest, "/")
		return version, "/" + name
	}
	return "", path
}

// contents are all files by their paths.
func contents(documents map[string][]byte) (map[string][]byte, error) {
	all := map[string][]byte{}
	err := fs.WalkDir(embedded, "static", func(name string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
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

// versionOf is short, and another for other contents.
func versionOf(contents map[string][]byte) string {
	sum := sha256.New()
	for _, name := range slices.Sorted(maps.Keys(contents)) {
		fmt.Fprintf(sum, "%s %d\n", name, len(contents[name]))
		sum.Write(contents[name])
	}
	return hex.EncodeToString(sum.Sum(nil)[:6])
}
