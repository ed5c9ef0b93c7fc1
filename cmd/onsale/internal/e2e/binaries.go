package e2e

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"syscall"
)

// buildFlags are those of the binaries: with -race, tests run binaries that
// detect races, too.
var buildFlags []string

// Root returns a path below the root of the module.
func Root(path ...string) string {
	root, err := root()
	if err != nil {
		panic(err) // tests run inside the module
	}
	return filepath.Join(append([]string{root}, path...)...)
}

var root = sync.OnceValues(func() (string, error) {
	dir, err := os.Getwd()
	if err != nil {
		return "", err
	}
	for {
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
			return dir, nil
		}
		up := filepath.Dir(dir)
		if up == dir {
			return "", errors.New("no go.mod above the working directory")
		}
		dir = up
	}
})

// Binaries builds the four programs and returns their directory. Test packages
// share it: go build links a program again only if it has changed.
var Binaries = sync.OnceValues(func() (string, error) { return build("e2e", buildFlags...) })

// CrashBinaries are the same programs, built with the tag crashpoints.
var CrashBinaries = sync.OnceValues(func() (string, error) {
	return build("e2e-crashpoints", append([]string{"-tags=crashpoints"}, buildFlags...)...)
})

// build builds the four programs with flags into a directory below bin/, one
// process at a time.
func build(name string, flags ...string) (string, error) {
	if len(buildFlags) > 0 {
		name += "-race"
	}
	dir := Root("bin", name)
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return "", err
	}
	lock, err := os.Create(filepath.Join(dir, "lock"))
	if err != nil {
		return "", err
	}
	defer lock.Close()
	if err := syscall.Flock(int(lock.Fd()), syscall.LOCK_EX); err != nil {
		return "", err
	}
	args := append([]string{"build", "-o", dir + string(filepath.Separator)}, flags...)
	cmd := exec.Command("go", append(args, "./cmd/booking-service", "./cmd/event-ticketing-service", "./cmd/onsale", "./cmd/seat-reservation-service")...)
	cmd.Dir = Root()
	if out, err := cmd.CombinedOutput(); err != nil {
		return "", fmt.Errorf("go build: %w\n%s", err, out)
	}
	return dir, nil
}
