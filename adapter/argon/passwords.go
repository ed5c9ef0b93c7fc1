// Package argon hashes passwords by Argon2id.
package argon

import (
	"context"
	"crypto/rand"
	"crypto/subtle"
	"encoding/base64"
	"fmt"
	"runtime"
	"strings"

	"golang.org/x/crypto/argon2"

	"github.com/onsale-tickets/onsale/domain"
	"github.com/onsale-tickets/onsale/port"
)

// The cost of a hash: 19 MiB, two passes, one lane. It takes about 50 ms of a core.
const (
	memoryKiB = 19 * 1024
	passes    = 2
	lanes     = 1
	saltBytes = 16
	hashBytes = 32
)

// Passwords implements port.Passwords. It makes at most one hash per core at once,
// which also bounds the memory.
type Passwords struct{ turns chan struct{} }

var _ port.Passwords = (*Passwords)(nil)

// New returns the passwords of a process. A second one would not share its limit.
func New() *Passwords {
	return &Passwords{turns: make(chan struct{}, runtime.GOMAXPROCS(0))}
}

var header = fmt.Sprintf("$argon2id$v=%d$m=%d,t=%d,p=%d$", argon2.Version, memoryKiB, passes, lanes)

// Hash returns the usual text form: $argon2id$v=…$m=…,t=…,p=…$salt$hash.
func (p *Passwords) Hash(ctx context.Context, password string) (string, error) {
	salt := make([]byte, saltBytes)
	if _, err := rand.Read(salt); err != nil {
		return "", err
	}
	sum, err := p.sum(ctx, password, salt)
	if err != nil {
		return "", err
	}
	enc := base64.RawStdEncoding
	return header + enc.EncodeToString(salt) + "$" + enc.EncodeToString(sum), nil
}

// Verify compares in constant time. It does the same work for an empty hash.
func (p *Passwords) Verify(ctx context.Context, password, hash string) (bool, error) {
	salt, want := make([]byte, saltBytes), []byte(nil)
	if hash != "" {
		var err error
		if salt, want, err = parse(hash); err != nil {
			return false, err
		}
	}
	got, err := p.sum(ctx, password, salt)
	if err != nil {
		return false, err
	}
	return subtle.ConstantTimeCompare(got, want) == 1, nil
}

func (p *Passwords) sum(ctx context.Context, password string, salt []byte) ([]byte, error) {
	select {
	case p.turns <- struct{}{}:
	case <-ctx.Done():
		return nil, domain.Refuse(domain.Unavailable, "unavailable", "too many log-ins at once; try again")
	}
	defer func() { <-p.turns }()
	return argon2.IDKey([]byte(password), salt, passes, memoryKiB, lanes, hashBytes), nil
}

func parse(hash string) (salt, sum []byte, err error) {
	rest, ok := strings.CutPrefix(hash, header)
	if !ok {
		return nil, nil, fmt.Errorf("the password hash is of another kind")
	}
	a, b, _ := strings.Cut(rest, "$")
	if salt, err = base64.RawStdEncoding.DecodeString(a); err != nil {
		return nil, nil, fmt.Errorf("salt of the password hash: %w", err)
	}
	if sum, err = base64.RawStdEncoding.DecodeString(b); err != nil || len(sum) != hashBytes {
		return nil, nil, fmt.Errorf("the password hash is cut off")
	}
	return salt, sum, nil
}
