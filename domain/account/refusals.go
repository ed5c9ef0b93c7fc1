package account

import "github.com/onsale-tickets/onsale/domain"

// Refusals that more than one use case or adapter returns.
var (
	EmailTaken  = domain.Refuse(domain.Conflict, "email_taken", "there is already an account with this e-mail address")
	UnknownUser = domain.Refuse(domain.NotFound, "user_not_found", "there is no such user")
)

// RefuseRole returns a Forbidden refusal (wrong_role) unless a user has the role
// that is needed.
func RefuseRole(has, needed Role) error {
	if has == needed {
		return nil
	}
	return domain.Refuse(domain.Forbidden, "wrong_role", "only a "+string(needed)+" may do this")
}
