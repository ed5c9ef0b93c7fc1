//go:build crashpoints

package crashpoint

import (
	"os"
	"path/filepath"
	"syscall"
)

// Dir is the environment variable with the directory of armed points. A point is
// armed while a file of its name is there.
const Dir = "ONSALE_CRASH_DIR"

// At kills this process if the point is armed. It disarms the point first, so that
// it is hit once.
func At(point string) {
	dir := os.Getenv(Dir)
	if dir == "" || os.Remove(filepath.Join(dir, point)) != nil {
		return
	}
	_ = syscall.Kill(os.Getpid(), syscall.SIGKILL)
	select {} // until the signal arrives
}
