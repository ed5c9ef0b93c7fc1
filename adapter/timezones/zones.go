// Package timezones knows the names of the IANA time zones.
package timezones

import (
	_ "embed"
	"slices"
	"strings"
	"time"
	_ "time/tzdata" // the zones of the machine may be missing or old
)

// zones.txt has the names of the zones and links in the time/tzdata of the Go
// release, without Factory, which is no zone. TestZones rewrites it.
//
//go:embed zones.txt
var zonesText string

var zones = strings.Fields(zonesText)

// Known reports whether name is a zone that every browser knows. The files of a
// machine have more names (localtime, right/UTC), and some systems ignore case.
func Known(name string) bool {
	if _, listed := slices.BinarySearch(zones, name); !listed {
		return false
	}
	_, err := time.LoadLocation(name)
	return err == nil
}
