package account

import (
	"strings"
	"unicode/utf8"

	"github.com/onsale-tickets/onsale/domain"
)

// Limits of a registration. Passwords are counted in code points.
const (
	MinPassword   = 8
	MaxPassword   = 128
	MaxEmailBytes = 254
)

// Registration is what a visitor asks for.
type Registration struct {
	Email, Password, Name string
	Role                  Role
}

// Validated is the registration as it is kept (e-mail in lower case, name
// trimmed), or an Invalid refusal that names each bad field.
func (r Registration) Validated() (Registration, error) {
	var bad []domain.FieldError
	refuse := func(pointer, code, detail string) {
		if code != "" {
			bad = append(bad, domain.FieldError{Pointer: pointer, Code: code, Detail: detail})
		}
	}
	email, code := NormalEmail(r.Email)
	refuse("/email", code, "an e-mail address is printable ASCII with one @, at most 254 bytes")
	refuse("/password", passwordCode(r.Password), passwordRule)
	name, code := domain.ShortText(r.Name)
	refuse("/name", code, "a name is 1 to 128 characters, one of them visible")
	if r.Role != Buyer && r.Role != Seller {
		code = "invalid"
		if r.Role == "" {
			code = "required"
		}
		refuse("/role", code, "a role is buyer or seller")
	}
	if err := domain.RefuseFields(bad); err != nil {
		return Registration{}, err
	}
	r.Email, r.Name = email, name
	return r, nil
}

// NormalEmail is the one spelling under which an address is kept and looked
// up: outer blanks off, lower case. code says why it is none, empty if it is.
func NormalEmail(raw string) (email, code string) {
	email = strings.Trim(raw, " \t\r\n")
	if email == "" {
		return "", "required"
	}
	if len(email) > MaxEmailBytes {
		return "", "too_long"
	}
	for i := range len(email) {
		if email[i] <= ' ' || email[i] > '~' {
			return "", "invalid"
		}
	}
	local, host, ok := strings.Cut(email, "@")
	if !ok || local == "" || host == "" || strings.Contains(host, "@") {
		return "", "invalid"
	}
	return strings.ToLower(email), ""
}

// CheckPassword refuses what is no new password, under the pointer of its field.
func CheckPassword(pointer, password string) error {
	if code := passwordCode(password); code != "" {
		return domain.RefuseFields([]domain.FieldError{{Pointer: pointer, Code: code, Detail: passwordRule}})
	}
	return nil
}

const passwordRule = "a password is 8 to 128 characters"

// passwordCode says what is wrong with a new password. It is taken as it is:
// no trimming, no rule about its characters but that they are text.
func passwordCode(p string) string {
	switch n := utf8.RuneCountInString(p); {
	case p == "":
		return "required"
	case !utf8.ValidString(p) || strings.ContainsRune(p, 0):
		return "invalid"
	case n < MinPassword:
		return "too_short"
	case n > MaxPassword:
		return "too_long"
	}
	return ""
}
