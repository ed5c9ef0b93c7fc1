package ticketing

import (
	_ "embed"
	"slices"
	"strings"
	"time"
)

// zones.txt has the names of zones and links in the time/tzdata of the Go
// release, but for Factory, which is none: TestZones writes it anew.
//
//go:embed zones.txt
var zonesText string

var zones = strings.Fields(zonesText)

// knownZone knows names that every browser does. A machine's own files have
// more (localtime, right/UTC), and some take names in any case.
func knownZone(name string) bool {
	if _, listed := slices.BinarySearch(zones, name); !listed {
		return false
	}
	_, err := time.LoadLocation(name)
	return err == nil
}
