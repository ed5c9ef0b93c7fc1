package loadgen_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/onsale-tickets/onsale/adapter/loadgen"
)

func TestAwake(t *testing.T) {
	serving := func(text string) string {
		s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { fmt.Fprintln(w, text) }))
		t.Cleanup(s.Close)
		return s.URL
	}
	two, five, old := serving("# HELP\nonsale_events_awake 2"), serving("a 1\nonsale_events_awake 5\nb 2"), serving("a 1")
	if n, err := (loadgen.Awake{OpsURLs: []string{two, five, two}}).Awake(t.Context()); err != nil || n != 5 {
		t.Errorf("%d, %v", n, err)
	}
	if n, err := (loadgen.Awake{OpsURLs: []string{two, old}}).Awake(t.Context()); err == nil {
		t.Errorf("a server that does not know: %d", n)
	}
}
