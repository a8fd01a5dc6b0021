package auth

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/coreos/go-oidc/v3/oidc"
	"golang.org/x/oauth2"
)

// OIDCSettings is server.auth.oidc.
type OIDCSettings struct {
	Issuer       string
	ClientID     string
	ClientSecret string
	Allow        []string // addresses, @domains, or subjects; all others are refused
	Client       *http.Client
}

type oidcFlow struct {
	OIDCSettings
	callback string

	mu       sync.Mutex
	provider *oidc.Provider
}

func newOIDC(s OIDCSettings, public *url.URL) (*oidcFlow, error) {
	switch {
	case s.Issuer == "" || s.ClientID == "":
		return nil, errors.New("server.auth.oidc needs issuer and client_id")
	case public == nil:
		return nil, errors.New("server.auth.oidc needs server.public_url: the provider sends people back to it")
	case len(s.Allow) == 0:
		return nil, errors.New("server.auth.oidc.allow is empty: name who may look (person@example.org or @example.org)")
	}
	if s.Client == nil {
		s.Client = &http.Client{Timeout: 15 * time.Second}
	}
	return &oidcFlow{OIDCSettings: s, callback: strings.TrimRight(public.String(), "/") + "/login/callback"}, nil
}

// config asks the provider for its addresses, once it answers.
func (f *oidcFlow) config(ctx context.Context) (*oauth2.Config, *oidc.Provider, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.provider == nil {
		p, err := oidc.NewProvider(oidc.ClientContext(context.WithoutCancel(ctx), f.Client), f.Issuer)
		if err != nil {
			return nil, nil, err
		}
		f.provider = p
	}
	return &oauth2.Config{ClientID: f.ClientID, ClientSecret: f.ClientSecret, Endpoint: f.provider.Endpoint(),
		RedirectURL: f.callback, Scopes: []string{oidc.ScopeOpenID, "email", "profile"}}, f.provider, nil
}

// flight is what a browser carries to the provider and back.
type flight struct {
	State, Nonce, Verifier, Next string
}

const flightCookie = "watcher_oidc"

func (g *Guard) oidcStart(w http.ResponseWriter, r *http.Request) {
	config, _, err := g.oidc.config(r.Context())
	if err != nil {
		g.oidcFail(w, r, http.StatusBadGateway, "The login provider cannot be reached. Try again in a minute.")
		return
	}
	f := flight{State: newToken(), Nonce: newToken(), Verifier: oauth2.GenerateVerifier(), Next: localPath(r.URL.Query().Get("next"))}
	data, err := json.Marshal(f)
	if err != nil {
		g.oidcFail(w, r, http.StatusInternalServerError, "The login could not begin.")
		return
	}
	http.SetCookie(w, g.cookie(r, flightCookie, url.QueryEscape(string(data)), 600))
	http.Redirect(w, r, config.AuthCodeURL(f.State, oidc.Nonce(f.Nonce), oauth2.S256ChallengeOption(f.Verifier)), http.StatusSeeOther)
}

func (g *Guard) oidcBack(w http.ResponseWriter, r *http.Request) {
	f, err := readFlight(r)
	http.SetCookie(w, g.cookie(r, flightCookie, "", -1))
	if err != nil || !same(r.URL.Query().Get("state"), f.State) {
		g.oidcFail(w, r, http.StatusBadRequest, "This login was not begun in this browser, or it took too long. Begin again.")
		return
	}
	user, err := g.oidc.identify(r.Context(), r.URL.Query().Get("code"), f)
	if err != nil {
		g.limit.fail(client(r), g.Now())
		g.oidcFail(w, r, http.StatusForbidden, err.Error())
		return
	}
	if err := g.begin(w, r, user); err != nil {
		g.oidcFail(w, r, http.StatusServiceUnavailable, "The store cannot keep the login; try again.")
		return
	}
	http.Redirect(w, r, f.Next, http.StatusSeeOther)
}

func readFlight(r *http.Request) (flight, error) {
	var f flight
	c, err := r.Cookie(flightCookie)
	if err != nil {
		return f, err
	}
	text, err := url.QueryUnescape(c.Value)
	if err != nil {
		return f, err
	}
	err = json.Unmarshal([]byte(text), &f)
	if err == nil && (f.State == "" || f.Nonce == "" || f.Verifier == "") {
		err = errors.New("incomplete")
	}
	f.Next = localPath(f.Next)
	return f, err
}

var errRefused = errors.New("the provider did not confirm who you are")

// identify turns the provider's code into a user who is allowed.
func (f *oidcFlow) identify(ctx context.Context, code string, sent flight) (string, error) {
	config, provider, err := f.config(ctx)
	if err != nil {
		return "", errRefused
	}
	ctx = oidc.ClientContext(ctx, f.Client)
	token, err := config.Exchange(ctx, code, oauth2.VerifierOption(sent.Verifier))
	if err != nil {
		return "", errRefused
	}
	raw, _ := token.Extra("id_token").(string)
	id, err := provider.Verifier(&oidc.Config{ClientID: f.ClientID}).Verify(ctx, raw)
	if err != nil || !same(id.Nonce, sent.Nonce) {
		return "", errRefused
	}
	var claims struct {
		Email    string `json:"email"`
		Verified *bool  `json:"email_verified"`
	}
	if err := id.Claims(&claims); err != nil {
		return "", errRefused
	}
	if claims.Verified != nil && !*claims.Verified {
		claims.Email = ""
	}
	if !f.allowed(id.Subject, claims.Email) {
		who := claims.Email
		if who == "" {
			who = id.Subject
		}
		return "", fmt.Errorf("%s is not among those who may look (server.auth.oidc.allow)", who)
	}
	if claims.Email != "" {
		return claims.Email, nil
	}
	return id.Subject, nil
}

func (f *oidcFlow) allowed(subject, email string) bool {
	return slices.ContainsFunc(f.Allow, func(a string) bool {
		switch {
		case strings.HasPrefix(a, "@"):
			return email != "" && strings.HasSuffix(strings.ToLower(email), strings.ToLower(a))
		case strings.Contains(a, "@"):
			return strings.EqualFold(a, email)
		}
		return a == subject
	})
}

func (g *Guard) oidcFail(w http.ResponseWriter, r *http.Request, status int, why string) {
	g.Form(w, r, Form{Mode: g.Mode, Status: status, Failed: why, Next: "/"})
}
