package httpapi

import (
	"net/http"
	"strings"
	"time"

	"github.com/onsale-tickets/onsale/domain"
	"github.com/onsale-tickets/onsale/domain/account"
	"github.com/onsale-tickets/onsale/port"
)

// SessionCookie is the cookie that carries a session's token.
const SessionCookie = "session"

// Sessions knows who is asking, from the credential alone: no service asks
// another.
type Sessions struct {
	tokens port.Tokens
	ended  port.EndedSessions
}

// NewSessions binds the ports.
func NewSessions(tokens port.Tokens, ended port.EndedSessions) *Sessions {
	return &Sessions{tokens, ended}
}

// User answers who is asking, or an Unauthorized refusal, or Unavailable as long as
// it is not known which sessions have ended. The header decides if there is a
// cookie too.
func (s *Sessions) User(r *http.Request) (port.Claims, error) {
	token, err := credential(r)
	if err != nil {
		return port.Claims{}, err
	}
	claims, err := s.tokens.Read(token, time.Now())
	if err != nil {
		return port.Claims{}, err
	}
	if !s.ended.Known() {
		return port.Claims{}, domain.Refuse(domain.Unavailable, "unavailable", "the service has just started; try again")
	}
	if !s.Live(claims) {
		return port.Claims{}, unauthorized("the session has ended")
	}
	return claims, nil
}

// As answers who is asking if they have a role; Forbidden if they have another.
func (s *Sessions) As(r *http.Request, role account.Role) (port.Claims, error) {
	claims, err := s.User(r)
	if err == nil && claims.Role != string(role) {
		err = domain.Refuse(domain.Forbidden, "wrong_role", "this is for a "+string(role))
	}
	return claims, err
}

// Live tells whether a session still stands; streams ask it while they are open.
func (s *Sessions) Live(c port.Claims) bool {
	return time.Now().Before(c.ExpiresAt) && !s.ended.Ended(c)
}

func credential(r *http.Request) (string, error) {
	if header := r.Header.Get("Authorization"); header != "" {
		scheme, token, _ := strings.Cut(header, " ")
		if !strings.EqualFold(scheme, "Bearer") || token == "" {
			return "", unauthorized("Authorization: Bearer, then the token")
		}
		return token, nil
	}
	cookie, err := r.Cookie(SessionCookie)
	if err != nil || cookie.Value == "" {
		return "", unauthorized("log in first")
	}
	return cookie.Value, nil
}

func unauthorized(detail string) error {
	return domain.Refuse(domain.Unauthorized, "unauthorized", detail)
}
