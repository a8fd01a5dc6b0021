package feedtest

import (
	"fmt"
	"net/http"
	"slices"
	"sort"
	"strconv"
	"strings"
	"sync"
	"time"
)

// Judge stands before servers and scores how politely a reader asks them.
type Judge struct {
	mu     sync.Mutex
	gap    time.Duration
	known  map[string]*asked
	hosts  map[string]*host
	faults map[string]int
	detail []string
	codes  map[int]int
	count  int
	sharp  int // requests in the first second of a minute
}

// asked is what one address has been asked and has answered.
type asked struct {
	requests       int
	etags, dates   []string // every validator ever sent
	etag, date     string   // the newest
	fresh          time.Time
	lastWasRefused bool // 4xx or 5xx: nothing to be conditional about is lost
}

type host struct {
	last    time.Time
	running int
	silent  time.Time
}

// The faults a Judge sees.
const (
	Unconditional = "unconditional request after the first"
	UnderMaxAge   = "poll under the max-age"
	MadeUp        = "validator that the server never sent, or altered"
	Cookies       = "cookie"
	Referer       = "Referer"
	QueryCruft    = "address with something added"
	InRetryAfter  = "poll inside Retry-After"
	Burst         = "requests of one host too close together"
	InStep        = "requests in step with the clock"
	NoAccept      = "no Accept, or a nameless User-Agent"
)

// NewJudge makes a judge who wants gap between two requests of one host and
// one of them at a time.
func NewJudge(gap time.Duration) *Judge {
	return &Judge{gap: gap, known: map[string]*asked{}, hosts: map[string]*host{}, faults: map[string]int{}, codes: map[int]int{}}
}

// Watch puts the judge before the server of a host. Redirects within the host
// may follow one another at once.
func (j *Judge) Watch(name string, h http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		a, ho := j.before(name, r)
		rec := &recorder{ResponseWriter: w, status: http.StatusOK}
		h.ServeHTTP(rec, r)
		j.after(a, ho, rec)
	})
}

func (j *Judge) before(name string, r *http.Request) (*asked, *host) {
	j.mu.Lock()
	defer j.mu.Unlock()
	now := time.Now()
	key := name + r.URL.Path
	fault := func(kind, format string, args ...any) {
		j.faults[kind]++
		if len(j.detail) < 40 {
			j.detail = append(j.detail, fmt.Sprintf("%s %s: %s: ", now.UTC().Format(time.DateTime), key, kind)+fmt.Sprintf(format, args...))
		}
	}
	j.count++
	if now.Second() == 0 {
		j.sharp++
	}
	a, ho := j.known[key], j.hosts[name]
	if a == nil {
		a = &asked{}
		j.known[key] = a
	}
	if ho == nil {
		ho = &host{}
		j.hosts[name] = ho
	}
	a.requests++
	etag, date := r.Header.Get("If-None-Match"), r.Header.Get("If-Modified-Since")
	if etag == "" && date == "" && (a.etag != "" || a.date != "") && !a.lastWasRefused {
		fault(Unconditional, "validators were sent")
	}
	if etag != "" && !slices.Contains(a.etags, etag) || date != "" && !slices.Contains(a.dates, date) {
		fault(MadeUp, "%q %q", etag, date)
	}
	if now.Before(a.fresh) {
		fault(UnderMaxAge, "%v early", a.fresh.Sub(now))
	}
	if now.Before(ho.silent) {
		fault(InRetryAfter, "%v early", ho.silent.Sub(now))
	}
	if ho.running > 0 || !ho.last.IsZero() && now.Sub(ho.last) < j.gap {
		fault(Burst, "%v after the one before, %d running", now.Sub(ho.last), ho.running)
	}
	if r.Header.Get("Cookie") != "" {
		fault(Cookies, "%s", r.Header.Get("Cookie"))
	}
	if r.Header.Get("Referer") != "" {
		fault(Referer, "%s", r.Header.Get("Referer"))
	}
	if r.URL.RawQuery != "" || r.Method != http.MethodGet {
		fault(QueryCruft, "%s %s", r.Method, r.URL.RawQuery)
	}
	if ua := r.Header.Get("User-Agent"); r.Header.Get("Accept") == "" || ua == "" || strings.HasPrefix(ua, "Go-http-client") {
		fault(NoAccept, "%q", ua)
	}
	ho.last, ho.running = now, ho.running+1
	return a, ho
}

func (j *Judge) after(a *asked, ho *host, rec *recorder) {
	j.mu.Lock()
	defer j.mu.Unlock()
	now := time.Now()
	ho.running--
	j.codes[rec.status]++
	h := rec.Header()
	a.lastWasRefused = rec.status >= 400
	if rec.status >= 400 {
		if s, err := strconv.Atoi(h.Get("Retry-After")); err == nil {
			ho.silent = now.Add(time.Duration(s) * time.Second)
		} else if at, err := http.ParseTime(h.Get("Retry-After")); err == nil {
			ho.silent = at
		}
		return
	}
	if rec.status >= 300 && rec.status != 304 {
		ho.last = time.Time{} // its target may be asked at once
		return
	}
	a.etag, a.date = h.Get("ETag"), h.Get("Last-Modified")
	a.etags, a.dates = append(a.etags, a.etag), append(a.dates, a.date)
	a.fresh = time.Time{}
	if _, age, ok := strings.Cut(h.Get("Cache-Control"), "max-age="); ok {
		s, _ := strconv.Atoi(age)
		a.fresh = now.Add(time.Duration(s) * time.Second)
	} else if at, err := http.ParseTime(h.Get("Expires")); err == nil {
		a.fresh = at
	}
}

// Faults counts the faults, those in step with the clock once each if more
// than a tenth of the requests came in the first second of a minute.
func (j *Judge) Faults() map[string]int {
	j.mu.Lock()
	defer j.mu.Unlock()
	out := map[string]int{}
	for k, n := range j.faults {
		out[k] = n
	}
	if j.count > 100 && j.sharp > j.count/10 {
		out[InStep] = j.sharp
	}
	return out
}

// Requests counts what was asked, by host and path.
func (j *Judge) Requests(address string) int {
	j.mu.Lock()
	defer j.mu.Unlock()
	if a := j.known[address]; a != nil {
		return a.requests
	}
	return 0
}

// Score is the judge's word: a line for each fault, and a few of them in full.
func (j *Judge) Score() string {
	faults := j.Faults()
	j.mu.Lock()
	defer j.mu.Unlock()
	var b strings.Builder
	fmt.Fprintf(&b, "%d requests for %d addresses on %d hosts, answers %v\n", j.count, len(j.known), len(j.hosts), j.codes)
	for _, kind := range []string{Unconditional, UnderMaxAge, MadeUp, Cookies, Referer, QueryCruft, InRetryAfter, Burst, InStep, NoAccept} {
		fmt.Fprintf(&b, "%6d  %s\n", faults[kind], kind)
	}
	sort.Strings(j.detail)
	for _, d := range j.detail {
		fmt.Fprintf(&b, "        %s\n", d)
	}
	return b.String()
}

// recorder keeps the status.
type recorder struct {
	http.ResponseWriter
	status int
}

func (r *recorder) WriteHeader(status int) {
	r.status = status
	r.ResponseWriter.WriteHeader(status)
}
