package ticketing

import (
	"context"
	"database/sql"
	"errors"
	"time"

	"github.com/uptrace/bun"

	"github.com/onsale-tickets/onsale/adapter/pgstore"
	"github.com/onsale-tickets/onsale/domain"
	"github.com/onsale-tickets/onsale/domain/account"
	"github.com/onsale-tickets/onsale/port"
)

var _ port.Users = (*Store)(nil)

type userRow struct {
	bun.BaseModel `bun:"table:users"`

	ID           int64     `bun:"id,pk,autoincrement"`
	Email        string    `bun:"email"`
	Name         string    `bun:"name"`
	Role         string    `bun:"role"`
	PasswordHash string    `bun:"password_hash"`
	CreatedAt    time.Time `bun:"created_at"`
}

func (r userRow) user() account.User {
	return account.User{ID: domain.UserID(r.ID), Email: r.Email, Name: r.Name, Role: account.Role(r.Role), CreatedAt: r.CreatedAt.UTC()}
}

// Register stores a user under the next id.
func (s *Store) Register(ctx context.Context, u account.User, hash string) (account.User, error) {
	row := userRow{Email: u.Email, Name: u.Name, Role: string(u.Role), PasswordHash: hash, CreatedAt: u.CreatedAt}
	_, err := s.Reads.NewInsert().Model(&row).Returning("id").Exec(ctx)
	if pgstore.HasCode(err, pgstore.UniqueViolation) {
		return account.User{}, account.EmailTaken
	}
	return row.user(), err
}

// SetPassword stores the hash of a new password.
func (s *Store) SetPassword(ctx context.Context, id domain.UserID, hash string) error {
	result, err := s.Reads.NewUpdate().Table("users").Set("password_hash = ?", hash).Where("id = ?", id).Exec(ctx)
	if err != nil {
		return err
	}
	if n, err := result.RowsAffected(); err != nil || n == 0 {
		return errors.Join(err, account.UnknownUser)
	}
	return nil
}

// ByEmail returns a user with the hash of the password.
func (s *Store) ByEmail(ctx context.Context, email string) (account.User, string, error) {
	return s.user(ctx, "email = ?", email)
}

// ByID returns a user.
func (s *Store) ByID(ctx context.Context, id domain.UserID) (account.User, error) {
	u, _, err := s.user(ctx, "id = ?", id)
	return u, err
}

func (s *Store) user(ctx context.Context, where string, value any) (account.User, string, error) {
	var row userRow
	err := s.Reads.NewSelect().Model(&row).Where(where, value).Scan(ctx)
	if errors.Is(err, sql.ErrNoRows) {
		return account.User{}, "", account.UnknownUser
	}
	return row.user(), row.PasswordHash, err
}
