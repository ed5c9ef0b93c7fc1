package onsale_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
)

// A bug report needs the commit and the Go release of every binary.
func TestVersionOfEveryBinary(t *testing.T) {
	bin, commit, stamp := t.TempDir(), "unknown", "-buildvcs=false"
	if git, err := os.Stat(".git"); err == nil && git.IsDir() { // the go command finds no commit in a source archive or a git worktree
		head, err := exec.Command("git", "rev-parse", "HEAD").Output()
		if err != nil {
			t.Fatal(err)
		}
		commit, stamp = string(head[:12]), "-buildvcs=true"
	}
	if out, err := exec.Command("go", "build", stamp, "-o", bin, "./cmd/...").CombinedOutput(); err != nil {
		t.Fatalf("go build: %v\n%s", err, out)
	}
	commands, err := os.ReadDir("cmd")
	if err != nil || len(commands) != 4 {
		t.Fatalf("%d commands: %v", len(commands), err)
	}
	for _, command := range commands {
		name := command.Name()
		out, err := exec.Command(filepath.Join(bin, name), "--version").CombinedOutput()
		if err != nil {
			t.Errorf("%s --version: %v\n%s", name, err, out)
			continue
		}
		for _, want := range []string{name + " ", ", commit " + commit, runtime.Version(), runtime.GOOS + "/" + runtime.GOARCH} {
			if !strings.Contains(string(out), want) {
				t.Errorf("%s --version prints %q without %q", name, out, want)
			}
		}
	}
}
