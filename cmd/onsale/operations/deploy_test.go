package operations_test

import (
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"gopkg.in/yaml.v3"

	"github.com/onsale-tickets/onsale/cmd/onsale/internal/e2e"
)

// The files in deploy/ name only settings, images and servers that exist.
func TestDeploy(t *testing.T) {
	known := settings(t)
	files, err := filepath.Glob(e2e.Root("deploy/*"))
	if err != nil {
		t.Fatal(err)
	}
	units, err := filepath.Glob(e2e.Root("deploy/systemd/*"))
	if err != nil {
		t.Fatal(err)
	}
	setting := regexp.MustCompile(`\bONSALE_[A-Z_]+\b`)
	found := 0
	for _, path := range append(append(files, units...), e2e.Root("docs/deployment.md"), e2e.Root("docs/operations.md")) {
		content, err := os.ReadFile(path)
		if err != nil {
			continue // a directory
		}
		for _, name := range setting.FindAllString(string(content), -1) {
			found++
			if !known[name] {
				t.Errorf("%s: no service has %s", path, name)
			}
		}
	}
	if found < 30 {
		t.Errorf("%d settings are named in deploy/", found)
	}
	checkCompose(t)
}

// settings returns the environment variables that the programs' help names.
func settings(t *testing.T) map[string]bool {
	t.Helper()
	bin, err := e2e.Binaries()
	if err != nil {
		t.Fatal(err)
	}
	// Secrets have no flag; the help of the flags for their files names them.
	known := map[string]bool{}
	for _, args := range [][]string{{"booking-service", "--help"}, {"seat-reservation-service", "--help"}, {"event-ticketing-service", "--help"}, {"onsale", "up", "--help"},
		{"onsale", "archive", "--help"}, {"onsale", "broker", "--help"}} {
		out, err := exec.Command(filepath.Join(bin, args[0]), args[1:]...).CombinedOutput()
		if err != nil {
			t.Fatalf("%v: %v\n%s", args, err, out)
		}
		for _, name := range regexp.MustCompile(`\bONSALE_[A-Z_]+\b`).FindAllString(string(out), -1) {
			known[name] = true
		}
	}
	return known
}

func checkCompose(t *testing.T) {
	var compose struct {
		Services map[string]struct {
			Build   struct{ Target, Dockerfile string }
			Image   string
			Secrets []string
			Volumes []string
		}
		Volumes map[string]any
		Secrets map[string]struct{ File string }
	}
	if err := yaml.Unmarshal(read(t, e2e.Root("deploy/compose.yaml")), &compose); err != nil {
		t.Fatal(err)
	}
	dockerfile, nginx, maker := string(read(t, e2e.Root("deploy/Dockerfile"))), string(read(t, e2e.Root("deploy/nginx.conf"))), string(read(t, e2e.Root("deploy/secrets.sh")))
	servers := 0
	for name, s := range compose.Services {
		if s.Image == "" {
			servers++
			if !strings.Contains(dockerfile, " AS "+s.Build.Target+"\n") {
				t.Errorf("%s: the Dockerfile has no target %q", name, s.Build.Target)
			}
			if !strings.Contains(nginx, "server "+name+":") {
				t.Errorf("%s does not stand behind the proxy", name)
			}
		}
		for _, secret := range s.Secrets {
			if compose.Secrets[secret].File == "" {
				t.Errorf("%s: there is no secret %s", name, secret)
			}
		}
		for _, volume := range s.Volumes {
			from, _, _ := strings.Cut(volume, ":")
			if _, ok := compose.Volumes[from]; !ok && !strings.HasPrefix(from, "./") {
				t.Errorf("%s: there is no volume %s", name, from)
			}
			if strings.HasPrefix(from, "./") {
				read(t, filepath.Join(e2e.Root("deploy"), from))
			}
		}
	}
	if servers != 6 {
		t.Errorf("%d servers, want two of each service", servers)
	}
	for name := range compose.Secrets {
		if base := strings.TrimSuffix(strings.TrimSuffix(name, "-password"), ".url"); !strings.Contains(maker, base) {
			t.Errorf("secrets.sh does not make %s", name)
		}
	}
}

// event-ticketing-service serves the pages behind a proxy that has no files.
func TestPagesBehindAnyProxy(t *testing.T) {
	t.Parallel()
	in := e2e.Shared(t)
	at := in.ServiceURL("event-ticketing-service")
	for path, want := range map[string]string{"/": "<title>Onsale</title>", "/events/1": "<title>Onsale</title>", "/app.js": "import", "/site.json": `{"demo":null,"session":false}`,
		"/docs/asyncapi.yaml": "asyncapi:", "/v1/nowhere": `"status":404`} {
		resp, err := http.Get(at + path)
		if err != nil {
			t.Fatal(err)
		}
		body, err := io.ReadAll(resp.Body)
		_ = resp.Body.Close()
		if err != nil || !strings.Contains(string(body), want) {
			t.Errorf("%s: %d %.200s (%v)", path, resp.StatusCode, body, err)
		}
	}
}

func read(t *testing.T, path string) []byte {
	t.Helper()
	content, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return content
}
