package onsale

import (
	"encoding/json"
	"fmt"
	"net/http"

	"gopkg.in/yaml.v3"

	root "github.com/onsale-tickets/onsale"
	"github.com/onsale-tickets/onsale/adapter/httpapi/web"
)

// pages are for people who come by a browser; the API's documents are among
// them, as they are and as JSON.
func pages(withDemo bool) (http.Handler, error) {
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
	site := web.Site{}
	if withDemo {
		site.Demo = &web.Demo{Buyer: demoBuyer, Seller: demoSeller, Password: demoPassword}
	}
	return web.New(site, documents)
}
