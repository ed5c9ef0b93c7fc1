package buildinfo

import (
	"runtime"
	"runtime/debug"
	"testing"
)

func TestBuild(t *testing.T) {
	platform := ", " + runtime.Version() + ", " + runtime.GOOS + "/" + runtime.GOARCH
	vcs := func(revision, modified string) []debug.BuildSetting {
		return []debug.BuildSetting{{Key: "-buildmode", Value: "exe"}, {Key: "vcs.revision", Value: revision}, {Key: "vcs.modified", Value: modified}}
	}
	for name, c := range map[string]struct {
		info debug.BuildInfo
		want string
	}{
		"a release":                    {debug.BuildInfo{Main: debug.Module{Version: "v0.1.0"}, Settings: vcs("0123456789abcdef", "false")}, "v0.1.0, commit 0123456789ab"},
		"a tree with changes":          {debug.BuildInfo{Main: debug.Module{Version: "(devel)"}, Settings: vcs("0123456789abcdef", "true")}, "(devel), commit 0123456789ab with uncommitted changes"},
		"built outside a repository":   {debug.BuildInfo{Main: debug.Module{Version: "(devel)"}}, "(devel), commit unknown"},
		"built without module support": {debug.BuildInfo{}, "(devel), commit unknown"},
	} {
		if got := From(&c.info).String(); got != c.want+platform {
			t.Errorf("%s: %q, want %q", name, got, c.want+platform)
		}
	}
}

func TestReadNamesTheGoRelease(t *testing.T) {
	if b := Read(); b.Go != runtime.Version() || b.Version == "" {
		t.Errorf("%+v", b)
	}
}
