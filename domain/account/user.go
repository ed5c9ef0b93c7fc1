package account

import (
	"time"

	"github.com/onsale-tickets/onsale/domain"
)

// Role decides what a user may do: buyers book, sellers create events.
type Role string

// The roles, by their names in requests and tokens.
const (
	Buyer  Role = "buyer"
	Seller Role = "seller"
)

// User is an account, without its password.
type User struct {
	ID        domain.UserID
	Email     string // lower case
	Name      string
	Role      Role
	CreatedAt time.Time
}
