package matchtest

import (
	"bufio"
	"compress/gzip"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"testing"
)

// Item is a news item of the corpus.
type Item struct {
	Title string `json:"title"`
	Body  string `json:"body"`
}

// Text is the item as one text, title first.
func (it Item) Text() string { return it.Title + "\n" + it.Body }

// Corpus reads the newswire corpus of $WATCHER_DATA, or skips the test.
func Corpus(tb testing.TB) []Item {
	tb.Helper()
	dir := os.Getenv("WATCHER_DATA")
	if dir == "" {
		dir = findShared()
	}
	path := filepath.Join(dir, "newswire", "corpus.jsonl.gz")
	if _, err := os.Stat(path); err != nil {
		tb.Skip("set WATCHER_DATA to the folder that holds newswire/corpus.jsonl.gz")
	}
	items, err := Read(path)
	if err != nil {
		tb.Fatal(err)
	}
	return items
}

// findShared looks beside the repository, whatever package the test is in.
func findShared() string {
	for up := "."; len(up) < 60; up += "/.." {
		if _, err := os.Stat(filepath.Join(up, "go.mod")); err == nil {
			if d := filepath.Join(up, "..", "shared", "data"); isDir(d) {
				return d
			}
		}
	}
	return filepath.Join("..", "shared", "data")
}

func isDir(p string) bool {
	fi, err := os.Stat(p)
	return err == nil && fi.IsDir()
}

// Read reads a gzipped corpus.
func Read(path string) ([]Item, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	z, err := gzip.NewReader(bufio.NewReaderSize(f, 1<<20))
	if err != nil {
		return nil, err
	}
	var items []Item
	for dec := json.NewDecoder(z); dec.More(); {
		var it Item
		if err := dec.Decode(&it); err != nil {
			return nil, fmt.Errorf("item %d: %w", len(items)+1, err)
		}
		items = append(items, it)
	}
	return items, nil
}
