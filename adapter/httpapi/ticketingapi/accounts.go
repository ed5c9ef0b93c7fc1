package ticketingapi

import (
	"maps"
	"net/http"
	"slices"
	"time"

	"github.com/onsale-tickets/onsale/adapter/httpapi"
	"github.com/onsale-tickets/onsale/domain"
	"github.com/onsale-tickets/onsale/domain/account"
	usecase "github.com/onsale-tickets/onsale/usecase/account"
)

// RegisterUser creates an account.
func (h *handler) RegisterUser(w http.ResponseWriter, r *http.Request) {
	var in NewUser
	u, err := func() (account.User, error) {
		if err := decode(w, r, &in); err != nil {
			return account.User{}, err
		}
		return h.Register.Handle(r.Context(), account.Registration{Email: in.Email, Password: in.Password, Name: in.Name, Role: account.Role(in.Role)})
	}()
	h.respond(w, r, http.StatusCreated, user(u), err)
}

// LogIn opens a session.
func (h *handler) LogIn(w http.ResponseWriter, r *http.Request) {
	var in Credentials
	s, err := func() (usecase.Session, error) {
		if err := decode(w, r, &in); err != nil {
			return usecase.Session{}, err
		}
		if err := given(map[string]string{"email": in.Email, "password": in.Password}); err != nil {
			return usecase.Session{}, err
		}
		return h.Uses.LogIn.Handle(r.Context(), usecase.Credentials{Email: in.Email, Password: in.Password, Address: h.proxies.visitor(r)})
	}()
	if err == nil {
		http.SetCookie(w, sessionCookie(r, s.Token, s.ExpiresAt))
	}
	h.respond(w, r, http.StatusOK, Session{Token: s.Token, ExpiresAt: s.ExpiresAt, User: user(s.User)}, err)
}

// ChangePassword changes the password and opens a new session.
func (h *handler) ChangePassword(w http.ResponseWriter, r *http.Request) {
	s, err := func() (usecase.Session, error) {
		claims, err := h.sessions.User(r)
		if err != nil {
			return usecase.Session{}, err
		}
		var in PasswordChange
		if err := decode(w, r, &in); err != nil {
			return usecase.Session{}, err
		}
		if err := given(map[string]string{"current_password": in.CurrentPassword, "new_password": in.NewPassword}); err != nil {
			return usecase.Session{}, err
		}
		return h.Uses.ChangePassword.Handle(r.Context(), usecase.PasswordChange{Session: claims, Current: in.CurrentPassword, New: in.NewPassword, Address: h.proxies.visitor(r)})
	}()
	if err == nil {
		http.SetCookie(w, sessionCookie(r, s.Token, s.ExpiresAt))
	}
	h.respond(w, r, http.StatusOK, Session{Token: s.Token, ExpiresAt: s.ExpiresAt, User: user(s.User)}, err)
}

// LogOut ends the session.
func (h *handler) LogOut(w http.ResponseWriter, r *http.Request) {
	claims, err := h.sessions.User(r)
	if err == nil {
		err = h.Uses.LogOut.Handle(r.Context(), claims)
	}
	if err != nil {
		httpapi.WriteError(w, r, h.log, err)
		return
	}
	http.SetCookie(w, sessionCookie(r, "", time.Unix(1, 0)))
	w.WriteHeader(http.StatusNoContent)
}

// CurrentUser returns the user of the credential.
func (h *handler) CurrentUser(w http.ResponseWriter, r *http.Request) {
	u, err := func() (account.User, error) {
		claims, err := h.sessions.User(r)
		if err != nil {
			return account.User{}, err
		}
		return h.Uses.CurrentUser.Handle(r.Context(), claims)
	}()
	h.respond(w, r, http.StatusOK, user(u), err)
}

func user(u account.User) User {
	return User{ID: int64(u.ID), Email: u.Email, Name: u.Name, Role: Role(u.Role), CreatedAt: u.CreatedAt}
}

func decode(w http.ResponseWriter, r *http.Request, into any) error {
	body, err := httpapi.ReadBody(w, r)
	if err != nil {
		return err
	}
	return httpapi.Decode(body, into)
}

// given refuses fields that are missing or empty.
func given(fields map[string]string) error {
	var bad []domain.FieldError
	for _, field := range slices.Sorted(maps.Keys(fields)) {
		if fields[field] == "" {
			bad = append(bad, domain.FieldError{Field: domain.Field(field), Code: "required", Detail: "this field is required"})
		}
	}
	return domain.RefuseFields(bad)
}

func sessionCookie(r *http.Request, token string, expires time.Time) *http.Cookie {
	return &http.Cookie{Name: httpapi.SessionCookie, Value: token, Path: "/", Expires: expires, HttpOnly: true, SameSite: http.SameSiteLaxMode,
		Secure: r.TLS != nil || r.Header.Get("X-Forwarded-Proto") == "https"}
}
