// Package onsale_test holds what is true of the tree as a whole.
package onsale_test

import (
	"encoding/json"
	"errors"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

const module = "github.com/onsale-tickets/onsale"

// The map of the tree: who may import whom, beside the standard library. A
// package may always import its parents, and adapters their clients.
var mayImport = map[string][]string{
	"domain":  {"domain"},
	"port":    {"domain", "port"},
	"usecase": {"domain", "port", "usecase"},
	"adapter": {"domain", "port", "usecase", "adapter/crashpoint"}, // and never another adapter
	"wire":    {"domain", "port", "usecase", "adapter", "wire"},
	"cmd":     {"wire"},
}

// codecs are bytes that more than one adapter must read and write. They import
// no client.
var codecs = []string{"adapter/journalcodec"} // kafkabus has the journal, rocksstore rows in the same form

// notInDomain is what makes a package depend on more than its arguments.
var notInDomain = []string{"context", "net", "os", "sync", "database", "encoding/json", "math/rand", "log", "io"}

// onlyClients names the layers that may import third-party code.
var onlyClients = map[string]bool{"adapter": true, "wire": true, "cmd": true}

// withParts are packages below port and usecase that take part in tests or are
// generated, and need a library for it.
var withParts = map[string]bool{"port/portmock": true}

// forTests is the one package outside of _test.go files that belongs to the tests:
// it may import what a test may, and no program imports it.
const forTests = "cmd/onsale/internal/e2e"

type pkg struct {
	ImportPath string
	Imports    []string
}

func TestImports(t *testing.T) {
	for _, p := range list(t, "./...") {
		name := strings.TrimPrefix(p.ImportPath, module+"/")
		layer, _, _ := strings.Cut(name, "/")
		allowed, known := mayImport[layer]
		if !known {
			if name != module {
				t.Errorf("%s is in no layer", name)
			}
			continue
		}
		for _, imported := range p.Imports {
			if name == forTests {
				continue
			}
			if imported == module+"/"+forTests {
				t.Errorf("%s imports %s, which is for tests", name, imported)
			}
			if complaint := judge(name, layer, allowed, imported); complaint != "" {
				t.Errorf("%s imports %s: %s", name, imported, complaint)
			}
		}
	}
}

func judge(name, layer string, allowed []string, imported string) string {
	inner, ours := strings.CutPrefix(imported, module+"/")
	if !ours {
		first, _, _ := strings.Cut(imported, "/")
		thirdParty := strings.Contains(first, ".")
		if thirdParty && !onlyClients[layer] && !withParts[name] {
			return "third-party code belongs into adapters"
		}
		for _, root := range notInDomain {
			if layer == "domain" && (imported == root || strings.HasPrefix(imported, root+"/")) {
				return "the domain is pure"
			}
		}
		return ""
	}
	if strings.HasPrefix(name, inner+"/") || strings.HasPrefix(inner, name+"/") {
		return "" // its parent, or a part of its own
	}
	if layer == "adapter" && slices.Contains(codecs, inner) {
		return ""
	}
	for _, layer := range allowed {
		if inner == layer || strings.HasPrefix(inner, layer+"/") {
			return ""
		}
	}
	return "not in the direction of the layers"
}

// Another Go program can import the domain alone: without cgo, and without
// third-party code in its build.
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
		if first, _, _ := strings.Cut(dep, "/"); strings.Contains(first, ".") && !strings.HasPrefix(dep, module) && !strings.HasPrefix(dep, "example.com") {
			t.Errorf("the domain pulls in %s", dep)
		}
	}
}

// Where zones are asked for, they are in the binary.
func TestZonesAreEmbedded(t *testing.T) {
	for _, service := range []string{"booking-service", "event-ticketing-service"} {
		out, err := exec.Command("go", "list", "-deps", "./cmd/"+service).Output()
		if err != nil {
			t.Fatalf("go list: %v", err)
		}
		if !slices.Contains(strings.Fields(string(out)), "time/tzdata") {
			t.Errorf("%s has no time zones of its own", service)
		}
	}
}

func list(t *testing.T, pattern string) []pkg {
	t.Helper()
	out, err := exec.Command("go", "list", "-json=ImportPath,Imports", pattern).Output()
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
