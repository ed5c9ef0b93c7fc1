// Package buildinfo reads what the Go tool chain recorded in this binary: the
// module's version, the commit it was built from, and the Go release.
package buildinfo

import (
	"runtime"
	"runtime/debug"
	"strings"
)

// Build says what a binary was built from.
type Build struct {
	Version  string // of the module; (devel) where the tool chain knows none
	Revision string // commit; empty if it was not built from a repository
	Modified bool   // the working tree had changes that were not committed
	Go       string // release, such as go1.26.8
	Platform string // such as linux/amd64
}

// Read returns the build of this binary.
func Read() Build {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return From(&debug.BuildInfo{})
	}
	return From(info)
}

// From returns the build of a program by what the tool chain recorded in it.
func From(info *debug.BuildInfo) Build {
	b := Build{Version: info.Main.Version, Go: runtime.Version(), Platform: runtime.GOOS + "/" + runtime.GOARCH}
	if b.Version == "" {
		b.Version = "(devel)"
	}
	for _, s := range info.Settings {
		switch s.Key {
		case "vcs.revision":
			b.Revision = s.Value
		case "vcs.modified":
			b.Modified = s.Value == "true"
		}
	}
	return b
}

// Commit returns the first twelve digits of the revision, or "unknown".
func (b Build) Commit() string {
	if b.Revision == "" {
		return "unknown"
	}
	return b.Revision[:min(len(b.Revision), 12)]
}

// String is what `--version` prints after the program's name.
func (b Build) String() string {
	parts := []string{b.Version, "commit " + b.Commit()}
	if b.Modified {
		parts[1] += " with uncommitted changes"
	}
	return strings.Join(append(parts, b.Go, b.Platform), ", ")
}
