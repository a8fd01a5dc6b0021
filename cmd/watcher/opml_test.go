package main

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// listed writes a configuration and an OPML list, and gives their paths.
func listed(t *testing.T, list string) (config, file string) {
	t.Helper()
	dir := t.TempDir()
	config, file = filepath.Join(dir, "config.yaml"), filepath.Join(dir, "list.opml")
	for path, text := range map[string]string{
		config: "version: 1\npolling: {allow_private: true, host_gap: 0s}\nfeeds: [{id: paper, url: \"http://paper.example/feed\", tags: [daily]}]\ntopics: [{id: t, match: ferry}]\nreceivers: [{id: terminal, type: log}]\n",
		file:   list,
	} {
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return config, file
}

func TestImportOPML(t *testing.T) {
	config, file := listed(t, `<opml><body>
<outline text="World News">
<outline text="Harbour" xmlUrl="http://harbour.example/rss"/>
<outline text="Paper" xmlUrl="https://paper.example/feed"/>
</outline>
<outline text="no address" xmlUrl="harbour.example"/>
<outline xmlUrl="http://harbour.example/rss"/>
<outline text="other" xmlUrl="http://www.harbour.example/rss"/>
</body></opml>`)
	r := call(t, "", "import", "opml", "-c", config, file)
	want := `line 3: added http://harbour.example/rss
line 4: same https://paper.example/feed known already
line 6: invalid harbour.example "harbour.example" has no http:// or https:// in front
line 7: same http://harbour.example/rss as line 3
line 8: added http://www.harbour.example/rss
`
	if r.code != exitPartly || r.stdout != want || !strings.Contains(r.stderr, "5 feeds: added 2, same 2, invalid 1") {
		t.Errorf("first: %+v", r)
	}
	r = call(t, "", "import", "opml", "--json", "-c", config, file)
	if strings.Contains(r.stdout, `"added"`) || strings.Count(r.stdout, "\n") != 5 {
		t.Errorf("again: %+v", r)
	}
	r = call(t, "", "feeds", "list", "--json", "-c", config)
	if strings.Count(r.stdout, `"from":"store"`) != 2 || !strings.Contains(r.stdout, `"tags":["world-news"]`) || !strings.Contains(r.stdout, `"id":"harbour-example-2"`) {
		t.Errorf("feeds list: %+v", r)
	}
	out := call(t, "", "export", "opml", "-c", config)
	if out.code != 0 || strings.Count(out.stdout, "xmlUrl=") != 3 {
		t.Fatalf("export: %+v", out)
	}
	if r = call(t, out.stdout, "import", "opml", "-c", config); r.code != 0 || !strings.Contains(r.stderr, "3 feeds: added 0, same 3") {
		t.Errorf("what was exported: %+v", r)
	}
	if r = call(t, "a letter", "import", "opml", "-c", config, "-"); r.code != exitUsage {
		t.Errorf("a letter: %+v", r)
	}
	if r = call(t, "<opml></opml>", "import", "opml", "-c", config, "-"); r.code != exitNothing {
		t.Errorf("an empty list: %+v", r)
	}
}

// Several lists are one: what an earlier one names is the same in a later one,
// and a file that cannot be read leaves the store as it was.
func TestImportSeveral(t *testing.T) {
	config, one := listed(t, `<opml><body><outline text="Harbour" xmlUrl="http://harbour.example/rss"/></body></opml>`)
	two := filepath.Join(filepath.Dir(one), "two.opml")
	if err := os.WriteFile(two, []byte(`<opml><body>
<outline text="Harbour" xmlUrl="https://harbour.example/rss"/>
<outline text="Mill" xmlUrl="http://mill.example/rss"/></body></opml>`), 0o600); err != nil {
		t.Fatal(err)
	}
	if r := call(t, "", "import", "opml", "-c", config, one, two, two+".none"); r.code == exitOK || r.stdout != "" {
		t.Errorf("a file that is not there: %+v", r)
	}
	r := call(t, "", "import", "opml", "-c", config, one, two)
	want := one + ": line 1: added http://harbour.example/rss\n" + two + ": line 2: same https://harbour.example/rss known already\n" + two + ": line 3: added http://mill.example/rss\n"
	if r.code != exitOK || r.stdout != want || !strings.Contains(r.stderr, "3 feeds: added 2, same 1") {
		t.Errorf("two lists: %+v", r)
	}
	r = call(t, "", "import", "opml", "--json", "-c", config, one, two)
	if strings.Count(r.stdout, `{"file":`) != 3 || strings.Count(r.stdout, `"same"`) != 3 {
		t.Errorf("again: %+v", r)
	}
}

func TestImportProbe(t *testing.T) {
	asked := map[string]int{}
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		asked[r.URL.Path]++
		switch r.URL.Path {
		case "/moved":
			http.Redirect(w, r, "/new", http.StatusMovedPermanently)
		case "/moved2":
			http.Redirect(w, r, "/new", http.StatusMovedPermanently)
		case "/page":
			fmt.Fprint(w, `<html><link rel="alternate" type="application/rss+xml" href="/feed">`)
		case "/none":
			w.WriteHeader(404)
		default:
			fmt.Fprint(w, `<rss version="2.0"><channel><title>Harbour</title><item><title>x</title></item></channel></rss>`)
		}
	}))
	defer srv.Close()
	var list strings.Builder
	list.WriteString("<opml>")
	for _, p := range []string{"feed", "moved", "moved2", "page", "none"} {
		fmt.Fprintf(&list, "\n<outline xmlUrl=%q/>", srv.URL+"/"+p)
	}
	config, file := listed(t, list.String())
	r := call(t, "", "import", "opml", "--probe", "-c", config, file)
	for _, want := range []string{"line 2: added " + srv.URL + "/feed\n", "line 3: redirected " + srv.URL + "/new from", "line 4: same " + srv.URL + "/new it has moved",
		"line 5: dead " + srv.URL + "/page a web page", "line 6: dead " + srv.URL + "/none HTTP 404"} {
		if !strings.Contains(r.stdout, want) {
			t.Errorf("no %q in %+v", want, r)
		}
	}
	for path, n := range asked {
		if n > 1 && path != "/new" {
			t.Errorf("%s was asked for %d times", path, n)
		}
	}
	if r = call(t, "", "feeds", "list", "-c", config); strings.Count(r.stdout, srv.URL) != 2 {
		t.Errorf("feeds list: %+v", r)
	}
}
