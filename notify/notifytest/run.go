package notifytest

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"watcher/notify"
)

// Subject is a kind of receiver under test.
type Subject struct {
	// New makes a receiver that speaks with the service at url.
	New func(t *testing.T, url string, env notify.Env) notify.Notifier
	// Service answers as the service documents: it takes what is in its form
	// and within its limits, and refuses anything else.
	Service http.Handler
	// Secrets must never be seen in an error or an answer.
	Secrets []string
	// Updates are the ways besides new in which it can tell an update.
	Updates []string
	// Check looks at a request that was taken; m is the message it says.
	Check func(t *testing.T, m notify.Message, r Request)
	// Golden is the file under testdata that shows its messages; empty:
	// messages.golden.
	Golden string
	// Answers replaces the meaning of an HTTP status where the service's own differs.
	Answers map[int]func(error) error
}

// Request is one request that a service got.
type Request struct {
	Method string
	Path   string // with its query
	Header http.Header
	Body   []byte
}

// Server is a service on loopback that keeps what it got.
type Server struct {
	*httptest.Server
	mu  sync.Mutex
	got []Request
}

// Serve starts a service for a test.
func Serve(t *testing.T, h http.Handler) *Server {
	t.Helper()
	s := &Server{}
	s.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		s.mu.Lock()
		s.got = append(s.got, Request{r.Method, r.URL.RequestURI(), r.Header.Clone(), body})
		s.mu.Unlock()
		r.Body = io.NopCloser(strings.NewReader(string(body)))
		h.ServeHTTP(w, r)
	}))
	t.Cleanup(s.Close)
	return s
}

// Got gives the requests so far.
func (s *Server) Got() []Request {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]Request(nil), s.got...)
}

// Env is the surroundings of a receiver in tests: a fixed clock.
func Env() notify.Env {
	return notify.Env{Receiver: "under-test", Version: "1.2", PublicURL: "https://w.example", Now: func() time.Time { return Now },
		Sleep: func(ctx context.Context, _ time.Duration) error { return ctx.Err() }}
}

// Now is the time in tests.
var Now = time.Date(2026, 11, 22, 7, 41, 9, 0, time.UTC)

// Run runs the suite that every kind speaking HTTP passes.
func Run(t *testing.T, s Subject) {
	t.Run("success", func(t *testing.T) { s.success(t) })
	t.Run("answers", func(t *testing.T) { s.answers(t) })
	t.Run("redirect", func(t *testing.T) { s.redirect(t) })
	t.Run("timeout and cancel", func(t *testing.T) { s.unanswered(t) })
	t.Run("unreachable", func(t *testing.T) { s.unreachable(t) })
	t.Run("hard messages", func(t *testing.T) { s.hard(t) })
	t.Run("updates", func(t *testing.T) { s.updates(t) })
	t.Run("golden", func(t *testing.T) { s.golden(t) })
}

func (s Subject) send(t *testing.T, n notify.Notifier, m notify.Message) (notify.Receipt, error) {
	t.Helper()
	r, err := n.Send(t.Context(), m)
	s.noSecret(t, r, err)
	return r, err
}

func (s Subject) noSecret(t *testing.T, r notify.Receipt, err error) {
	t.Helper()
	for _, secret := range s.Secrets {
		if err != nil && strings.Contains(fmt.Sprintf("%v %+v %#v", err, err, err), secret) {
			t.Errorf("a secret is in the error: %.200v", err.Error())
		}
		if strings.Contains(r.Answer+r.Ref, secret) {
			t.Errorf("a secret is in the receipt: %.200s", r.Answer+r.Ref)
		}
	}
	if len(r.Answer) > 2<<10 {
		t.Errorf("%d bytes of the answer are kept, want at most 2 KB", len(r.Answer))
	}
}

func (s Subject) success(t *testing.T) {
	for _, m := range notify.Samples(Now) {
		server := Serve(t, s.Service)
		r, err := s.send(t, s.New(t, server.URL, Env()), m)
		if err != nil {
			t.Errorf("%s: %v", m.Type, err)
			continue
		}
		if r.Status/100 != 2 {
			t.Errorf("%s: status %d", m.Type, r.Status)
		}
		if s.Check != nil {
			got := server.Got()
			s.Check(t, m, got[len(got)-1])
		}
	}
}

// answers goes through the table of answers. The service repeats the request
// in its answer, as some do, so that secrets would show.
func (s Subject) answers(t *testing.T) {
	setup := func(err error) error { return retryLike(err, notify.Setup, 0) }
	transient := func(err error) error { return retryLike(err, notify.Transient, 0) }
	meaning := map[int]func(error) error{400: rejectLike, 401: setup, 403: setup, 404: setup, 405: rejectLike, 406: rejectLike, 408: transient,
		410: func(err error) error {
			var r *notify.RejectError
			if !errors.As(err, &r) || !r.Disable {
				return errors.New("want the receiver disabled")
			}
			return nil
		},
		413: func(err error) error {
			var r *notify.RejectError
			if !errors.As(err, &r) || !r.Smaller {
				return errors.New("want a shorter message asked for")
			}
			return nil
		},
		415: rejectLike, 418: rejectLike, 422: rejectLike, 425: transient, 429: transient, 500: transient, 502: transient, 503: transient, 504: transient}
	for code, check := range meaning {
		if own := s.Answers[code]; own != nil {
			check = own
		}
		server := Serve(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { echo(w, r, code) }))
		_, err := s.send(t, s.New(t, server.URL, Env()), notify.Sample(Now))
		if err == nil {
			t.Errorf("%d was taken for success", code)
		} else if wrong := check(err); wrong != nil {
			t.Errorf("%d gave %T %v: %v", code, err, err, wrong)
		}
	}
	for header, want := range map[string]time.Duration{"37": 37 * time.Second, Now.Add(90 * time.Second).Format(http.TimeFormat): 90 * time.Second, "999999": 24 * time.Hour} {
		for _, code := range []int{429, 503} {
			server := Serve(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				w.Header().Set("Retry-After", header)
				echo(w, r, code)
			}))
			_, err := s.send(t, s.New(t, server.URL, Env()), notify.Sample(Now))
			if wrong := retryLike(err, notify.Transient, want); wrong != nil {
				t.Errorf("%d with Retry-After %q gave %v: %v", code, header, err, wrong)
			}
		}
	}
}

func echo(w http.ResponseWriter, r *http.Request, code int) {
	w.WriteHeader(code)
	body, _ := io.ReadAll(r.Body)
	fmt.Fprintf(w, "you asked %s %s\n%v\n%s", r.Method, r.URL, r.Header, body)
}

func rejectLike(err error) error {
	var r *notify.RejectError
	if !errors.As(err, &r) || r.Disable || r.Smaller {
		return errors.New("want it refused for good")
	}
	return nil
}

func retryLike(err error, fault notify.Fault, after time.Duration) error {
	var r *notify.RetryError
	if !errors.As(err, &r) || r.Fault != fault || r.After != after || r.Whole != (after > 0) {
		return fmt.Errorf("want a retry, fault %q, after %s", fault, after)
	}
	return nil
}

func (s Subject) redirect(t *testing.T) {
	followed := false
	elsewhere := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { followed = true }))
	defer elsewhere.Close()
	for _, code := range []int{301, 302, 307, 308} {
		server := Serve(t, http.RedirectHandler(elsewhere.URL+"/new", code))
		_, err := s.send(t, s.New(t, server.URL, Env()), notify.Sample(Now))
		if wrong := retryLike(err, notify.Moved, 0); wrong != nil {
			t.Errorf("%d gave %v: %v", code, err, wrong)
		}
	}
	if followed {
		t.Error("a redirect was followed")
	}
}

func (s Subject) unanswered(t *testing.T) {
	arrived := make(chan struct{}, 10)
	release := make(chan struct{})
	server := Serve(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		arrived <- struct{}{}
		select {
		case <-r.Context().Done():
		case <-release:
		}
	}))
	defer close(release)
	n := s.New(t, server.URL, Env())
	timed, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	r, err := n.Send(timed, notify.Sample(Now))
	cancel()
	s.noSecret(t, r, err)
	if wrong := retryLike(err, notify.Transient, 0); wrong != nil {
		t.Errorf("no answer in time gave %v: %v", err, wrong)
	}
	cancelled, cancel := context.WithCancel(t.Context())
	for len(arrived) > 0 {
		<-arrived
	}
	go func() { <-arrived; cancel() }()
	r, err = n.Send(cancelled, notify.Sample(Now))
	s.noSecret(t, r, err)
	if wrong := retryLike(err, notify.Transient, 0); wrong != nil {
		t.Errorf("a cancelled send gave %v: %v", err, wrong)
	}
}

func (s Subject) unreachable(t *testing.T) {
	server := httptest.NewServer(nil)
	server.Close()
	_, err := s.send(t, s.New(t, server.URL, Env()), notify.Sample(Now))
	if wrong := retryLike(err, notify.Transient, 0); wrong != nil {
		t.Errorf("a refused connection gave %v: %v", err, wrong)
	}
	secure := httptest.NewTLSServer(s.Service)
	secure.Config.ErrorLog = quiet()
	defer secure.Close()
	_, err = s.send(t, s.New(t, secure.URL, Env()), notify.Sample(Now))
	if wrong := retryLike(err, notify.Transient, 0); wrong != nil {
		t.Errorf("an unknown certificate gave %v: %v", err, wrong)
	}
}

// hard sends messages that are too long or hostile; the strict service takes
// only what is in its limits.
func (s Subject) hard(t *testing.T) {
	for name, m := range Hard() {
		server := Serve(t, s.Service)
		if _, err := s.send(t, s.New(t, server.URL, Env()), m); err != nil {
			t.Errorf("%s: %v", name, err)
		} else if s.Check != nil {
			got := server.Got()
			s.Check(t, m, got[len(got)-1])
		}
	}
}

// updates tells a story twice, in every way that the kind knows.
func (s Subject) updates(t *testing.T) {
	samples := notify.Samples(Now)
	for _, how := range append([]string{"new"}, s.Updates...) {
		server := Serve(t, s.Service)
		env := Env()
		env.OnUpdate = how
		n := s.New(t, server.URL, env)
		r, err := s.send(t, n, samples[1])
		if err != nil {
			t.Fatalf("%s: %v", how, err)
		}
		if how != "new" && r.Ref == "" {
			t.Errorf("%s: the receipt has no id to %s by", how, how)
		}
		next := samples[2]
		next.Previous = r.Ref
		again, err := s.send(t, n, next)
		if err != nil {
			t.Errorf("%s: the update: %v", how, err)
		}
		if how != "new" && again.Ref == "" {
			t.Errorf("%s: the update has no id", how)
		}
	}
}

// Meaning says in a word what an error of a Notifier asks for: ok, retry,
// pause (of the whole receiver), setup, redirect, reject, disable or smaller.
func Meaning(err error) string {
	var retry *notify.RetryError
	var reject *notify.RejectError
	switch {
	case err == nil:
		return "ok"
	case errors.As(err, &reject) && reject.Disable:
		return "disable"
	case errors.As(err, &reject) && reject.Smaller:
		return "smaller"
	case errors.As(err, &reject):
		return "reject"
	case errors.As(err, &retry) && retry.Fault != notify.Transient:
		return string(retry.Fault)
	case errors.As(err, &retry) && retry.Whole:
		return "pause " + retry.After.String()
	}
	return "retry"
}
