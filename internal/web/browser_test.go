package web

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/emulation"
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
