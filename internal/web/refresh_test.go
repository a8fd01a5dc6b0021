package web

import (
	"context"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	cdppage "github.com/chromedp/cdproto/page"

	"watcher/internal/store"
	"watcher/internal/web/auth"
)

// byHand takes the page's long timers in hand: the test says when one fires,
// and reads for how long it was set.
const byHand = `const soon = window.setTimeout; window.setTimeout = (f, ms, ...a) => ms < 1000 ? soon(f, ms, ...a) : (window.turn = f, window.waits = ms, 1);`

// openByHand opens a page whose timers the test fires.
func (b *tab) openByHand(path string) {
	b.t.Helper()
	command(b, cdppage.AddScriptToEvaluateOnNewDocument, cdppage.AddScriptToEvaluateOnNewDocumentParams{Source: byHand})
	b.open(path)
	b.until(`!!window.turn`)
}

// turn fires the page's timer and waits until it is set again, or as done says.
func (b *tab) turn(done string) {
	b.t.Helper()
	eval[int](b, `{ const f = window.turn; window.turn = null; f(); 0 }`)
	b.until(done)
}

// listen serves h at an address of its own, or again at one that was left.
func listen(t *testing.T, addr string, h http.Handler) *httptest.Server {
	t.Helper()
	l, err := net.Listen("tcp", addr)
	if err != nil {
		t.Fatal(err)
	}
	s := httptest.NewUnstartedServer(h)
	s.Listener.Close()
	s.Listener = l
	s.Start()
	t.Cleanup(s.Close)
	return s
}

func browserLive(t *testing.T, browser context.Context) {
	w := newWorld(t)
	h, err := New(w.options)
	if err != nil {
		t.Fatal(err)
	}
	s := listen(t, "127.0.0.1:0", h)
	b := newTab(t, browser, s.URL)
	b.size(900, 500, 1)
	b.openByHand("/")
	if got := eval[int](b, `window.waits`); got != 60_000 {
		t.Errorf("the page looks for news after %d ms, want a minute", got)
	}

	// Someone reads further down, with the focus on a button of a story.
	const button = `document.querySelector('#st_ferry button[value^=reviewed]')`
	b.keys("j")
	eval[int](b, button+`.focus(), document.querySelector('#st_ferry').scrollIntoView({block: 'center', behavior: 'instant'}), 0`)
	chosen := eval[string](b, `document.querySelector('[aria-current=true][data-row]').id`)
	top := eval[int](b, `Math.round(`+button+`.getBoundingClientRect().top)`)
	if eval[int](b, `scrollY`) == 0 {
		t.Fatal("the page is too short to scroll: the test shows nothing")
	}
	if err := w.store.Update(t.Context(), func(tx store.Tx) error {
		return w.story(t.Context(), tx, "st_fresh", []string{"strait-talks"}, []seedItem{{time.Minute, "tide", "Strait talks: a third day is added", "It is new."}})
	}); err != nil {
		t.Fatal(err)
	}
	b.turn(`!!window.turn`)
	b.until(`document.querySelector('#st_fresh h3').textContent === 'Strait talks: a third day is added'`)
	if got := eval[string](b, `document.querySelector('#say').textContent`); got != "1 new story: Strait talks: a third day is added" {
		t.Errorf("announced: %q", got)
	}
	if live := eval[string](b, `document.querySelector('#say').getAttribute('aria-live')`); live != "polite" {
		t.Errorf("the announcement is aria-live=%q", live)
	}
	if !eval[bool](b, `getComputedStyle(document.querySelector('#st_fresh .side'), '::before').content === '"just in"'`) {
		t.Error("the new story is not marked as just in")
	}
	if !eval[bool](b, `document.activeElement === `+button) {
		t.Errorf("the focus went to %s", eval[string](b, `document.activeElement.outerHTML.slice(0, 80)`))
	}
	if got := eval[int](b, `Math.round(`+button+`.getBoundingClientRect().top)`); got < top-2 || got > top+2 {
		t.Errorf("what was read jumped from %d to %d pixels", top, got)
	}
	if got := eval[string](b, `document.querySelector('[aria-current=true][data-row]').id`); got != chosen {
		t.Errorf("the keys act on %s now, on %s before", got, chosen)
	}

	// Nothing new: nothing is said again.
	eval[int](b, `document.querySelector('#say').textContent = '', 0`)
	b.turn(`!!window.turn`)
	if got := eval[string](b, `document.querySelector('#say').textContent`); got != "" {
		t.Errorf("announced without news: %q", got)
	}

	// The daemon goes away: said once, tried more and more rarely, then no more.
	b.allow("ERR_CONNECTION_REFUSED")
	s.CloseClientConnections()
	s.Close()
	b.turn(`!!window.turn && !document.querySelector('#stale').hidden`)
	if note := eval[string](b, `document.querySelector('#stale').textContent`); !strings.HasPrefix(note, "watcher has not answered since ") || !strings.Contains(note, "looks again by itself") {
		t.Errorf("while away the page says %q", note)
	}
	for i, want := range []int{120_000, 240_000, 480_000, 960_000} {
		if got := eval[int](b, `window.waits`); got != want {
			t.Errorf("after %d failures it waits %d ms, want %d", i+1, got, want)
		}
		b.turn(`!!window.turn`)
	}
	b.turn(`!!document.querySelector('#stale button')`)
	if eval[bool](b, `!!window.turn`) {
		t.Error("it still looks for news after six failures")
	}

	// It comes back, and a person asks.
	listen(t, strings.TrimPrefix(s.URL, "http://"), h)
	b.allow("")
	b.click(`#stale button`)
	b.until(`document.querySelector('#stale').hidden && !!window.turn && window.waits === 60000`)
	if got := eval[string](b, `document.querySelector('#say').textContent`); got != "watcher answers again" {
		t.Errorf("announced: %q", got)
	}
	b.t.Run("logged out", func(t *testing.T) { liveLoggedOut(t, browser) })
}

// click clicks what leads to no other page.
func (b *tab) click(selector string) {
	b.t.Helper()
	eval[int](b, `document.querySelector('`+selector+`').click(), 0`)
}

func liveLoggedOut(t *testing.T, browser context.Context) {
	w := newWorld(t)
	hash, err := auth.Hash("open the strait")
	if err != nil {
		t.Fatal(err)
	}
	w.options.Auth = auth.Settings{Mode: auth.Password, PasswordHash: hash}
	s := w.serve(t)
	b := newTab(t, browser, s.URL)
	b.open("/login")
	b.fill(`input[name=secret]`, "open the strait")
	b.press(`main button.main`)
	b.openByHand("/")
	eval[string](b, `fetch('/logout', {method: 'POST', redirect: 'manual'}).then((r) => r.type)`)
	b.turn(`document.querySelector('#stale').textContent.startsWith('You are logged out')`)
	if !eval[bool](b, `!window.turn && document.querySelectorAll('[data-row]').length > 0`) {
		t.Error("the page goes on asking, or lost its stories, when its reader is logged out")
	}
}
