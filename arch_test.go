// Package onsale_test checks rules that hold for the whole tree.
package onsale_test

import (
	"encoding/json"
	"errors"
	"io"
	"maps"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

const module = "github.com/onsale-tickets/onsale"

// mayImport is the map of the tree: which layer may import which, apart from the
// standard library. A package may also import its parents and its sub-packages.
var mayImport = map[string][]string{
	"domain":  {"domain"},
	"port":    {"domain", "port"},
	"usecase": {"domain", "port", "usecase"},
	"adapter": {"domain", "port"}, // never another adapter: what two need is a port
	"wire":    {"domain", "port", "usecase", "adapter", "wire"},
	"cmd":     {"wire"},
}

// driving are the adapters that may import use cases, with the reason. The others
// are called by use cases. kafkabus and ticker drive use cases too, but through
// port.Inbox and through a function, so they need no import.
var driving = map[string]string{
	"adapter/httpapi":  "a request of a buyer or seller is a call of a use case",
	"adapter/terminal": "a command of the onsale binary is a call of a use case",
}

// open are adapters that all others may import, with the reason.
var open = map[string]string{
	"adapter/httpapi/client": "generated from openapi.yaml, a library for everyone who calls the API",
	"adapter/journalcodec":   "bytes that kafkabus has in the journal, rocksstore in its rows and archivefile in its records",
	"adapter/crashpoint":     "does nothing unless a test arms it",
}

// forbidden are packages of the standard library that a layer does without, with
// the reason.
var forbidden = map[string]map[string]string{
	"domain": {
		"context": purity, "net": purity, "os": purity, "sync": purity, "database": purity, "log": purity, "io": purity,
		"encoding/json": "how values look as bytes is an adapter's decision",
		"math/rand":     "chance is an argument",
	},
	"port": {"sync": "an interface needs no lock; what needs one is an adapter"},
}

const purity = "the domain is pure: its results depend on its arguments alone"

// thirdParty are the layers that may import third-party code.
var thirdParty = []string{"adapter", "wire", "cmd", "port/portmock"} // portmock: generated, for tests

// forTests is the one package outside of _test.go files that belongs to the tests.
// It may import what a test may, and no program may import it.
const forTests = "cmd/onsale/internal/e2e"

type pkg struct {
	ImportPath, Name string
	Imports          []string
}

func TestImports(t *testing.T) {
	used := map[string]bool{}
	for _, p := range list(t, "./...") {
		name, ours := strings.CutPrefix(p.ImportPath, module+"/")
		if !ours || name == forTests {
			continue // the module's root has no layer
		}
		layer, _, _ := strings.Cut(name, "/")
		if _, known := mayImport[layer]; !known {
			t.Errorf("%s is in no layer", name)
			continue
		}
		for _, imported := range p.Imports {
			if complaint := judge(name, layer, imported); complaint != "" {
				t.Errorf("%s imports %s: %s", name, imported, complaint)
			}
			if within(imported, module+"/usecase") {
				for adapter := range driving {
					used[adapter] = used[adapter] || within(name, adapter)
				}
			}
		}
	}
	for adapter := range driving {
		if !used[adapter] {
			t.Errorf("%s is called a driving adapter but imports no use case", adapter)
		}
	}
}

// judge returns what is wrong with an import, or nothing.
func judge(name, layer, imported string) string {
	inner, ours := strings.CutPrefix(imported, module+"/")
	if inner == forTests {
		return "only tests import it"
	}
	if !ours {
		for root, why := range forbidden[layer] {
			if within(imported, root) && name != "port/porttest" { // a suite of tests, with racers
				return why
			}
		}
		if isThirdParty(imported) && !slices.ContainsFunc(thirdParty, func(root string) bool { return within(name, root) }) {
			return "third-party code belongs in an adapter"
		}
		return ""
	}
	allowed := slices.Clone(mayImport[layer])
	for adapter := range driving {
		if within(name, adapter) {
			allowed = append(allowed, "usecase")
		}
	}
	if layer == "adapter" {
		allowed = slices.AppendSeq(allowed, maps.Keys(open))
	}
	if within(name, inner) || within(inner, name) || slices.ContainsFunc(allowed, func(root string) bool { return within(inner, root) }) {
		return ""
	}
	if within(inner, "usecase") {
		return "only driving adapters import use cases"
	}
	return "against the direction of the layers"
}

// within reports whether a path is root or below it.
func within(path, root string) bool { return path == root || strings.HasPrefix(path, root+"/") }

func isThirdParty(path string) bool {
	first, _, _ := strings.Cut(path, "/")
	return strings.Contains(first, ".")
}

// A file that imports a package of its own package's name reads badly. Packages of
// one subject are the exception: usecase/booking is named like domain/booking.
func TestNoPackageIsNamedLikeOneItImports(t *testing.T) {
	for _, p := range list(t, "./...") {
		name := strings.TrimPrefix(p.ImportPath, module+"/")
		layer, _, _ := strings.Cut(name, "/")
		for _, imported := range p.Imports {
			inner, ours := strings.CutPrefix(imported, module+"/")
			if path.Base(imported) == p.Name && !(ours && !within(inner, layer)) {
				t.Errorf("%s has the name of %s, which it imports", name, imported)
			}
		}
	}
}

// judge must see the faults that it is for.
func TestImportRules(t *testing.T) {
	for _, c := range []struct{ name, imported, want string }{
		{"adapter/pgstore/booking", module + "/usecase/booking", "only driving adapters import use cases"},
		{"adapter/supervisor", module + "/usecase/bench", "only driving adapters import use cases"},
		{"adapter/httpapi/bookingapi", module + "/usecase/booking", ""},
		{"adapter/terminal", module + "/adapter/loadgen", "against the direction of the layers"},
		{"adapter/seeder", module + "/adapter/httpapi/client", ""},
		{"adapter/httpapi/seatsapi", module + "/adapter/httpapi", ""},
		{"usecase/booking", module + "/adapter/memory", "against the direction of the layers"},
		{"usecase/booking", "github.com/google/uuid", "third-party code belongs in an adapter"},
		{"port/portmock", "go.uber.org/mock/gomock", ""},
		{"wire/onsale", module + "/" + forTests, "only tests import it"},
		{"port", "sync", "an interface needs no lock; what needs one is an adapter"},
		{"port/porttest", "sync", ""},
		{"domain/booking", "net/http", purity},
		{"domain/booking", "encoding/json", "how values look as bytes is an adapter's decision"},
		{"domain/booking", "time", ""},
		{"cmd/onsale", module + "/adapter/terminal", "against the direction of the layers"},
	} {
		layer, _, _ := strings.Cut(c.name, "/")
		if got := judge(c.name, layer, c.imported); got != c.want {
			t.Errorf("%s imports %s: %q, want %q", c.name, c.imported, got, c.want)
		}
	}
}

// Another Go program can import the domain alone. Its build needs no cgo and no
// third-party code.
func TestDomainAlone(t *testing.T) {
	root, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	write := func(name, content string) {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write("go.mod", "module example.com/buyer\n\ngo 1.26\n\nrequire "+module+" v0.0.0\n\nreplace "+module+" => "+root+"\n")
	write("main.go", `package main

import (
	"fmt"

	"`+module+`/domain/journal"
	"`+module+`/domain/seating"
)

func main() {
	state := journal.NewState()
	section, err := state.AddSection(seating.SectionLayout{Name: "A", Subsections: []seating.Subsection{seating.Regular(1, 2, 3)}}, 0)
	if err != nil {
		panic(err)
	}
	var finder seating.Finder
	fmt.Println(section.Map.Plan().Seats(finder.BestAvailable(section.Map, 0, 2, nil)))
}
`)
	env := append(os.Environ(), "CGO_ENABLED=0", "GOFLAGS=-mod=mod", "GOPROXY=off", "GOWORK=off")
	run := func(args ...string) string {
		cmd := exec.Command("go", args...)
		cmd.Dir, cmd.Env = dir, env
		out, err := cmd.CombinedOutput()
		if err != nil {
			t.Fatalf("go %s: %v\n%s", strings.Join(args, " "), err, out)
		}
		return string(out)
	}
	if got := strings.TrimSpace(run("run", ".")); got != "[{A 1 1 1} {A 1 1 2}]" && got != "[A-1-1-1 A-1-1-2]" {
		t.Errorf("the program printed %s", got)
	}
	for _, dep := range strings.Fields(run("list", "-deps", ".")) {
		if isThirdParty(dep) && !strings.HasPrefix(dep, module) && !strings.HasPrefix(dep, "example.com") {
			t.Errorf("the domain pulls in %s", dep)
		}
	}
}

// The services that use time zones embed them: the machine may have none.
func TestZonesAreEmbedded(t *testing.T) {
	for _, service := range []string{"booking-service", "event-ticketing-service"} {
		out, err := exec.Command("go", "list", "-deps", "./cmd/"+service).Output()
		if err != nil {
			t.Fatalf("go list: %v", err)
		}
		if !slices.Contains(strings.Fields(string(out)), "time/tzdata") {
			t.Errorf("%s embeds no time zones", service)
		}
	}
}

func list(t *testing.T, pattern string) []pkg {
	t.Helper()
	out, err := exec.Command("go", "list", "-json=ImportPath,Name,Imports", pattern).Output()
	if err != nil {
		t.Fatalf("go list: %v", err)
	}
	var packages []pkg
	for decoder := json.NewDecoder(strings.NewReader(string(out))); ; {
		var p pkg
		err := decoder.Decode(&p)
		if errors.Is(err, io.EOF) {
			return packages
		}
		if err != nil {
			t.Fatal(err)
		}
		packages = append(packages, p)
	}
}
