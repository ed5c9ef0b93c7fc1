package sessiontoken

import (
	"strconv"
	"testing"

	"github.com/onsale-tickets/onsale/port"
)

func TestVerifiedKeepsWhatIsUsed(t *testing.T) {
	var v verified
	v.put("used", port.Claims{User: 7})
	for i := range 10 * maxVerified {
		v.put(strconv.Itoa(i), port.Claims{})

		if c, known := v.get("used"); !known || c.User != 7 {
			t.Fatalf("after %d other tokens: %v, %+v", i+1, known, c)
		}
	}

	if n := len(v.recent) + len(v.older); n > 2*maxVerified {
		t.Errorf("%d tokens are kept", n)
	}
	if _, known := v.get("0"); known {
		t.Error("a token that was used once is still kept")
	}
}
