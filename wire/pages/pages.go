// Package pages puts the pages for people together: the files in adapter/httpapi/web
// and the API's documents in the module's root.
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

// New answers the pages, with the API's documents among them, as they are and as
// JSON. demo are accounts that anybody may use, nil if there are none.
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

// Beside answers the API's routes by api, and pages for all else. They are put
// together when the first is asked for: a service that starts has other things
// to do.
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
