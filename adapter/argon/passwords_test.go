package argon_test

import (
	"context"
	"testing"

	"github.com/onsale-tickets/onsale/adapter/argon"
)

func TestPasswords(t *testing.T) {
	ctx := context.Background()
	p := argon.New()
	hash, err := p.Hash(ctx, "correct horse")
	if err != nil {
		t.Fatal(err)
	}

	for password, want := range map[string]bool{"correct horse": true, "correct horsf": false, "": false} {
		if got, err := p.Verify(ctx, password, hash); err != nil || got != want {
			t.Errorf("%q: %v (%v)", password, got, err)
		}
	}
	if ok, err := p.Verify(ctx, "correct horse", ""); ok || err != nil {
		t.Errorf("an empty hash: %v (%v)", ok, err)
	}
	if again, _ := p.Hash(ctx, "correct horse"); again == hash {
		t.Error("two hashes of one password are equal")
	}
}
