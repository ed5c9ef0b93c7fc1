package owner_test

import (
	"errors"
	"testing"

	"github.com/onsale-tickets/onsale/domain/owner"
)

// What was decided before the claim must be told. An owner that cannot read it again
// gives the partition up, so that the next claim tries again.
func TestRereadThatFails(t *testing.T) {
	p := owned(t)

	effects := p.Step(owner.RereadFailed{Nonce: 7, Err: errors.New("no broker")}, now, nil)

	if len(effects) != 1 {
		t.Fatalf("%+v", effects)
	}
	if _, lost := effects[0].(owner.LostOwnership); !lost || p.Owned() {
		t.Errorf("%+v, owned %v", effects[0], p.Owned())
	}
}
