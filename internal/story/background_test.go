package story

import (
	"bufio"
	"bytes"
	"cmp"
	"compress/gzip"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"testing"
)

var update = flag.Bool("update", false, "write background.txt anew from $WATCHER_DATA")

// dataDir is the folder of the measured sets; the test is skipped without it.
func dataDir(t testing.TB) string {
	t.Helper()
	dir := os.Getenv("WATCHER_DATA")
	if dir == "" {
		dir = "../../../shared" // beside the repository
	}
	dir = filepath.Join(dir, "data")
	if _, err := os.Stat(dir); err != nil {
		t.Skipf("no measured sets in %s: set WATCHER_DATA to the folder that holds data/", dir)
	}
	return dir
}

// TestBackground counts words when asked to with -update, and checks the table
// that is shipped: counts of single words, sorted, small.
func TestBackground(t *testing.T) {
	if *update {
		writeBackground(t, dataDir(t))
	}
	b := readBackground(backgroundText)
	if b.items < 1000 || len(b.count) < 1000 {
		t.Fatalf("background has %v items and %d words", b.items, len(b.count))
	}
	if n := len(backgroundText); n > 300<<10 {
		t.Errorf("background.txt has %d bytes, want at most 300 KiB", n)
	}
	if rare, common := b.rarity(b.count[hashWord("zugzwang")], 0, 0, 1), b.rarity(b.count[hashWord("minist")], 0, 0, 1); rare <= common {
		t.Errorf("rarity of an unknown word %v is not above that of a common one %v", rare, common)
	}
}

func writeBackground(t *testing.T, dir string) {
	ls := newLanguages()
	count, items := map[string]int{}, 0
	for _, name := range []string{"newswire/corpus.jsonl.gz", "story/allsides_dev.jsonl", "story/neus_dev.jsonl", "story/uci_dev.jsonl", "iran-oman/dev.jsonl"} {
		for _, text := range texts(t, filepath.Join(dir, name)) {
			items++
			var bare tokenizer
			lang := ls.guess(bare.append(nil, text))
			z := tokenizer{lang: lang}
			seen := map[string]bool{}
			for _, k := range z.append(nil, text) {
				if k.stem != 0 && k.flags&(isNumber|isPair) == 0 {
					var w []rune
					for _, r := range text[k.start:k.end] {
						w = foldInto(w, r)
					}
					if s := string(lang.stem(w)); len(s) < 30 {
						seen[s] = true
					}
				}
			}
			for s := range seen {
				count[s]++
			}
		}
	}
	keys := slices.SortedFunc(maps.Keys(count), func(a, b string) int {
		return cmp.Or(cmp.Compare(count[b], count[a]), cmp.Compare(a, b))
	})
	var out bytes.Buffer
	fmt.Fprintln(&out, items)
	for _, k := range keys[:min(len(keys), 22000)] {
		if count[k] < 4 {
			break
		}
		fmt.Fprintln(&out, k, count[k])
	}
	if err := os.WriteFile("background.txt", out.Bytes(), 0o644); err != nil {
		t.Fatal(err)
	}
	backgroundText = out.String()
}

// texts reads title and text of each line of a JSON Lines file.
func texts(t *testing.T, path string) []string {
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	var r io.Reader = f
	if filepath.Ext(path) == ".gz" {
		if r, err = gzip.NewReader(f); err != nil {
			t.Fatal(err)
		}
	}
	var out []string
	sc := bufio.NewScanner(r)
	sc.Buffer(nil, 1<<24)
	for sc.Scan() {
		var l struct{ Title, Body, Summary string }
		if err := json.Unmarshal(sc.Bytes(), &l); err != nil {
			t.Fatal(err)
		}
		out = append(out, l.Title+"\n"+l.Body+l.Summary)
	}
	return out
}
