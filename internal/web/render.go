package web

import (
	"bytes"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"html/template"
	"io/fs"
	"net/http"
	"net/url"
	"path"
	"strings"
	"time"

	"watcher/internal/digest"
	"watcher/internal/store"
	"watcher/internal/web/api"
	"watcher/internal/web/auth"
)

//go:embed pages/*.html
var pageFiles embed.FS

//go:embed static
var staticFiles embed.FS

// look is the templates and the files beside them.
type look struct {
	pages  *template.Template
	assets string // changes with the static files, so that browsers may keep them
}

func newLook() (*look, error) {
	t, err := template.New("").Funcs(template.FuncMap{"depth": func(d int) int { return min(d, 4) }}).ParseFS(pageFiles, "pages/*.html")
	if err != nil {
		return nil, err
	}
	h := sha256.New()
	err = fs.WalkDir(staticFiles, "static", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		data, err := staticFiles.ReadFile(name)
		h.Write(data)
		return err
	})
	return &look{t, hex.EncodeToString(h.Sum(nil))[:8]}, err
}

func (l *look) serve(w http.ResponseWriter, r *http.Request) {
	name := r.PathValue("file")
	data, err := staticFiles.ReadFile("static/" + name)
	kind := map[string]string{".css": "text/css; charset=utf-8", ".js": "text/javascript; charset=utf-8", ".svg": "image/svg+xml"}[path.Ext(name)]
	if err != nil || kind == "" {
		http.NotFound(w, r)
		return
	}
	w.Header().Set("Content-Type", kind)
	if r.URL.RawQuery == l.assets {
		w.Header().Set("Cache-Control", "public, max-age=31536000, immutable")
	}
	http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(data))
}

// link is a place to go.
type link struct{ Href, Title, Type string }

var menu = []link{{"/", "Live", ""}, {"/digests", "Digest", ""}, {"/topics", "Topics", ""}, {"/feeds", "Feeds", ""}, {"/deliveries", "Deliveries", ""}, {"/try", "Try a rule", ""}}

var moreMenu = []link{{"/silences", "Silences", ""}, {"/status", "Status", ""}, {"/config", "Configuration", ""}, {"/keys", "Keys", ""}, {"/marks.csv", "Marks as CSV", ""}, {"/marks.json", "Marks as JSON", ""}, {"/opml", "OPML", ""}}

// page is what the layout shows.
type page struct {
	Title, Nav     string
	Menu, More     []link
	Feeds          []link
	Query          string
	Banner, Done   string
	Body           template.HTML
	Bare           bool // no menus: nobody is logged in
	Assets         string
	Version, Rules string
	LogsIn         bool
	User           string
}

// done are the sentences after an action; an address names one, and can bring
// no other text onto a page.
var done = map[string]string{
	"marked": "Kept.", "noted": "The note is kept.", "muted": "Muted: no more alerts about this story.", "unmuted": "Alerts about this story are told again.",
	"split": "The articles have a story of their own: this one.", "merged": "Merged.", "silenced": "Silenced.", "ended": "The silence has ended.",
	"polled": "The feed is polled as soon as its host allows.", "paused": "Paused.", "resumed": "Resumed.", "removed": "Removed; its history is kept.", "added": "The feed is kept and polled from now on.",
	"resent": "It is sent again.", "replayed": "It is sent again under a new id.", "dropped": "Given up.", "enabled": "In service again.",
	"reloaded": "The configuration was read again.", "sent": "The digest is on its way again.",
}

// show draws a page.
func (s *site) show(w http.ResponseWriter, r *http.Request, title, nav, name string, data any, feeds ...link) error {
	return s.draw(w, r, http.StatusOK, page{Title: title, Nav: nav, Feeds: feeds}, name, data)
}

func (s *site) draw(w http.ResponseWriter, r *http.Request, status int, p page, name string, data any) error {
	var body bytes.Buffer
	if err := s.look.pages.ExecuteTemplate(&body, name, data); err != nil {
		return fmt.Errorf("page %s: %w", name, err)
	}
	p.Body = template.HTML(body.String()) // drawn by html/template a line above
	p.Menu, p.More, p.Assets, p.Version, p.Rules = menu, moreMenu, s.look.assets, s.Version, s.RulesHash
	p.Query = r.URL.Query().Get("q")
	p.LogsIn, p.User = s.guard.LogsIn(), auth.User(r.Context())
	p.Done = done[r.URL.Query().Get("done")]
	if s.Banner != nil && !p.Bare {
		p.Banner = s.Banner()
	}
	var out bytes.Buffer
	if err := s.look.pages.ExecuteTemplate(&out, "layout", p); err != nil {
		return fmt.Errorf("page %s: %w", name, err)
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.WriteHeader(status)
	w.Write(out.Bytes()) // the reader may be gone
	return nil
}

func (s *site) loginForm(w http.ResponseWriter, r *http.Request, f auth.Form) {
	if err := s.draw(w, r, f.Status, page{Title: "Log in", Bare: true}, "login", f); err != nil {
		http.Error(w, "the login page cannot be drawn", http.StatusInternalServerError)
	}
}

// fail draws a page that says what is wrong.
func (s *site) fail(w http.ResponseWriter, r *http.Request, status int, title, text string) {
	if wantsJSON(r) {
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(status)
		json.NewEncoder(w).Encode(api.Problem{Error: title + ": " + text}) // the client may be gone
		return
	}
	back := "/"
	if u, err := url.Parse(r.Referer()); err == nil && u.Host == r.Host && u.Path != "" && !strings.HasPrefix(u.Path, "//") {
		back = u.RequestURI()
	}
	bare := auth.User(r.Context()) == ""
	if err := s.draw(w, r, status, page{Title: title, Bare: bare}, "error", struct{ Title, Text, Back string }{title, text, back}); err != nil {
		http.Error(w, title, status)
	}
}

func (s *site) failErr(w http.ResponseWriter, r *http.Request, err error) {
	code := api.Code(err)
	var big *http.MaxBytesError
	switch {
	case errors.As(err, &big):
		s.fail(w, r, http.StatusRequestEntityTooLarge, "That is too long", "At most one megabyte is taken.")
	case code == http.StatusNotFound:
		s.fail(w, r, code, "There is no such thing", "It may have been removed, or is older than what is kept.")
	case errors.Is(err, api.ErrBad):
		s.fail(w, r, code, "That cannot be done", sentence(api.Message(err)))
	case code == http.StatusServiceUnavailable:
		s.fail(w, r, code, "Not now", sentence(err.Error()))
	default:
		s.fail(w, r, code, "That went wrong", sentence(err.Error()))
	}
}

func sentence(s string) string {
	if s == "" {
		return ""
	}
	s = strings.ToUpper(s[:1]) + s[1:]
	if !strings.HasSuffix(s, ".") {
		s += "."
	}
	return s
}

func wantsJSON(r *http.Request) bool {
	a := r.Header.Get("Accept")
	return strings.HasPrefix(r.URL.Path, api.Base+"/") || r.URL.Query().Get("format") == "json" || strings.Contains(a, "application/json") && !strings.Contains(a, "text/html")
}

// moment is a time as pages show it.
type moment struct{ ISO, Abs, Rel string }

func (s *site) moment(t time.Time) moment {
	if t.IsZero() {
		return moment{}
	}
	local, now := t.In(s.Zone), s.Now()
	abs := local.Format("Mon 2 Jan 2006 15:04")
	if local.Year() == now.In(s.Zone).Year() {
		abs = local.Format("Mon 2 Jan 15:04")
	}
	rel := digest.Span(now.Sub(t)) + " ago"
	if t.After(now) {
		rel = "in " + digest.Span(t.Sub(now))
	}
	return moment{t.UTC().Format(time.RFC3339), abs, rel}
}

// pager leads to neighbouring lists.
type pager struct{ Newer, NewerText, Older, OlderText string }

// with gives the request's address with a value of its query replaced.
func with(r *http.Request, key, value string) string {
	q := r.URL.Query()
	q.Del("done")
	q.Set(key, value)
	return r.URL.Path + "?" + q.Encode()
}

var errNoTopic = fmt.Errorf("topic: %w", store.ErrNotFound)
