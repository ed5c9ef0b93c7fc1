package httpapi

import (
	"net/http"
	"strings"
	"time"

	"github.com/onsale-tickets/onsale/domain"
	"github.com/onsale-tickets/onsale/domain/account"
	"github.com/onsale-tickets/onsale/port"
)

// SessionCookie is the name of the cookie that carries a session's token.
const SessionCookie = "session"

// Sessions identifies users by their credentials alone, without a call to
// another service. A route that anybody may read does not look at the
// credential, so a spent one counts as none there.
type Sessions struct {
	tokens port.Tokens
	ended  port.EndedSessions
	watch  *watch // of the open streams
}

// NewSessions binds the ports.
func NewSessions(tokens port.Tokens, ended port.EndedSessions) *Sessions {
	return &Sessions{tokens, ended, newWatch()}
}

// User returns the claims of the request's credential. It returns an
// Unauthorized refusal if there is no valid credential, and Unavailable until the
// list of ended sessions was read. The Authorization header wins over the cookie.
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

// As is User for one role. It returns a Forbidden refusal for another role.
func (s *Sessions) As(r *http.Request, role account.Role) (port.Claims, error) {
	claims, err := s.User(r)
	if err == nil {
		err = account.RefuseRole(account.Role(claims.Role), role)
	}
	return claims, err
}

// Live reports whether a session has neither expired nor ended.
func (s *Sessions) Live(c port.Claims) bool {
	return time.Now().Before(c.ExpiresAt) && !s.ended.Ended(c)
}

func credential(r *http.Request) (string, error) {
	if header := r.Header.Get("Authorization"); header != "" {
		scheme, token, _ := strings.Cut(header, " ")
		if !strings.EqualFold(scheme, "Bearer") || token == "" {
			return "", unauthorized("the header must be Authorization: Bearer, then the token")
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
