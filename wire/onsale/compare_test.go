package onsale

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/alecthomas/kong"
)

// Every benchmark of a whole installation can be compared, and nothing else.
func TestHeadlinesNameTheBenchmarks(t *testing.T) {
	parser, err := kong.New(&bench{}, kong.Vars{"kafka_brokers": "", "buyers": "1"})
	if err != nil {
		t.Fatal(err)
	}
	found := 0
	for _, command := range parser.Model.Children {
		if command.Name == "compare" {
			continue
		}
		if !slices.ContainsFunc(command.Flags, func(f *kong.Flag) bool { return f.Name == "build" }) {
			continue // it measures a part of this build
		}
		found++
		if headlines[command.Name] == nil {
			t.Errorf("%s has no figures to compare", command.Name)
		}
	}
	if found != len(headlines) {
		t.Errorf("%d benchmarks, figures of %d", found, len(headlines))
	}
}

func TestCheckBuild(t *testing.T) {
	dir := t.TempDir()
	names := []string{"onsale", "booking-service", "seat-reservation-service", "event-ticketing-service"}
	for i, name := range names {
		if err := checkBuild(dir); err == nil || !strings.Contains(err.Error(), "has no program "+name) {
			t.Errorf("with %d programs: %v", i, err)
		}
		if err := os.WriteFile(filepath.Join(dir, name), nil, 0o755); err != nil {
			t.Fatal(err)
		}
	}
	if err := checkBuild(dir); err != nil {
		t.Error(err)
	}
	if err := checkBuild(filepath.Join(dir, "away")); err == nil || !strings.Contains(err.Error(), "there is no directory") {
		t.Error(err)
	}
}

// What follows the benchmark's name is the benchmark's, flags too.
func TestCompareTakesFlagsOfTheBenchmark(t *testing.T) {
	for line, want := range map[string]string{
		"--with /tmp": "sellout",
		"--with /tmp --pairs 5 cpu-low --for 30s": "cpu-low --for 30s",
		"--with /tmp sellout --seats 20000":       "sellout --seats 20000",
	} {
		var c compare
		parser, err := kong.New(&c)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := parser.Parse(strings.Fields(line)); err != nil {
			t.Errorf("%s: %v", line, err)
			continue
		}
		name, flags := c.benchmark()
		if got := strings.Join(slices.Concat([]string{name}, flags), " "); got != want {
			t.Errorf("%s: %s, want %s", line, got, want)
		}
	}
}
