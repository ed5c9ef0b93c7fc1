// Package pages combines the web pages in adapter/httpapi/web with the API documents in
// the module's root.
package pages

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"sync"

	"gopkg.in/yaml.v3"

	root "github.com/onsale-tickets/onsale"
	"github.com/onsale-tickets/onsale/adapter/httpapi/web"
)

// New returns a handler that serves the pages, and the API documents as YAML and as
// JSON. demo has accounts that anybody may use; it is nil if there are none.
func New(demo *web.Demo) (http.Handler, error) {
	documents := map[string][]byte{"openapi.yaml": root.OpenAPI, "asyncapi.yaml": root.AsyncAPI}
	for _, name := range []string{"openapi", "asyncapi"} {
		var document any
		if err := yaml.Unmarshal(documents[name+".yaml"], &document); err != nil {
			return nil, fmt.Errorf("%s.yaml: %w", name, err)
		}
		encoded, err := json.Marshal(document)
		if err != nil {
			return nil, fmt.Errorf("%s.yaml: %w", name, err)
		}
		documents[name+".json"] = encoded
	}
	return web.New(web.Site{Demo: demo}, documents)
}

// Beside returns a handler that passes the API's routes to api and serves the pages for
// all other paths. It prepares the pages on the first request, so that the service
// starts faster.
func Beside(api http.Handler) http.Handler {
	made := sync.OnceValues(func() (http.Handler, error) { return New(nil) })
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if strings.HasPrefix(r.URL.Path, "/v1/") {
			api.ServeHTTP(w, r)
			return
		}
		home, err := made()
		if err != nil {
			http.Error(w, err.Error(), http.StatusInternalServerError)
			return
		}
		home.ServeHTTP(w, r)
	})
}
