package web_test

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/onsale-tickets/onsale/adapter/httpapi/web"
)

func ask(t *testing.T, method, path string, headers ...string) *httptest.ResponseRecorder {
	t.Helper()
	h, err := web.New(web.Site{}, map[string][]byte{"openapi.yaml": []byte("openapi: 3.0.3\n")})
	if err != nil {
		t.Fatal(err)
	}
	r := httptest.NewRequest(method, path, nil)
	for i := 0; i < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w
}

func TestPages(t *testing.T) {
	for _, c := range []struct {
		method, path string
		status       int
		kind         string
	}{
		{"GET", "/", 200, "text/html; charset=utf-8"},
		{"GET", "/events/7", 200, "text/html; charset=utf-8"}, // a page of the application
		{"GET", "/app.js", 200, "text/javascript; charset=utf-8"},
		{"GET", "/style.css", 200, "text/css; charset=utf-8"},
		{"GET", "/docs/openapi.yaml", 200, "application/yaml"},
		{"GET", "/site.json", 200, "application/json"},
		{"GET", "/vendor/uplot.d.ts", 404, "text/plain; charset=utf-8"}, // for checks only
		{"GET", "/none.js", 404, "text/plain; charset=utf-8"},
		{"GET", "/../web.go", 404, "text/plain; charset=utf-8"},
		{"POST", "/", 405, "text/plain; charset=utf-8"},
	} {
		w := ask(t, c.method, c.path)
		if w.Code != c.status || w.Header().Get("Content-Type") != c.kind {
			t.Errorf("%s %s: %d %s", c.method, c.path, w.Code, w.Header().Get("Content-Type"))
		}
		if c.status == 200 && (w.Header().Get("X-Content-Type-Options") != "nosniff" || !strings.Contains(w.Header().Get("Content-Security-Policy"), "script-src 'self';")) {
			t.Errorf("%s: %v", c.path, w.Header())
		}
	}
	page := ask(t, "GET", "/").Body.String()
	path := regexp.MustCompile(`src="(/static/[0-9a-f]+/app.js)"`).FindStringSubmatch(page)
	if path == nil {
		t.Fatalf("the index names no file of its version:\n%s", page)
	}
	if kept := ask(t, "GET", path[1]); kept.Code != 200 || !strings.Contains(kept.Header().Get("Cache-Control"), "immutable") {
		t.Errorf("%s: %d %v", path[1], kept.Code, kept.Header())
	}
	for _, name := range []string{"/static/another/app.js", "/app.js", "/"} {
		if w := ask(t, "GET", name); w.Code != 200 || w.Header().Get("Cache-Control") != "no-cache" {
			t.Errorf("%s: %d %v", name, w.Code, w.Header())
		}
	}
	// The pages are told whether there is a session, which no script can see.
	for cookie, want := range map[string]string{"": `{"demo":null,"session":false}`, "session=": `{"demo":null,"session":false}`, "session=abc": `{"demo":null,"session":true}`} {
		if w := ask(t, "GET", "/site.json", "Cookie", cookie); w.Body.String() != want || w.Header().Get("Cache-Control") != "no-cache" {
			t.Errorf("%q: %s %v", cookie, w.Body, w.Header())
		}
	}
	first := ask(t, "GET", "/app.js")
	if again := ask(t, "GET", "/app.js", "If-None-Match", first.Header().Get("ETag")); again.Code != http.StatusNotModified || again.Body.Len() > 0 {
		t.Errorf("the same again: %d, %d bytes", again.Code, again.Body.Len())
	}
}

// Vendored files are the published ones.
func TestVendored(t *testing.T) {
	for _, dir := range []string{"static/vendor/", "../../../testdata/axe/"} {
		sums, err := os.ReadFile(dir + "SHA256SUMS")
		if err != nil {
			t.Fatal(err)
		}
		for line := range strings.Lines(string(sums)) {
			sum, name, _ := strings.Cut(strings.TrimSpace(line), "  ")
			content, err := os.ReadFile(dir + name)
			if err != nil {
				t.Fatal(err)
			}
			if is := sha256.Sum256(content); hex.EncodeToString(is[:]) != sum {
				t.Errorf("%s differs from the published file", name)
			}
		}
	}
}

// Both languages have the same texts, with the same parts, and all that the pages use.
func TestLanguages(t *testing.T) {
	entry := regexp.MustCompile(`'([a-z_]+\.[a-zA-Z_.]+)': '((?:[^'\\]|\\.)*)'`)
	part := regexp.MustCompile(`\{\w+\}`)
	read := func(language string) map[string][]string {
		text, err := os.ReadFile("static/texts/" + language + ".js")
		if err != nil {
			t.Fatal(err)
		}
		out := map[string][]string{}
		for _, m := range entry.FindAllStringSubmatch(string(text), -1) {
			parts := part.FindAllString(m[2], -1)
			slices.Sort(parts)
			out[m[1]] = parts
		}
		return out
	}
	en, zh := read("en"), read("zh-Hant")
	if len(en) < 100 {
		t.Fatalf("%d English texts were found", len(en))
	}
	for key, parts := range en {
		if other, ok := zh[key]; !ok || !slices.Equal(parts, other) {
			t.Errorf("%s: %v in English, %v in Chinese (%v)", key, parts, other, ok)
		}
	}
	for key := range zh {
		if _, ok := en[key]; !ok {
			t.Errorf("%s is in Chinese only", key)
		}
	}
	shared, err := filepath.Glob("static/*.js")
	if err != nil {
		t.Fatal(err)
	}
	pages, err := filepath.Glob("static/pages/*.js")
	if err != nil {
		t.Fatal(err)
	}
	said := regexp.MustCompile(`\bt\('([a-z_]+\.[a-zA-Z_.]+)'`)
	for _, name := range append(shared, pages...) {
		source, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range said.FindAllStringSubmatch(string(source), -1) {
			if _, ok := en[m[1]]; !ok && !strings.HasSuffix(m[1], ".") {
				t.Errorf("%s uses the text %s, which does not exist", name, m[1])
			}
		}
	}
}

// The pages have a text for every refusal of the API, and for every code that can
// stand beside a field.
func TestRefusalsAreSaid(t *testing.T) {
	texts, err := os.ReadFile("static/texts/en.js")
	if err != nil {
		t.Fatal(err)
	}
	refusal := regexp.MustCompile(`domain\.Refuse\(domain\.\w+,\s*"([a-z_]+)"`)
	field := regexp.MustCompile(`(?m)(?:(?:\.add|\.bad|\bq\.Refuse|\brefuse|\bfieldError)\([^,\n]+, |\brequiredOr\(|\bPointer: [^,\n]+, Code: |\bcode = )"([a-z_]+)"(?:[,)]|$)`)
	// Functions that return the code of a field, or none.
	coded := regexp.MustCompile(`(?ms)^func (?:\w*Code|ShortText|NormalEmail)\(.*?^}`)
	answer := regexp.MustCompile(`(?m)return (?:"", )?"([a-z_]+)"$`)
	found := map[string]int{}
	for _, dir := range []string{"domain", "usecase", "adapter"} {
		err := filepath.WalkDir("../../../"+dir, func(name string, entry fs.DirEntry, err error) error {
			if err != nil || entry.IsDir() || filepath.Ext(name) != ".go" || strings.HasSuffix(name, "_test.go") {
				return err
			}
			source, err := os.ReadFile(name)
			said := func(kind string, codes [][][]byte) {
				for _, m := range codes {
					found[kind]++
					if !bytes.Contains(texts, []byte("'"+kind+"."+string(m[1])+"'")) {
						t.Errorf("%s refuses with the code %s, for which the pages have no text", name, m[1])
					}
				}
			}
			said("error", refusal.FindAllSubmatch(source, -1))
			said("wrong", field.FindAllSubmatch(source, -1))
			for _, f := range coded.FindAll(source, -1) {
				said("wrong", answer.FindAllSubmatch(f, -1))
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	if found["error"] < 20 || found["wrong"] < 60 {
		t.Errorf("too few refusals were found: %v", found)
	}
}
