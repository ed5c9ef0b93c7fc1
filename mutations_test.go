package onsale_test

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// Each bug of testdata/mutations has to fit the code as it is, or make mutations
// cannot try it. Its first line describes it, and its line Tests: has the packages
// whose tests must find it.
func TestMutationsApply(t *testing.T) {
	patches, err := filepath.Glob("testdata/mutations/*.patch")
	if err != nil || len(patches) == 0 {
		t.Fatalf("no patches: %v", err)
	}
	header := regexp.MustCompile(`^[A-Za-z].*\.\nTests: (?:-run \S+ )?((?:\./\S+ ?)+)\n\ndiff --git `)
	for _, name := range patches {
		patch, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		found := header.FindSubmatch(patch)
		if found == nil {
			t.Errorf("%s does not begin with a sentence and a line Tests:", name)
			continue
		}
		for _, pkg := range strings.Fields(string(found[1])) {
			if tests, _ := filepath.Glob(pkg + "/*_test.go"); len(tests) == 0 {
				t.Errorf("%s: %s has no tests", name, pkg)
			}
		}
		apply := exec.Command("git", "apply", "-C1", "--check")
		apply.Stdin = bytes.NewReader(patch)
		if out, err := apply.CombinedOutput(); err != nil {
			t.Errorf("%s does not apply: %v\n%s", name, err, out)
		}
	}
}
