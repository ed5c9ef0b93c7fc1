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

// CONTRIBUTING.md shows the way of a use case by the files of a real one.
func TestContributingNamesFilesThatExist(t *testing.T) {
	page, err := os.ReadFile("CONTRIBUTING.md")
	if err != nil {
		t.Fatal(err)
	}
	files := regexp.MustCompile("`([a-z/_]+\\.(?:go|yaml))`").FindAllStringSubmatch(string(page), -1)
	if len(files) < 9 {
		t.Fatalf("the page names %d files", len(files))
	}
	for _, file := range files {
		if _, err := os.Stat(filepath.FromSlash(file[1])); err != nil {
			t.Error(err)
		}
	}
}

// NOTICE names every directory with files of other projects, and the licence texts
// are beside the files.
func TestNoticeNamesWhatIsVendored(t *testing.T) {
	notice, err := os.ReadFile("NOTICE")
	if err != nil {
		t.Fatal(err)
	}
	vendored := 0
	err = filepath.WalkDir(".", func(path string, d os.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() && notOurs(d.Name()) {
			return filepath.SkipDir
		}
		if !strings.HasSuffix(path, ".min.js") && !strings.HasSuffix(path, ".ttf") && filepath.Base(filepath.Dir(path)) != "vendor" || d.IsDir() {
			return nil
		}
		vendored++
		dir := filepath.ToSlash(filepath.Dir(path))
		if !strings.Contains(string(notice), " "+dir+"\n") {
			t.Errorf("NOTICE does not name %s", dir)
		}
		if licences, _ := filepath.Glob(filepath.Join(dir, "LICENSE*")); len(licences) == 0 {
			t.Errorf("%s has no licence text", dir)
		}
		switch filepath.Ext(path) {
		case ".js", ".css", ".ttf":
			if !strings.Contains(string(notice), filepath.Base(path)) {
				t.Errorf("NOTICE does not name %s", path)
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if vendored < 5 {
		t.Errorf("%d vendored files found", vendored)
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
		if d != nil && d.IsDir() && notOurs(d.Name()) {
			return filepath.SkipDir
		}
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

// notOurs reports whether a directory is none of the sources: .git, .onsale, what
// was built or downloaded.
func notOurs(dir string) bool {
	return len(dir) > 1 && dir[0] == '.' || dir == "bin" || dir == "node_modules"
}
