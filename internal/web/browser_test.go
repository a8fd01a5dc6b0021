package web

import (
	"context"
	"fmt"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"

	"watcher/internal/web/auth"
)

// The pages in a real browser: headless Chromium, found on the PATH, and
// axe-core, which `make test` puts into the user's cache folder.

// chromium starts a browser that ends with the test.
func chromium(t *testing.T) context.Context {
	t.Helper()
	path := ""
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome", "headless-shell"} {
		if p, err := exec.LookPath(name); err == nil {
			path = p
			break
		}
	}
	if path == "" || testing.Short() {
		t.Skip("no browser: install chromium (Debian: apt-get install chromium)")
	}
	alloc, stop := chromedp.NewExecAllocator(context.WithoutCancel(t.Context()), chromedp.ExecPath(path), chromedp.NoFirstRun, chromedp.NoSandbox, chromedp.Headless, chromedp.DisableGPU,
		chromedp.UserDataDir(t.TempDir()), chromedp.Flag("disable-background-networking", true), chromedp.Flag("disable-component-update", true), chromedp.Flag("disable-sync", true),
		chromedp.Flag("disable-dev-shm-usage", true), chromedp.Flag("hide-scrollbars", true), chromedp.Flag("no-default-browser-check", true), chromedp.WSURLReadTimeout(90*time.Second))
	t.Cleanup(stop)
	ctx, cancel := chromedp.NewContext(alloc)
	t.Cleanup(cancel)
	if err := chromedp.Do(ctx); err != nil {
		t.Skipf("the browser does not start: %v", err)
	}
	return ctx
}

func TestBrowser(t *testing.T) {
	browser := chromium(t)
	for name, run := range map[string]func(*testing.T, context.Context){
		"review": browserReview, "without script": browserWithoutScript, "login": browserLogin, "live": browserLive, "access": browserAccess, "pictures": browserPictures,
	} {
		t.Run(name, func(t *testing.T) { run(t, browser) })
	}
}

// tab is a tab that notes what no page may do: errors on the console, and
// requests to another host.
type tab struct {
	t    *testing.T
	ctx  context.Context
	base string

	mu      sync.Mutex
	bad     []string
	allowed string // what the log may say: an error that the test is about
}

func newTab(t *testing.T, browser context.Context, base string) *tab {
	t.Helper()
	ctx, cancel := chromedp.NewContext(browser)
	t.Cleanup(cancel)
	ctx, stop := context.WithTimeout(ctx, 3*time.Minute)
	t.Cleanup(stop)
	b := &tab{t: t, ctx: ctx, base: base}
	host, err := url.Parse(base)
	if err != nil {
		t.Fatal(err)
	}
	err = chromedp.Listen(ctx, func(ev any) {
		switch e := ev.(type) {
		case *runtime.EventConsoleAPICalled:
			if e.Type == runtime.ConsoleAPICalledTypeError || e.Type == runtime.ConsoleAPICalledTypeWarning {
				b.note("console: %s", e.Args[0].Value)
			}
		case *runtime.EventExceptionThrown:
			b.note("exception: %s", e.ExceptionDetails.Text)
		case *log.EventEntryAdded:
			if e.Entry.Level == log.EntryLevelError && !b.isAllowed(e.Entry.Text) {
				b.note("log: %s %s", e.Entry.Text, e.Entry.URL)
			}
		case *network.EventRequestWillBeSent:
			if u, err := url.Parse(e.Request.URL); err == nil && strings.HasPrefix(u.Scheme, "http") && u.Host != host.Host {
				b.note("request to %s", e.Request.URL)
			}
		}
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		b.mu.Lock()
		defer b.mu.Unlock()
		for _, s := range b.bad {
			t.Error(s)
		}
	})
	command(b, network.Enable, network.EnableParams{})
	command(b, log.Enable, cdp.Empty{})
	b.size(1200, 900, 1)
	b.media("light", "")
	return b
}

func (b *tab) note(format string, args ...any) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.bad = append(b.bad, fmt.Sprintf(format, args...))
}

func (b *tab) allow(text string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.allowed = text
}

func (b *tab) isAllowed(text string) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.allowed != "" && strings.Contains(text, b.allowed)
}

func (b *tab) do(steps ...chromedp.Action[chromedp.Void]) {
	b.t.Helper()
	if err := chromedp.Do(b.ctx, steps...); err != nil {
		b.t.Fatalf("browser: %v", err)
	}
}

// command sends a command of the protocol.
func command[P, R any](b *tab, cmd cdp.Command[P, R], params P) R {
	b.t.Helper()
	r, err := chromedp.Call(b.ctx, cmd, params)
	if err != nil {
		b.t.Fatalf("browser: %v", err)
	}
	return r
}

// eval gives the value of a JavaScript expression.
func eval[T any](b *tab, expr string) T {
	b.t.Helper()
	v, err := chromedp.Run(b.ctx, chromedp.Evaluate[T](expr, chromedp.EvalAwaitPromise))
	if err != nil {
		b.t.Fatalf("browser: %v", err)
	}
	return v
}

// size sets the window's size in pixels of the page.
func (b *tab) size(width, height int64, scale float64) {
	b.t.Helper()
	command(b, emulation.SetDeviceMetricsOverride, emulation.SetDeviceMetricsOverrideParams{Width: width, Height: height, DeviceScaleFactor: scale, Mobile: width < 500})
}

// media sets the colour scheme, and the medium: screen when it is empty. A page
// never glides: a click would meet what has moved on.
func (b *tab) media(scheme, medium string) {
	b.t.Helper()
	command(b, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{Media: medium, Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: scheme}, {Name: "prefers-reduced-motion", Value: "reduce"}}})
}

func (b *tab) keys(s string) { b.t.Helper(); b.do(chromedp.KeyEvent(s)) }

func (b *tab) fill(selector, text string) {
	b.t.Helper()
	b.do(chromedp.SendKeys(chromedp.CSS(selector), text))
}

func (b *tab) open(path string) {
	b.t.Helper()
	b.do(chromedp.Navigate(b.base + path))
}

// until waits for a JavaScript expression to hold; pages may come and go meanwhile.
func (b *tab) until(expr string) {
	b.t.Helper()
	ctx, stop := context.WithTimeout(b.ctx, 20*time.Second)
	defer stop()
	tick := time.NewTicker(15 * time.Millisecond)
	defer tick.Stop()
	for {
		ok, err := chromedp.Run(ctx, chromedp.Evaluate[bool](expr))
		if ok {
			return
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			b.t.Fatalf("waited for %s: %v", expr, err)
		}
	}
}

// press clicks and waits for the page that the click leads to.
func (b *tab) press(selector string) {
	b.t.Helper()
	ctx, stop := context.WithTimeout(b.ctx, 30*time.Second)
	defer stop()
	if _, err := chromedp.RunResponse(ctx, chromedp.Click(chromedp.CSS(selector))); err != nil {
		b.t.Fatalf("press %s: %v", selector, err)
	}
}

func browserReview(t *testing.T, browser context.Context) {
	s := newWorld(t).serve(t)
	b := newTab(t, browser, s.URL)
	pressed := func(kind string) string {
		return `document.querySelector('#st_talks button[value^=` + kind + `]').getAttribute('aria-pressed') === 'true'`
	}

	b.open("/digests/morning/2026-02-07")
	b.keys("j")
	b.until(`document.querySelector('[aria-current=true]').id === 'st_talks'`)
	b.keys("x")
	b.until(pressed("reviewed"))
	b.until(`document.querySelector('#st_talks').dataset.state === 'reviewed'`)
	b.until(`document.querySelector('#reviewed').textContent === '1 reviewed'`)
	b.keys("s")
	b.until(pressed("starred"))
	b.keys("x")
	b.until(`!(` + pressed("reviewed") + `)`)
	eval[chromedp.Void](b, `window.open = (u) => { window.opened = u }; 0`)
	b.keys("v")
	b.until(`window.opened === document.querySelector('#st_talks a[data-source]').href`)
	b.keys("?")
	b.until(`document.querySelector('#keys').open`)
	b.keys("?")
	b.until(`!document.querySelector('#keys').open`)
	b.keys("jk")
	b.until(`document.querySelector('[aria-current=true]').id === 'st_talks'`)
	b.keys("o")
	b.until(`location.pathname === '/stories/st_talks'`)
	b.until(pressed("starred"))

	// The hostile story is text, on every page that shows it.
	b.open("/stories/st_hostile")
	if title := eval[string](b, `document.title`); strings.Contains(title, "owned") && !strings.Contains(title, "<script>") {
		t.Errorf("a feed's script ran: title %q", title)
	}
	if h := eval[string](b, `document.querySelector('h1').textContent`); !strings.Contains(h, "<img src=x") {
		t.Errorf("the hostile headline reads %q", h)
	}

	// Search from the keyboard.
	b.keys("/")
	b.keys("strait talks")
	b.until(`document.activeElement.id === 'q'`)
	b.keys("\r")
	b.until(`location.pathname === '/search' && document.querySelectorAll('.timeline > li').length >= 3`)

	// Silence the story from its page.
	b.open("/stories/st_talks")
	b.press(`a[href^="/silences?story="]`)
	b.fill(`input[name=reason]`, "summit live blog")
	b.press(`form[action="/silences"] button.main`)
	b.until(`document.querySelector('.done').textContent === 'Silenced.' && document.body.textContent.includes('summit live blog')`)

	// Try a rule.
	b.open("/try")
	b.fill(`textarea[name=rule]`, "strait")
	b.fill(`input[name=title]`, "The strait is calm")
	b.press(`form[action^="/try"] button.main`)
	b.until(`document.querySelector('.clauses mark').textContent === 'strait'`)
}

func browserWithoutScript(t *testing.T, browser context.Context) {
	s := newWorld(t).serve(t)
	b := newTab(t, browser, s.URL)
	command(b, emulation.SetScriptExecutionDisabled, emulation.SetScriptExecutionDisabledParams{Value: true})
	b.open("/digests/morning/2026-02-07")
	b.press(`#st_talks button[value^=starred]`)
	has := func(selector string) {
		t.Helper()
		b.do(chromedp.WaitReady(chromedp.CSS(selector)))
	}
	has(`#st_talks button[value^=starred][aria-pressed=true]`)
	b.press(`#st_talks button[value^=reviewed]`)
	has(`#st_talks[data-state=reviewed]`)
	b.open("/search")
	b.fill(`main input[name=q]`, "ferry")
	b.press(`main form button.main`)
	has(`.timeline > li`)
	b.open("/try")
	b.fill(`textarea[name=rule]`, "calm")
	b.fill(`input[name=title]`, "The strait is calm")
	b.press(`form[action^="/try"] button.main`)
	has(`.clauses mark`)
	b.open("/stories/st_ferry")
	b.press(`#mute button`)
	has(`#mute input[value="0"]`)
	b.open("/silences?story=st_talks")
	b.fill(`input[name=reason]`, "summit")
	b.press(`form[action="/silences"] button.main`)
	has(`.done`)
}

func browserLogin(t *testing.T, browser context.Context) {
	w := newWorld(t)
	hash, err := auth.Hash("open the strait")
	if err != nil {
		t.Fatal(err)
	}
	w.options.Auth = auth.Settings{Mode: auth.Password, PasswordHash: hash}
	s := w.serve(t)
	b := newTab(t, browser, s.URL)
	b.open("/feeds")
	b.until(`location.pathname === '/login' && document.activeElement.name === 'secret'`)
	b.axe("/login")
	b.fill(`input[name=secret]`, "open the strait")
	b.press(`main button.main`)
	b.until(`location.pathname === '/feeds'`)
	b.press(`form[action="/logout"] button`)
	b.until(`location.pathname === '/login'`)
	b.open("/feeds")
	b.until(`location.pathname === '/login'`)
}

// axeSource reads axe-core, or skips.
func axeSource(t *testing.T) string {
	t.Helper()
	cache, err := os.UserCacheDir()
	if err != nil {
		t.Skip(err)
	}
	path := filepath.Join(cache, "watcher-test", "node_modules", "axe-core", "axe.min.js")
	data, err := os.ReadFile(path)
	if err != nil {
		t.Skipf("axe-core is missing: npm install --prefix %s axe-core", filepath.Join(cache, "watcher-test"))
	}
	return string(data)
}

const axeRun = `axe.run(document, {runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}).then((r) =>
	r.violations.map((v) => v.id + ": " + v.help + "\n  " + v.nodes.slice(0, 4).map((n) => n.target.join(" ") + " " + (n.any[0] || n.all[0] || n.none[0] || {}).message).join("\n  ")).join("\n"))`

// axe looks for what keeps people out of the page that is open.
func (b *tab) axe(name string) {
	b.t.Helper()
	eval[chromedp.Void](b, axeSource(b.t)+";0")
	if found := eval[string](b, axeRun); found != "" {
		b.t.Errorf("%s:\n%s", name, found)
	}
}

func browserAccess(t *testing.T, browser context.Context) {
	w := newWorld(t)
	s := w.serve(t)
	axeSource(t)
	b := newTab(t, browser, s.URL)
	schemes := []string{"light", "dark"}
	for i, p := range w.allPages(t) {
		b.media(schemes[i%2], "") // each page in one scheme; the fullest in both, below
		b.open(p)
		b.axe(p)
	}
	for _, p := range []string{"/", "/digests/morning/2026-02-07", "/stories/st_talks", "/deliveries/msg_dead", "/feeds"} {
		for _, scheme := range schemes {
			b.media(scheme, "")
			b.open(p)
			b.axe(p + ", " + scheme)
		}
	}
	// What forms answer with are pages too.
	b.allow("status of 422") // a mistake in the rule
	for _, c := range []struct{ page, rule, form string }{{"/try", "strait", "/try"}, {"/try", "(strait", "/try"}, {"/topics/whales", "orca", "/topics/whales/backtest"}} {
		b.open(c.page)
		eval[int](b, `document.querySelector('textarea[name=rule]').value = '', 0`)
		b.fill(`textarea[name=rule]`, c.rule)
		if c.page == "/try" {
			b.fill(`input[name=title]`, "The strait is calm")
		}
		b.press(`form[action^="` + c.form + `"] button.main`)
		b.until(`!!document.querySelector('#result')`)
		b.axe(c.form + " with " + c.rule)
	}
	b.size(360, 740, 1)
	for _, p := range []string{"/", "/digests/morning/2026-02-07", "/stories/st_talks", "/feeds", "/deliveries", "/topics/strait-talks", "/status"} {
		b.open(p)
		b.axe(p + " at 360 px")
		if wide := eval[int](b, `document.documentElement.scrollWidth`); wide > 360 {
			t.Errorf("%s is %d pixels wide on a screen of 360", p, wide)
		}
	}
}

// browserPictures writes screenshots for people to look at; the folder is
// $WATCHER_SHOTS or one in the temporary folder.
func browserPictures(t *testing.T, browser context.Context) {
	w := newWorld(t)
	s := w.serve(t)
	b := newTab(t, browser, s.URL)
	dir := os.Getenv("WATCHER_SHOTS")
	if dir == "" {
		dir = filepath.Join(os.TempDir(), "watcher-screenshots")
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	shoot := func(name, path string) {
		t.Helper()
		b.open(path)
		png, err := chromedp.Run(b.ctx, chromedp.FullScreenshot(100))
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, name+".png"), png, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	pages := map[string]string{"live": "/", "digest": "/digests/morning/2026-02-07", "story": "/stories/st_talks", "topic": "/topics/strait-talks", "feeds": "/feeds", "feed": "/feeds/state", "deliveries": "/deliveries",
		"search": "/search?q=strait", "try": "/try", "status": "/status", "silences": "/silences"}
	for name, path := range pages {
		shoot(name, path)
	}
	b.media("dark", "")
	for _, name := range []string{"digest", "live", "story"} {
		shoot(name+"-dark", pages[name])
	}
	b.media("light", "")
	b.size(360, 740, 2)
	for _, name := range []string{"digest", "story", "feeds", "deliveries"} {
		shoot(name+"-360", pages[name])
	}
	b.size(900, 1200, 1)
	b.media("light", "print")
	shoot("digest-print", pages["digest"])
	pdf, err := chromedp.Run(b.ctx, chromedp.PrintToPDF())
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "digest.pdf"), pdf, 0o644); err != nil {
		t.Fatal(err)
	}
	t.Log("screenshots in " + dir)
}
