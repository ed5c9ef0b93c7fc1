package operations_test

import (
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/onsale-tickets/onsale/cmd/onsale/internal/e2e"
)

// A bug report needs the build of every binary. adapter/buildinfo tests what the
// commit is read from.
func TestVersionOfEveryBinary(t *testing.T) {
	t.Parallel()
	bin, err := e2e.Binaries()
	if err != nil {
		t.Fatal(err)
	}
	commands, err := filepath.Glob(e2e.Root("cmd", "*", "main.go"))
	if err != nil || len(commands) != 4 {
		t.Fatalf("%d commands: %v", len(commands), err)
	}
	for _, command := range commands {
		name := filepath.Base(filepath.Dir(command))
		out, err := exec.Command(filepath.Join(bin, name), "--version").CombinedOutput()
		if err != nil {
			t.Errorf("%s --version: %v\n%s", name, err, out)
			continue
		}
		for _, want := range []string{name + " ", ", commit ", runtime.Version(), runtime.GOOS + "/" + runtime.GOARCH} {
			if !strings.Contains(string(out), want) {
				t.Errorf("%s --version prints %q without %q", name, out, want)
			}
		}
	}
}
