//go:build race

package e2e

// The embedded broker is another project's (kfake). To look for races in it too
// would take a quarter of the time of all end-to-end tests.
func init() {
	buildFlags = append(buildFlags, "-race", "-gcflags=github.com/twmb/franz-go/...=-race=false")
}
