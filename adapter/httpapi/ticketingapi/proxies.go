package ticketingapi

import (
	"net/http"
	"net/netip"
	"slices"
	"strings"
)

// Proxies are the networks of trusted proxies.
type Proxies []netip.Prefix

// visitor returns the address of the visitor: the last hop of X-Forwarded-For that
// is not a trusted proxy. Anybody could have written the hops before it.
func (p Proxies) visitor(r *http.Request) string {
	at, err := netip.ParseAddrPort(r.RemoteAddr)
	if err != nil {
		return r.RemoteAddr
	}
	visitor := at.Addr().Unmap()
	hops := strings.Split(strings.Join(r.Header.Values("X-Forwarded-For"), ","), ",")
	for _, hop := range slices.Backward(hops) {
		before, err := netip.ParseAddr(strings.TrimSpace(hop))
		if err != nil || !p.contain(visitor) {
			break
		}
		visitor = before.Unmap()
	}
	return visitor.WithZone("").String()
}

func (p Proxies) contain(a netip.Addr) bool {
	return slices.ContainsFunc(p, func(network netip.Prefix) bool { return network.Contains(a.WithZone("")) })
}
