package main

import (
	"bytes"
	"context"
	"encoding/xml"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"watcher/internal/app"
	"watcher/internal/config"
	"watcher/internal/store"
)

// dataDir is the folder with real feeds.
func dataDir(t *testing.T) string {
	t.Helper()
	dir := os.Getenv("WATCHER_DATA")
	if dir == "" {
		dir = "../../../shared"
	}
	if _, err := os.Stat(filepath.Join(dir, "data")); err != nil {
		t.Skipf("no real feeds in %s: set WATCHER_DATA to their folder", dir)
	}
	return filepath.Join(dir, "data")
}

// wishes are what feeds ask of the time between two polls; the test has none.
var wishes = regexp.MustCompile(`(?is)<(ttl|sy:update\w+|skipHours|skipDays)\b.*?</[^>]*>`)

// plainItem is an entry as a plain reading of the XML sees it.
type plainItem struct{ id, title string }

// plainRead lists the entries of a document with nothing but encoding/xml.
func plainRead(doc []byte) []plainItem {
	dec := xml.NewDecoder(bytes.NewReader(doc))
	dec.Strict = false
	dec.Entity = xml.HTMLEntity
	var out []plainItem
	var field, guid, link, title, date string
	inside := 0
	for {
		tok, err := dec.Token()
		if err != nil {
			return out
		}
		switch tok := tok.(type) {
		case xml.StartElement:
			name := tok.Name.Local
			switch {
			case name == "item" || name == "entry":
				inside, guid, link, title, date = 1, "", "", "", ""
			case inside > 0:
				inside++
				field = ""
				if inside == 2 && (tok.Name.Space == "" || strings.Contains(tok.Name.Space, "Atom")) {
					field = name
				}
			}
		case xml.CharData:
			if inside == 2 {
				switch field {
				case "guid", "id":
					guid += string(tok)
				case "link":
					link += string(tok)
				case "title":
					title += string(tok)
				case "pubDate":
					date += string(tok)
				}
			}
		case xml.EndElement:
			if inside > 0 {
				if inside--; inside == 0 {
					id := strings.TrimSpace(guid)
					if id == "" {
						id = strings.TrimSpace(link)
					}
					if id == "" {
						id = title + date
					}
					out = append(out, plainItem{id, strings.Join(strings.Fields(title), " ")})
				}
				field = ""
			}
		}
	}
}

// replay serves snapshots of feeds, at each poll the next: a feed is asked again
// only after its last document was worked. The last one stays.
type replay struct {
	mu    sync.Mutex
	docs  map[string][][]byte
	polls map[string]int
}

func (r *replay) ServeHTTP(w http.ResponseWriter, req *http.Request) {
	r.mu.Lock()
	defer r.mu.Unlock()
	name := strings.TrimPrefix(req.URL.Path, "/")
	docs := r.docs[name]
	if docs == nil {
		http.NotFound(w, req)
		return
	}
	w.Header().Set("Content-Type", "application/xml")
	w.Write(docs[min(r.polls[name], len(docs)-1)])
	r.polls[name]++
}

// polled says whether each feed's last document was asked for so many times.
func (r *replay) polled(times int) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	for name, docs := range r.docs {
		if r.polls[name] < len(docs)-1+times {
			return false
		}
	}
	return true
}

// TestRealFeeds plays real feeds as they stood at successive polls to the
// daemon and compares what it stored with a plain reading of the same bytes.
func TestRealFeeds(t *testing.T) {
	t.Parallel()
	data := dataDir(t)
	r := &replay{docs: map[string][][]byte{}, polls: map[string]int{}}
	files, _ := filepath.Glob(filepath.Join(data, "realfeeds/series/*/*.xml"))
	more, _ := filepath.Glob(filepath.Join(data, "feeds/*.xml"))
	slices.Sort(more)
	want := map[string]map[string]bool{}
	edits := map[string]int{} // known entries that came with another title
	last := map[string]string{}
	for _, f := range append(files, more...) {
		name := filepath.Base(filepath.Dir(f))
		if name == "feeds" {
			name, _, _ = strings.Cut(filepath.Base(f), ".")
			name = "f-" + name
		}
		doc, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		r.docs[name] = append(r.docs[name], wishes.ReplaceAll(doc, nil))
		if want[name] == nil {
			want[name] = map[string]bool{}
		}
		seen := map[string]bool{}
		for _, it := range plainRead(doc) {
			if seen[it.id] {
				continue
			}
			seen[it.id] = true
			want[name][it.id] = true
			if old, ok := last[name+it.id]; ok && old != it.title {
				edits[name]++
			}
			last[name+it.id] = it.title
		}
	}
	srv := httptest.NewServer(r)
	t.Cleanup(srv.Close)
	d := newDesk(t)
	var b strings.Builder
	fmt.Fprintf(&b, "store: sqlite:./watcher.db\nserver: {listen: \"\"}\npolling: {schedule: \"@every 1s\", adaptive: off, host_gap: 0s, per_host: 8, allow_private: true}\nfeeds:\n")
	for name := range r.docs {
		fmt.Fprintf(&b, "  - {id: %s, url: %q}\n", name, srv.URL+"/"+name)
	}
	fmt.Fprintf(&b, "topics:\n  - {id: a, match: iran OR minister OR government OR virus}\n  - {id: b, match: police OR court OR death}\nreceivers:\n  - {id: hook, type: webhook, url: %q, secrets: [%s]}\n", d.srv.URL+"/hook", testSecret)
	file := filepath.Join(t.TempDir(), "config.yaml")
	if err := os.WriteFile(file, []byte(b.String()), 0o600); err != nil {
		t.Fatal(err)
	}
	p := start(t, "run", "-c", file)
	wait(t, "the last documents", 4*time.Minute, func() bool { return r.polled(2) })
	p.kill()
	p = start(t, "run", "-c", file)
	first := len(d.accepted())
	wait(t, "polls after the restart", 2*time.Minute, func() bool { return r.polled(5) })
	if code, _ := p.stop(); code != 0 {
		t.Errorf("exit %d", code)
	}
	checkStored(t, file, want, edits)
	ids, told := map[string]bool{}, map[string]string{}
	for _, post := range d.accepted() {
		key := fmt.Sprintf("%s/%d", post.body.Story.ID, post.body.Sequence)
		if old, ok := told[key]; ok && old != post.id {
			t.Errorf("%s was told as %s and as %s", key, old, post.id)
		}
		told[key], ids[post.id] = post.id, true
	}
	t.Logf("%d alerts, %d of them before the restart", len(ids), first)
	if len(ids) == 0 {
		t.Error("nothing was told")
	}
}

func checkStored(t *testing.T, file string, want map[string]map[string]bool, edits map[string]int) {
	c, ps := config.Load(file, app.Getenv)
	if config.Failed(ps) {
		t.Fatal(ps)
	}
	s, err := app.OpenStore(context.Background(), c, app.Read)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	ctx := context.Background()
	err = s.View(ctx, func(r store.Reader) error {
		for name, ids := range want {
			items, err := r.Items(ctx, store.ItemFilter{Feed: name, Limit: 100000})
			if err != nil {
				return err
			}
			got, revised := map[string]bool{}, 0
			for _, it := range items {
				id := it.GUID
				if id == "" {
					id = it.Link
				}
				if id == "" {
					id = it.Title
				}
				got[id] = true
				revs, err := r.Revisions(ctx, store.RevisionFilter{Item: it.ID, Titles: true, Limit: 1000})
				if err != nil {
					return err
				}
				revised += len(revs)
			}
			if len(items) != len(ids) {
				t.Errorf("%s: %d items stored, %d in the documents", name, len(items), len(ids))
				for id := range ids {
					if !got[id] {
						t.Logf("  not stored: %s", id)
					}
				}
			}
			if revised < edits[name] {
				t.Errorf("%s: %d edited titles kept, %d in the documents", name, revised, edits[name])
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}
