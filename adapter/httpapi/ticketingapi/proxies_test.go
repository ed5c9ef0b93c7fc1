package ticketingapi

import (
	"net/http"
	"net/netip"
	"testing"
)

func TestVisitor(t *testing.T) {
	loopback := Proxies{netip.MustParsePrefix("127.0.0.0/8"), netip.MustParsePrefix("::1/128")}
	ours := Proxies{netip.MustParsePrefix("10.1.0.0/16"), netip.MustParsePrefix("fd00::/8")}
	for name, c := range map[string]struct {
		proxies   Proxies
		peer      string
		forwarded []string
		want      string
	}{
		"a visitor without a proxy":                 {ours, "203.0.113.7:999", nil, "203.0.113.7"},
		"a visitor who sends the header":            {ours, "203.0.113.7:999", []string{"198.51.100.1"}, "203.0.113.7"},
		"behind a proxy on this machine":            {loopback, "127.0.0.1:999", []string{"203.0.113.7"}, "203.0.113.7"},
		"behind a proxy of another machine":         {ours, "10.1.2.3:999", []string{"203.0.113.7"}, "203.0.113.7"},
		"behind a proxy with a mapped address":      {ours, "[::ffff:10.1.2.3]:999", []string{"203.0.113.7"}, "203.0.113.7"},
		"behind two proxies":                        {ours, "10.1.2.3:999", []string{"203.0.113.7, 10.1.2.4"}, "203.0.113.7"},
		"in two headers":                            {ours, "[fd00::1]:999", []string{"203.0.113.7", "10.1.2.4"}, "203.0.113.7"},
		"a visitor who sends the header to a proxy": {ours, "10.1.2.3:999", []string{"198.51.100.1, 203.0.113.7"}, "203.0.113.7"},
		"a hop that is no address":                  {ours, "10.1.2.3:999", []string{"203.0.113.7, nobody"}, "10.1.2.3"},
		"a proxy that is not trusted":               {loopback, "10.1.2.3:999", []string{"203.0.113.7"}, "10.1.2.3"},
	} {
		t.Run(name, func(t *testing.T) {
			r := &http.Request{RemoteAddr: c.peer, Header: http.Header{"X-Forwarded-For": c.forwarded}}
			if got := c.proxies.visitor(r); got != c.want {
				t.Errorf("%s, want %s", got, c.want)
			}
		})
	}
}
