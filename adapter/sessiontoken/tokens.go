// Package sessiontoken signs and reads session tokens, which are JWTs signed by
// HMAC-SHA256 with the key of the installation. It also signs tickets.
package sessiontoken

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"strconv"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"github.com/onsale-tickets/onsale/domain"
	"github.com/onsale-tickets/onsale/port"
)

// MinKeyBytes is the length of the shortest allowed key.
const MinKeyBytes = 32

// Key is the key of the installation. Whoever has it can make valid tokens.
type Key []byte

// Tokens implements port.Tokens.
type Tokens struct {
	key      Key
	verified verified
}

var _ port.Tokens = (*Tokens)(nil)

// New returns an error if the key is too short.
func New(key Key) (*Tokens, error) {
	if len(key) < MinKeyBytes {
		return nil, fmt.Errorf("the session key has %d bytes; at least %d are needed", len(key), MinKeyBytes)
	}
	return &Tokens{key: key}, nil
}

type claims struct {
	Role   string `json:"role"`
	Name   string `json:"name"`
	Opened int64  `json:"opened"` // Unix microseconds
	jwt.RegisteredClaims
}

// Sign returns the token of a session.
func (t *Tokens) Sign(c port.Claims) (string, error) {
	return jwt.NewWithClaims(jwt.SigningMethodHS256, claims{
		Role: c.Role, Name: c.Name, Opened: c.OpenedAt.UnixMicro(),
		RegisteredClaims: jwt.RegisteredClaims{
			ID: c.Session, Subject: c.User.String(), ExpiresAt: jwt.NewNumericDate(c.ExpiresAt),
		},
	}).SignedString([]byte(t.key))
}

// errInvalid refuses a token.
var errInvalid = domain.Refuse(domain.Unauthorized, "unauthorized", "the credential is not valid, or has expired")

// Read accepts HMAC-SHA256 alone. In particular, it refuses `none`.
func (t *Tokens) Read(token string, now time.Time) (port.Claims, error) {
	if c, known := t.verified.get(token); known {
		if !now.Before(c.ExpiresAt) {
			return port.Claims{}, errInvalid
		}
		return c, nil
	}
	c, err := t.verify(token, now)
	if err == nil {
		t.verified.put(token, c)
	}
	return c, err
}

// verify checks signature and expiry.
func (t *Tokens) verify(token string, now time.Time) (port.Claims, error) {
	var c claims
	_, err := jwt.ParseWithClaims(token, &c, func(*jwt.Token) (any, error) { return []byte(t.key), nil },
		jwt.WithValidMethods([]string{jwt.SigningMethodHS256.Alg()}),
		jwt.WithExpirationRequired(),
		jwt.WithTimeFunc(func() time.Time { return now }))
	user, errUser := strconv.ParseInt(c.Subject, 10, 64)
	if err != nil || errUser != nil || user < 1 || c.ID == "" {
		return port.Claims{}, errInvalid
	}
	return port.Claims{
		Session: c.ID, User: domain.UserID(user), Role: c.Role, Name: c.Name, OpenedAt: time.UnixMicro(c.Opened).UTC(), ExpiresAt: c.ExpiresAt.UTC(),
	}, nil
}

var _ port.TicketSigner = (*Tokens)(nil)

// SignTicket returns a MAC of 128 bits in 22 characters. The signed text begins
// with a word that no token begins with, so that no signature is valid for both.
func (t *Tokens) SignTicket(ticketID string, booking domain.BookingID) string {
	mac := hmac.New(sha256.New, t.key)
	fmt.Fprintf(mac, "onsale-ticket\n%s\n%s", ticketID, booking)
	return base64.RawURLEncoding.EncodeToString(mac.Sum(nil)[:16])
}
