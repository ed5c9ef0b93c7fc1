package timezones

import (
	"archive/zip"
	"flag"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// go test ./adapter/timezones -run Zones -rewrite takes the names of another Go
// release.
var rewrite = flag.Bool("rewrite", false, "rewrite zones.txt")

func TestZones(t *testing.T) {
	root, err := exec.Command("go", "env", "GOROOT").Output()
	if err != nil {
		t.Fatal(err)
	}
	archive, err := zip.OpenReader(filepath.Join(strings.TrimSpace(string(root)), "lib", "time", "zoneinfo.zip"))
	if err != nil {
		t.Fatal(err)
	}
	defer archive.Close()
	var names []string
	for _, f := range archive.File {
		if !strings.HasSuffix(f.Name, "/") && f.Name != "Factory" {
			names = append(names, f.Name)
		}
	}
	slices.Sort(names)
	if *rewrite {
		if err := os.WriteFile("zones.txt", []byte(strings.Join(names, "\n")+"\n"), 0o644); err != nil {
			t.Fatal(err)
		}
	} else if !slices.IsSorted(zones) {
		t.Error("zones.txt is not in order")
	}
	for _, name := range zones {
		if !Known(name) || !slices.Contains(names, name) {
			t.Errorf("%s is no zone of this Go release", name)
		}
	}
	for _, name := range []string{"UTC", "Asia/Taipei", "Europe/Berlin", "America/Port-au-Prince", "Etc/GMT+12", "Asia/Calcutta"} {
		if !Known(name) {
			t.Errorf("%s is unknown", name)
		}
	}
	for _, name := range []string{"", "Local", "localtime", "posixrules", "right/UTC", "posix/Europe/Berlin", "Factory", "europe/berlin", "UTC\n", "../UTC", "/UTC", "tzdata.zi", "zone.tab"} {
		if Known(name) {
			t.Errorf("%q is a zone", name)
		}
	}
}
