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

// Registration is a visitor's request for an account.
type Registration struct {
	Email, Password, Name string
	Role                  Role
}

// Validated returns the registration to be stored (e-mail in lower case, name
// trimmed), or an Invalid refusal that names each bad field.
func (r Registration) Validated() (Registration, error) {
	var bad []domain.FieldError
	refuse := func(field, code, detail string) {
		if code != "" {
			bad = append(bad, domain.FieldError{Field: domain.Field(field), Code: code, Detail: detail})
		}
	}
	email, code := NormalEmail(r.Email)
	refuse("email", code, "an e-mail address is printable ASCII with one @, at most 254 bytes")
	refuse("password", passwordCode(r.Password), passwordRule)
	name, code := domain.ShortText(r.Name)
	refuse("name", code, "a name is 1 to 128 characters, one of them visible")
	if r.Role != Buyer && r.Role != Seller {
		code = "invalid"
		if r.Role == "" {
			code = "required"
		}
		refuse("role", code, "a role is buyer or seller")
	}
	if err := domain.RefuseFields(bad); err != nil {
		return Registration{}, err
	}
	r.Email, r.Name = email, name
	return r, nil
}

// NormalEmail returns the spelling under which an address is stored and looked
// up: without outer blanks, in lower case. A code that is not empty says why raw
// is no address.
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

// CheckPassword refuses a bad new password under the name of its field.
func CheckPassword(field, password string) error {
	if code := passwordCode(password); code != "" {
		return domain.RefuseFields([]domain.FieldError{{Field: domain.Field(field), Code: code, Detail: passwordRule}})
	}
	return nil
}

const passwordRule = "a password is 8 to 128 characters"

// passwordCode says what is wrong with a new password; it is empty if nothing
// is. A password is not trimmed, and may have any characters that are text.
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
