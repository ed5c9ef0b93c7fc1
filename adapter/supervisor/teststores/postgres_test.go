package teststores_test

import (
	"testing"

	"github.com/jackc/pgx/v5"

	"github.com/onsale-tickets/onsale/adapter/supervisor/teststores"
)

func TestPostgresReturnsAnEmptyDatabaseEachTime(t *testing.T) {
	for range 2 {
		c, err := pgx.Connect(t.Context(), teststores.Postgres(t))
		if err != nil {
			t.Fatal(err)
		}
		defer c.Close(t.Context())
		if _, err := c.Exec(t.Context(), "CREATE TABLE only_here (id int)"); err != nil {
			t.Error(err)
		}
	}
}
