package auth

import (
	"net/http"
	"strings"
)

// Routes adds /login, /logout and what OpenID Connect needs to a mux.
func (g *Guard) Routes(mux *http.ServeMux) {
	mux.HandleFunc("GET /login", g.form)
	mux.HandleFunc("POST /login", g.login)
	mux.HandleFunc("POST /logout", g.logout)
	if g.oidc != nil {
		mux.HandleFunc("GET /login/oidc", g.oidcStart)
		mux.HandleFunc("GET /login/callback", g.oidcBack)
	}
}

// LogsIn tells whether people log in on a page of ours.
func (g *Guard) LogsIn() bool { return g.Mode == Token || g.Mode == Password || g.Mode == OIDC }

func (g *Guard) form(w http.ResponseWriter, r *http.Request) {
	next := localPath(r.URL.Query().Get("next"))
	if _, ok := g.who(r); ok || !g.LogsIn() {
		http.Redirect(w, r, next, http.StatusSeeOther)
		return
	}
	g.Form(w, r, Form{Mode: g.Mode, Status: http.StatusOK, Next: next})
}

func (g *Guard) login(w http.ResponseWriter, r *http.Request) {
	r.Body = http.MaxBytesReader(w, r.Body, 16<<10)
	f := Form{Mode: g.Mode, Next: localPath(r.PostFormValue("next"))}
	user, ok := "", false
	secret := r.PostFormValue("secret")
	switch {
	case g.limit.blocked(client(r), g.Now()):
		w.Header().Set("Retry-After", "300")
		f.Failed = "Too many wrong tries. Wait five minutes."
		f.Status = http.StatusTooManyRequests
		g.Form(w, r, f)
		return
	case g.Mode == Token:
		user, ok = "token", same(secret, g.Token)
	case g.Mode == Password:
		user, ok = "owner", Verify(g.PasswordHash, secret)
	}
	if !ok {
		g.limit.fail(client(r), g.Now())
		f.Failed = "That is not right."
		f.Status = http.StatusUnauthorized
		g.Form(w, r, f)
		return
	}
	if err := g.begin(w, r, user); err != nil {
		http.Error(w, "the store cannot keep the login; try again", http.StatusServiceUnavailable)
		return
	}
	http.Redirect(w, r, f.Next, http.StatusSeeOther)
}

func (g *Guard) logout(w http.ResponseWriter, r *http.Request) {
	if err := g.end(r.Context(), w, r); err != nil {
		http.Error(w, "the store cannot end the login; try again", http.StatusServiceUnavailable)
		return
	}
	http.Redirect(w, r, "/login", http.StatusSeeOther)
}

// localPath keeps a redirect on this site.
func localPath(s string) string {
	if !strings.HasPrefix(s, "/") || strings.HasPrefix(s, "//") || strings.ContainsAny(s, "\\\r\n\t") || strings.HasPrefix(s, "/login") {
		return "/"
	}
	return s
}
