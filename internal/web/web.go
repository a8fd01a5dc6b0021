// Package web is the pages: what has been found, told and missed, drawn on the
// server, readable and usable without a script. It reads the store, asks
// api.Actions for what changes something and api.Rules for what a rule makes of
// a text; it never fetches and never sends. Who may look is web/auth, the same
// as JSON is web/api.
package web

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"strings"
	"time"

	"watcher/internal/digest"
	"watcher/internal/store"
	"watcher/internal/web/api"
	"watcher/internal/web/auth"
)

// Options make the pages. A reload makes them anew.
type Options struct {
	Store     store.Store
	Actions   api.Actions
	Rules     api.Rules
	Topics    []api.Topic
	Digests   []digest.Definition
	Auth      auth.Settings
	RunToken  func() string
	PublicURL string
	Version   string
	RulesHash string
	Zone      *time.Location
	Now       func() time.Time

	Status func(ctx context.Context) (api.Status, error)
	Config func() string // the effective configuration, secrets masked
	Banner func() string // what everybody should see: a reload that was refused

	Livez, Readyz, Metrics http.Handler
	OptOuts                OptOuts      // who is told by mail may leave; nil: nobody can
	Hooks                  http.Handler // answers under /websub/, for hubs; nil: none
}

// csp lets a page load what watcher itself serves, and nothing else.
const csp = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'"

// site is the handler's state. It changes nothing after New.
type site struct {
	Options
	guard *auth.Guard
	api   *api.API
	look  *look
}

// New makes the handler of all pages, feeds and the API.
func New(o Options) (http.Handler, error) {
	if o.Store == nil || o.Actions == nil || o.Rules == nil {
		return nil, errors.New("web: store, actions and rules are needed")
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Zone == nil {
		o.Zone = time.UTC
	}
	s := &site{Options: o}
	var err error
	if s.look, err = newLook(); err != nil {
		return nil, err
	}
	if s.guard, err = auth.New(auth.Options{Settings: o.Auth, Store: o.Store, RunToken: o.RunToken, PublicURL: o.PublicURL, Now: o.Now, Form: s.loginForm}); err != nil {
		return nil, err
	}
	s.api, err = api.New(api.Options{Store: o.Store, Actions: o.Actions, Rules: o.Rules, Topics: o.Topics, Version: o.Version, Status: s.statusNow, User: auth.User, Now: o.Now})
	if err != nil {
		return nil, err
	}
	mux := http.NewServeMux()
	s.guard.Routes(mux)
	s.routes(mux)
	cross := http.NewCrossOriginProtection()
	if u, err := url.Parse(o.PublicURL); err == nil && u.Host != "" {
		if err := cross.AddTrustedOrigin(u.Scheme + "://" + u.Host); err != nil {
			return nil, err
		}
	}
	cross.AddInsecureBypassPattern("POST " + leavePath + "{token}") // mail programs post from anywhere: the link is the authority
	cross.SetDenyHandler(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		s.fail(w, r, http.StatusForbidden, "That came from another site", "A page of another site tried to act here. If it was you: open watcher itself and try again.")
	}))
	return headers(s.guard.Wrap(cross.Handler(mux), s.open)), nil
}

// headers stand on every answer, JSON and errors too.
func headers(h http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		head := w.Header()
		head.Set("Content-Security-Policy", csp)
		head.Set("X-Content-Type-Options", "nosniff")
		head.Set("Referrer-Policy", "same-origin")
		head.Set("Cross-Origin-Opener-Policy", "same-origin")
		head.Set("Cross-Origin-Resource-Policy", "same-origin")
		head.Set("Cache-Control", "no-store")
		h.ServeHTTP(w, r)
	})
}

// open lists what needs no login: the login itself, and what machines ask.
func (s *site) open(path string) bool {
	return path == "/livez" || path == "/readyz" || path == "/login" || path == "/robots.txt" ||
		strings.HasPrefix(path, "/login/") || strings.HasPrefix(path, "/static/") || strings.HasPrefix(path, leavePath) || s.Hooks != nil && strings.HasPrefix(path, "/websub/")
}

func (s *site) routes(mux *http.ServeMux) {
	page := func(pattern string, h func(w http.ResponseWriter, r *http.Request) error) {
		mux.HandleFunc(pattern, func(w http.ResponseWriter, r *http.Request) {
			r.Body = http.MaxBytesReader(w, r.Body, 1<<20)
			err := h(w, r)
			if r.Method != http.MethodGet {
				err = api.Asked(err)
			}
			if err != nil {
				s.failErr(w, r, err)
			}
		})
	}
	page("GET /{$}", s.live)
	page("GET /topics", s.topics)
	page("GET /topics/{id}", s.topic)
	page("POST /topics/{id}/backtest", s.backtest)
	page("GET /stories/{id}", s.story)
	page("GET /digests", s.digests)
	page("GET /digests/{id}", s.digestList)
	page("GET /digests/{id}/{date}", s.digest)
	page("GET /search", s.search)
	page("GET /feeds", s.feeds)
	page("GET /feeds/{id}", s.feed)
	page("GET /deliveries", s.deliveries)
	page("GET /deliveries/{id}", s.delivery)
	page("GET /silences", s.silences)
	page("GET /try", s.try)
	page("POST /try", s.try)
	page("GET /status", s.statusPage)
	page("GET /config", s.configPage)
	page("GET /keys", s.keys)
	page("GET /marks.json", s.exportMarks)
	page("GET /marks.csv", s.exportMarks)
	page("GET /opml", s.opml)
	s.actionRoutes(page)
	s.leaveRoutes(page)

	mux.Handle(api.Base+"/", s.api)
	mux.HandleFunc("GET /static/{file}", s.look.serve)
	mux.HandleFunc("GET /robots.txt", func(w http.ResponseWriter, _ *http.Request) { w.Write([]byte("User-agent: *\nDisallow: /\n")) })
	for path, h := range map[string]http.Handler{"GET /livez": s.Livez, "GET /readyz": s.Readyz, "GET /metrics": s.Metrics, "/websub/": s.Hooks} {
		if h != nil {
			mux.Handle(path, h)
		}
	}
	mux.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) {
		s.fail(w, r, http.StatusNotFound, "There is no such page", "The address may have been cut off, or what it named is no longer kept.")
	})
}

// statusNow is Options.Status, or a plain yes.
func (s *site) statusNow(ctx context.Context) (api.Status, error) {
	if s.Options.Status == nil {
		return api.Status{State: "ok", Version: s.Version, Reasons: []string{}}, nil
	}
	return s.Options.Status(ctx)
}

// view reads the store.
func (s *site) view(r *http.Request, fn func(ctx context.Context, rd store.Reader) error) error {
	return s.Store.View(r.Context(), func(rd store.Reader) error { return fn(r.Context(), rd) })
}
