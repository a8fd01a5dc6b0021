package api

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"watcher/internal/store"
)

// Base is where the API lives.
const Base = "/api/v1"

// route is one operation. body and reply are values whose types give the
// schemas; nil means none.
type route struct {
	method, path, summary string
	params                []param
	body, reply           any
	run                   func(a *API, q *request) (any, error)
}

// param is a value of the query.
type param struct{ name, about string }

var (
	limitParam = param{"limit", "how many at most, up to 200"}
	topicParam = param{"topic", "a topic's id"}
	fromParam  = param{"from", "not before this instant (RFC 3339)"}
	toParam    = param{"to", "before this instant (RFC 3339)"}
)

// Done is the answer of what acts and has nothing more to say.
type Done struct {
	OK bool   `json:"ok"`
	ID string `json:"id,omitempty"` // of what was made
}

// Problem is every answer that is not 2xx.
type Problem struct {
	Error string `json:"error"`
}

// API is the handler.
type API struct {
	Options
	mux  *http.ServeMux
	spec []byte
}

// New makes the API. It answers under Base.
func New(o Options) (*API, error) {
	a := &API{Options: o, mux: http.NewServeMux()}
	var err error
	if a.spec, err = openAPI(routes(), o.Version); err != nil {
		return nil, err
	}
	for _, r := range routes() {
		a.mux.Handle(r.method+" "+Base+r.path, a.handler(r))
	}
	a.mux.HandleFunc("GET "+Base+"/openapi.json", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		w.Write(a.spec)
	})
	a.mux.HandleFunc(Base+"/", func(w http.ResponseWriter, r *http.Request) {
		fail(w, http.StatusNotFound, "no such operation: "+r.Method+" "+r.URL.Path+"; see "+Base+"/openapi.json")
	})
	return a, nil
}

func (a *API) ServeHTTP(w http.ResponseWriter, r *http.Request) { a.mux.ServeHTTP(w, r) }

// request is what an operation reads of an HTTP request.
type request struct {
	*http.Request
	err error // the first parameter that could not be read
}

func (q *request) ctx() context.Context { return q.Context() }

// text reads a value of the query.
func (q *request) text(name string) string { return strings.TrimSpace(q.URL.Query().Get(name)) }

func (q *request) limit() int {
	s := q.text("limit")
	if s == "" {
		return 50
	}
	n, err := strconv.Atoi(s)
	if err != nil || n < 1 {
		q.err = bad("limit %q is no number from 1 to 200", s)
		return 1
	}
	return min(n, 200)
}

func (q *request) time(name string) time.Time {
	s := q.text(name)
	if s == "" {
		return time.Time{}
	}
	t, err := time.Parse(time.RFC3339, s)
	if err != nil {
		q.err = bad("%s %q is no time (2026-02-07T06:00:00Z)", name, s)
	}
	return t
}

// decode reads the body; an unknown key is an error, as it would be ignored.
func (q *request) decode(into any) error {
	d := json.NewDecoder(io.LimitReader(q.Body, 1<<20))
	d.DisallowUnknownFields()
	if err := d.Decode(into); err != nil && !errors.Is(err, io.EOF) {
		return bad("the body is not what this operation takes: %s", strings.TrimPrefix(err.Error(), "json: "))
	}
	return nil
}

// known refuses parameters that the operation does not read: a misspelt filter
// would otherwise filter nothing.
func (op route) known(given url.Values) error {
	var names []string
	for _, p := range op.params {
		names = append(names, p.name)
	}
	for _, name := range slices.Sorted(maps.Keys(given)) {
		if slices.Contains(names, name) {
			continue
		}
		if names == nil {
			return bad("unknown parameter %q: this operation takes none", name)
		}
		return bad("unknown parameter %q: this operation takes %s", name, strings.Join(names, ", "))
	}
	return nil
}

// list is the operation that lists what a path names one of; empty: none does.
func (op route) list() string {
	first, _, _ := strings.Cut(strings.TrimPrefix(op.path, "/"), "/")
	if slices.ContainsFunc(routes(), func(r route) bool { return r.method == http.MethodGet && r.path == "/"+first }) {
		return Base + "/" + first
	}
	return ""
}

func (a *API) handler(op route) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		q := &request{Request: r}
		var out any
		err := op.known(r.URL.Query())
		if err == nil {
			out, err = op.run(a, q)
		}
		if q.err != nil {
			err = q.err
		}
		if op.method != http.MethodGet {
			err = Asked(err)
		}
		if err != nil {
			text := Message(err)
			if list := op.list(); Code(err) == http.StatusNotFound && list != "" {
				text += "; GET " + list + " lists what there is"
			}
			fail(w, Code(err), text)
			return
		}
		if raw, ok := out.(json.RawMessage); ok {
			w.Header().Set("Content-Type", "application/json")
			w.Write(raw)
			return
		}
		writeJSON(w, http.StatusOK, out)
	})
}

func fail(w http.ResponseWriter, code int, text string) { writeJSON(w, code, Problem{text}) }

func writeJSON(w http.ResponseWriter, code int, v any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(code)
	e := json.NewEncoder(w)
	e.SetEscapeHTML(false)
	e.Encode(v) // the client may be gone
}

// itemID reads an item's id of the path or body.
func itemID(s string) (int64, error) {
	id, err := store.ParseItemID(s)
	if err != nil {
		return 0, fmt.Errorf("%w: %s", ErrBad, err)
	}
	return id, nil
}
