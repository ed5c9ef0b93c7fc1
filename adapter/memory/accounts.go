package memory

import (
	"context"
	"sync"
	"time"

	"github.com/onsale-tickets/onsale/domain"
	"github.com/onsale-tickets/onsale/domain/account"
	"github.com/onsale-tickets/onsale/port"
)

// Users stores accounts.
type Users struct {
	mu     sync.Mutex
	users  []account.User
	hashes []string
}

var _ port.Users = (*Users)(nil)

// Register stores a user under the next id.
func (u *Users) Register(_ context.Context, user account.User, hash string) (account.User, error) {
	u.mu.Lock()
	defer u.mu.Unlock()
	for _, other := range u.users {
		if other.Email == user.Email {
			return account.User{}, account.EmailTaken
		}
	}
	user.ID = domain.UserID(len(u.users) + 1)
	u.users, u.hashes = append(u.users, user), append(u.hashes, hash)
	return user, nil
}

// SetPassword stores the hash of a new password.
func (u *Users) SetPassword(_ context.Context, id domain.UserID, hash string) error {
	u.mu.Lock()
	defer u.mu.Unlock()
	if id < 1 || int(id) > len(u.users) {
		return account.UnknownUser
	}
	u.hashes[id-1] = hash
	return nil
}

// ByEmail returns a user with the hash of the password.
func (u *Users) ByEmail(_ context.Context, email string) (account.User, string, error) {
	u.mu.Lock()
	defer u.mu.Unlock()
	for i, user := range u.users {
		if user.Email == email {
			return user, u.hashes[i], nil
		}
	}
	return account.User{}, "", account.UnknownUser
}

// ByID returns a user.
func (u *Users) ByID(_ context.Context, id domain.UserID) (account.User, error) {
	u.mu.Lock()
	defer u.mu.Unlock()
	if id < 1 || int(id) > len(u.users) {
		return account.User{}, account.UnknownUser
	}
	return u.users[id-1], nil
}

// EndedSessions records which sessions were ended.
type EndedSessions struct {
	// Fault is returned by each End and EndAll while it is set.
	Fault error

	mu     sync.Mutex
	ended  map[string]time.Time
	opened map[domain.UserID]time.Time // sessions opened before are ended
}

var _ port.EndedSessions = (*EndedSessions)(nil)

// End ends a session.
func (e *EndedSessions) End(_ context.Context, session string, until time.Time) error {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.Fault != nil {
		return e.Fault
	}
	if e.ended == nil {
		e.ended = map[string]time.Time{}
	}
	e.ended[session] = until
	return nil
}

// EndAll ends all sessions of a user that were opened before a time.
func (e *EndedSessions) EndAll(_ context.Context, user domain.UserID, opened, _ time.Time) error {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.Fault != nil {
		return e.Fault
	}
	if e.opened == nil {
		e.opened = map[domain.UserID]time.Time{}
	}
	e.opened[user] = opened
	return nil
}

// Known always returns true.
func (e *EndedSessions) Known() bool { return true }

// Ended reports whether a session was ended.
func (e *EndedSessions) Ended(c port.Claims) bool {
	e.mu.Lock()
	defer e.mu.Unlock()
	_, ended := e.ended[c.Session]
	return ended || c.OpenedAt.Before(e.opened[c.User])
}
