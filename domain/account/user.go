package account

import (
	"time"

	"github.com/onsale-tickets/onsale/domain"
)

// Role is what a user may do: buyers book, sellers make events.
type Role string

// The roles, as they stand in requests and tokens.
const (
	Buyer  Role = "buyer"
	Seller Role = "seller"
)

// User is a registered account, without its password.
type User struct {
	ID        domain.UserID
	Email     string // lower case
	Name      string
	Role      Role
	CreatedAt time.Time
}
