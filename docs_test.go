package onsale_test

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// docs/one-booking.md names the place of each hop as `file.go` · `Func` or
// `file.go` · `Type.Method`. Each place must exist.
func TestOneBookingNamesWhatExists(t *testing.T) {
	page, err := os.ReadFile("docs/one-booking.md")
	if err != nil {
		t.Fatal(err)
	}
	places := regexp.MustCompile("`([a-z/_]+\\.go)` · `([A-Za-z.]+)`").FindAllStringSubmatch(string(page), -1)
	if len(places) < 9 {
		t.Fatalf("the page names %d places; a booking has at least nine hops", len(places))
	}
	for _, place := range places {
		file, name := place[1], place[2]
		source, err := os.ReadFile(filepath.FromSlash(file))
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		function := `func ` + name + `(`
		if receiver, method, isMethod := strings.Cut(name, "."); isMethod {
			found, _ := regexp.Match(`func \(\w+ \*?`+receiver+`\) `+method+`\(`, source)
			if !found {
				t.Errorf("%s has no method %s", file, name)
			}
			continue
		}
		if !strings.Contains(string(source), function) {
			t.Errorf("%s has no function %s", file, name)
		}
	}
}

// docs/reliability.md names the test of each failure mode. Each test must exist.
func TestReliabilityNamesTestsThatExist(t *testing.T) {
	page, err := os.ReadFile("docs/reliability.md")
	if err != nil {
		t.Fatal(err)
	}
	var sources []byte
	err = filepath.WalkDir(".", func(path string, d os.DirEntry, err error) error {
		if err == nil && strings.HasSuffix(path, "_test.go") {
			var content []byte
			if content, err = os.ReadFile(path); err == nil {
				sources = append(sources, content...)
			}
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	named := regexp.MustCompile("`(Test[A-Za-z0-9_]+)`").FindAllStringSubmatch(string(page), -1)
	if len(named) < 30 {
		t.Fatalf("the page names %d tests", len(named))
	}
	for _, name := range named {
		if !strings.Contains(string(sources), "func "+name[1]+"(t *testing.T)") {
			t.Errorf("there is no %s", name[1])
		}
	}
}
