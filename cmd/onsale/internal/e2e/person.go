package e2e

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/onsale-tickets/onsale/adapter/sessiontoken"
	"github.com/onsale-tickets/onsale/domain"
	"github.com/onsale-tickets/onsale/port"
)

// Problem is the body of an error (RFC 9457).
type Problem struct {
	Status int    `json:"status"`
	Code   string `json:"code"`
	Errors []struct {
		Pointer string `json:"pointer"`
		Code    string `json:"code"`
		Detail  string `json:"detail"`
	} `json:"errors"`
}

// Minted returns buyers with sessions that are signed with the installation's
// key. They need no registration and no password hash, so there may be many.
func (in *Installation) Minted(n int) []Person {
	in.T.Helper()
	key, err := os.ReadFile(filepath.Join(in.Data, "secrets", "session-key"))
	if err != nil {
		in.T.Fatal(err)
	}
	signer, err := sessiontoken.New(sessiontoken.Key(strings.TrimSpace(string(key))))
	if err != nil {
		in.T.Fatal(err)
	}
	people := make([]Person, n)
	for i := range people {
		id := domain.UserID(1_000_000*(1+in.sharer) + int64(i))
		token, err := signer.Sign(port.Claims{Session: "minted-" + id.String(), User: id, Role: "buyer", Name: "a new buyer", OpenedAt: time.Now(), ExpiresAt: time.Now().Add(time.Hour)})
		if err != nil {
			in.T.Fatal(err)
		}
		people[i] = Person{In: in, Token: token, ID: int64(id)}
	}
	return people
}

// Person is a user with a session, or a visitor if Token is empty.
type Person struct {
	In    *Installation
	Token string
	ID    int64
	At    string // base of URLs; empty: the proxy
}

// URL returns the address of a path.
func (p Person) URL(path string) string {
	if p.At != "" {
		return p.At + path
	}
	return p.In.URL(path)
}

// Email returns the address that Register and LogIn use for a user: the same one,
// or on a shared installation one that belongs to this test.
func (in *Installation) Email(address string) string {
	if in.sharer == 0 {
		return address
	}
	return fmt.Sprintf("test%d-%s", in.sharer, address)
}

// Register creates an account and logs in.
func (in *Installation) Register(role, email string) Person {
	in.T.Helper()
	nobody := Person{In: in}
	status, body := nobody.Call("POST", "/v1/users", map[string]any{"email": in.Email(email), "password": Password, "name": "a new " + role, "role": role})
	if status != http.StatusCreated {
		in.T.Fatalf("register %s: %d %s", email, status, body)
	}
	return in.LogIn(email)
}

// Password is that of every user.
const Password = "correct horse"

// LogIn logs in.
func (in *Installation) LogIn(email string) Person {
	in.T.Helper()
	nobody := Person{In: in}
	status, body := nobody.Call("POST", "/v1/sessions", map[string]any{"email": in.Email(email), "password": Password})
	if status != http.StatusOK {
		in.T.Fatalf("log in %s: %d %s", email, status, body)
	}
	var session struct {
		Token string `json:"token"`
		User  struct {
			ID int64 `json:"id"`
		} `json:"user"`
	}
	Decode(in.T, body, &session)
	return Person{In: in, Token: session.Token, ID: session.User.ID}
}

// Call makes one request and does not repeat it.
func (p Person) Call(method, path string, in any) (int, []byte) {
	status, body, err := p.Try(method, path, in)
	if err != nil {
		p.In.T.Errorf("%s %s: %v", method, path, err)
	}
	return status, body
}

// Try makes one request and returns an error where Call fails the test.
func (p Person) Try(method, path string, in any) (int, []byte, error) {
	var body io.Reader
	if in != nil {
		encoded, err := json.Marshal(in)
		if err != nil {
			return 0, nil, err
		}
		body = bytes.NewReader(encoded)
	}
	req, err := http.NewRequest(method, p.URL(path), body)
	if err != nil {
		return 0, nil, err
	}
	if in != nil {
		req.Header.Set("Content-Type", "application/json")
	}
	status, _, out, err := p.Do(req)
	return status, out, err
}

// Do sends a request and checks the answer against openapi.yaml.
func (p Person) Do(req *http.Request) (int, http.Header, []byte, error) {
	if p.Token != "" {
		req.Header.Set("Authorization", "Bearer "+p.Token)
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return 0, nil, nil, err
	}
	defer resp.Body.Close()
	out, err := io.ReadAll(resp.Body)
	if err == nil {
		err = contradicts(req, resp, out)
	}
	return resp.StatusCode, resp.Header, out, err
}

// Decode decodes JSON.
func Decode(t testing.TB, body []byte, into any) {
	t.Helper()
	if err := json.Unmarshal(body, into); err != nil {
		t.Fatalf("%v in %s", err, body)
	}
}

// Stubborn repeats a request until it gets an answer other than 503 and 504. The
// key makes repeats of a booking the same booking.
func (p Person) Stubborn(method, path string, in any, key string) (int, []byte) {
	encoded, err := json.Marshal(in)
	if err != nil {
		p.In.T.Error(err)
		return 0, nil
	}
	for end := time.Now().Add(2 * time.Minute); ; {
		req, err := http.NewRequest(method, p.URL(path), bytes.NewReader(encoded))
		if err != nil {
			p.In.T.Error(err)
			return 0, nil
		}
		if key != "" {
			req.Header.Set("Idempotency-Key", key)
		}
		status, _, body, err := p.Do(req)
		if err == nil && status != http.StatusServiceUnavailable && status != http.StatusGatewayTimeout {
			return status, body
		}
		if time.Now().After(end) {
			p.In.T.Errorf("%s %s: no answer within 2 min: %d %s %v", method, path, status, body, err)
			return status, body
		}
		time.Sleep(100 * time.Millisecond) // the client's pause between two attempts
	}
}

// OK makes a request that must be answered with a status, and decodes the answer.
func (p Person) OK(method, path string, in any, status int, into any) {
	p.In.T.Helper()
	got, body := p.Call(method, path, in)
	if got != status {
		p.In.T.Fatalf("%s %s: %d %s, want %d", method, path, got, body, status)
	}
	if into != nil {
		Decode(p.In.T, body, into)
	}
}

// Refused makes a request that must be refused with a status and a code.
func (p Person) Refused(t *testing.T, method, path string, status int, code string) {
	t.Helper()
	p.RefusedWith(t, method, path, nil, status, code)
}

// RefusedWith is Refused for a request with a body.
func (p Person) RefusedWith(t *testing.T, method, path string, in any, status int, code string) {
	t.Helper()
	got, body := p.Call(method, path, in)
	var doc Problem
	if json.Unmarshal(body, &doc) != nil || got != status || doc.Code != code {
		t.Errorf("%s %s: %d %s, want %d %s", method, path, got, body, status, code)
	}
}
