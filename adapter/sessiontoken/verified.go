package sessiontoken

import (
	"strings"
	"sync"

	"github.com/onsale-tickets/onsale/port"
)

// maxVerified is how many tokens each half of the cache keeps.
const maxVerified = 4096

// verified keeps the claims of tokens whose signature was checked, because a buyer
// sends the same token with each request. A token is signed for good: only its
// expiry depends on the time, and the reader checks it. Tokens that were refused are
// not kept.
//
// There are two halves. A full recent half takes the place of the older one, so that
// a token that is used stays, and memory is bounded without a list of uses.
type verified struct {
	mu            sync.RWMutex
	recent, older map[string]port.Claims
}

// get returns the claims of a token that was put.
func (v *verified) get(token string) (port.Claims, bool) {
	v.mu.RLock()
	c, recent := v.recent[token]
	if recent {
		v.mu.RUnlock()
		return c, true
	}
	c, known := v.older[token]
	v.mu.RUnlock()
	if known {
		v.put(token, c)
	}
	return c, known
}

func (v *verified) put(token string, c port.Claims) {
	v.mu.Lock()
	defer v.mu.Unlock()
	if v.recent == nil || len(v.recent) == maxVerified {
		v.recent, v.older = make(map[string]port.Claims), v.recent
	}
	v.recent[strings.Clone(token)] = c // the token may be a part of a longer header
}
