package account_test

import (
	"context"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/onsale-tickets/onsale/adapter/memory"
	"github.com/onsale-tickets/onsale/adapter/sessiontoken"
	rules "github.com/onsale-tickets/onsale/domain/account"
	"github.com/onsale-tickets/onsale/usecase/account"
)

// slow takes time for each password, like a real hash.
type slow struct {
	plain

	verified atomic.Int32
}

func (s *slow) Verify(_ context.Context, password, hash string) (bool, error) {
	s.verified.Add(1)
	time.Sleep(100 * time.Millisecond)
	return hash == "#"+password, nil
}

// atOnce logs in n times at the same moment and counts the codes of the refusals.
func atOnce(t *testing.T, n int, email func(int) string, password string) (map[string]int, *slow) {
	t.Helper()
	tokens, err := sessiontoken.New([]byte("0123456789abcdef0123456789abcdef"))
	if err != nil {
		t.Fatal(err)
	}
	users, passwords := &memory.Users{}, &slow{}
	for i := range n {
		_, _ = account.NewRegister(users, passwords, time.Now).Handle(t.Context(), rules.Registration{Email: email(i), Password: "correct horse", Name: "x", Role: "buyer"})
	}
	logIn := account.NewLogIn(users, passwords, tokens, account.NewAttempts(), time.Now)
	var (
		all   sync.WaitGroup
		mu    sync.Mutex
		codes = map[string]int{}
	)
	for i := range n {
		all.Go(func() {
			_, err := logIn.Handle(t.Context(), account.Credentials{Email: email(i), Password: password, Address: "a"})
			mu.Lock()
			defer mu.Unlock()
			codes[code(err)]++
		})
	}
	all.Wait()
	return codes, passwords
}

func TestAttempts(t *testing.T) {
	same := func(int) string { return "buyer@example.com" }
	each := func(i int) string { return fmt.Sprintf("buyer%d@example.com", i) }
	for name, c := range map[string]struct {
		n        int
		email    func(int) string
		password string
		want     map[string]int // code and how often; "": logged in
	}{
		"many right ones of one account are not refused":         {50, same, "correct horse", map[string]int{"": 50}},
		"many right ones of one address are not refused":         {450, each, "correct horse", map[string]int{"": 450}},
		"many wrong ones of one account do not exceed the limit": {50, same, "wrong", map[string]int{"invalid_credentials": 10, "too_many_attempts": 40}},
		"many wrong ones of one address do not exceed the limit": {450, each, "wrong", map[string]int{"invalid_credentials": 200, "too_many_attempts": 250}},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				got, passwords := atOnce(t, c.n, c.email, c.password)

				if fmt.Sprint(got) != fmt.Sprint(c.want) {
					t.Errorf("codes %v, want %v", got, c.want)
				}
				if n, most := int(passwords.verified.Load()), c.want[""]+c.want["invalid_credentials"]; n != most {
					t.Errorf("%d passwords were verified, want %d", n, most)
				}
			})
		})
	}
	t.Run("a waiting one ends with its request", func(t *testing.T) {
		a := account.NewAttempts()
		for range account.FailedPerAccount {
			if _, err := a.Begin(t.Context(), "e", "a", time.Now); err != nil {
				t.Fatal(err)
			}
		}
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		if _, err := a.Begin(ctx, "e", "a", time.Now); err == nil {
			t.Error("it does not wait")
		}
	})
}
