package httpapi

import (
	"net/http"
	"time"
)

// stallLimit is how long one write of a download may block on its reader.
const stallLimit = 2 * time.Minute

// Download is a response body without a limit for the whole: a slow reader may
// take hours. A reader that takes nothing for stallLimit is cut off.
type Download struct {
	w       http.ResponseWriter
	control *http.ResponseController
}

// NewDownload returns a download that writes to w.
func NewDownload(w http.ResponseWriter) *Download {
	return &Download{w, http.NewResponseController(w)}
}

// Write writes b to the reader.
func (d *Download) Write(b []byte) (int, error) {
	_ = d.control.SetWriteDeadline(time.Now().Add(stallLimit))
	return d.w.Write(b)
}
