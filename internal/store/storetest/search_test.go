package storetest_test

import (
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"watcher/internal/store"
	"watcher/internal/store/pgtest"
	"watcher/internal/store/postgres"
	"watcher/internal/store/sqlite"
	"watcher/internal/store/storetest"
)

// TestSearchesAgree asks both databases the same of the same: made-up titles
// and searches in many scripts, with whatever people and programs may type.
func TestSearchesAgree(t *testing.T) {
	file, err := sqlite.Open(t.Context(), filepath.Join(t.TempDir(), "w.db"), sqlite.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	server, err := postgres.Open(t.Context(), pgtest.URL(t), postgres.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer server.Close()
	rnd := rand.New(rand.NewPCG(11, 5))
	words := strings.Fields(strings.Join(storetest.Corpus(), " "))
	words = append(words, "مذاکرات‌هسته‌ای", "إيران", "ایران", "東京協議", "Ёлка", "naïve", "İstanbul", "ﬁnance", "x'y", "a\\b", "don’t", "ПЕРЕГОВОРЫ", "ไทยแลนด์", "한국", "२०२६", "½", "🛳", "e\u0301tude", "NULL", "rowid", "words")
	pick := func() string { return words[rnd.IntN(len(words))] }
	stores := []store.Store{file, server}
	for i := range 300 {
		var title []string
		for range 3 + rnd.IntN(8) {
			title = append(title, pick())
		}
		for _, s := range stores {
			it := storetest.Item("a", fmt.Sprint("g", i), strings.Join(title, " "), storetest.T0.Add(time.Duration(i)*time.Minute))
			if err := s.Update(t.Context(), func(tx store.Tx) error { return tx.InsertItems(t.Context(), []*store.Item{it}) }); err != nil {
				t.Fatal(err)
			}
		}
	}
	odd := []string{"*", `"`, "-", "(", ")", ":", "'", "&", "|", "!", "<->", "\\", "^", "{", "}", "NEAR(", "OR", "AND", "NOT", "+", "--", ";", "%", "\x00", "\xff", "words:", "$1", "?", "\u200c", "\u202e", strings.Repeat("a", 3000), strings.Repeat("x ", 300)}
	found := 0
	for range 1500 {
		var q strings.Builder
		for range 1 + rnd.IntN(4) {
			w := pick()
			if r := []rune(w); rnd.IntN(3) == 0 {
				w = string(r[:1+rnd.IntN(len(r))]) + "*"
			}
			switch rnd.IntN(8) {
			case 0:
				w = `"` + w + " " + pick() + `"`
			case 1:
				w = "-" + w
			case 2:
				w = odd[rnd.IntN(len(odd))] + w
			case 3:
				w += odd[rnd.IntN(len(odd))]
			}
			q.WriteString(w + " ")
		}
		var ids [2][]string
		for i, s := range stores {
			err := s.View(t.Context(), func(r store.Reader) error {
				res, err := r.Search(t.Context(), store.SearchQuery{Text: q.String(), Limit: 400})
				for _, it := range res.Items {
					ids[i] = append(ids[i], it.GUID)
				}
				return err
			})
			if err != nil {
				t.Fatalf("search %q: %v", q.String(), err)
			}
		}
		if !slices.Equal(ids[0], ids[1]) {
			t.Fatalf("search %q:\n SQLite     %v\n PostgreSQL %v", q.String(), ids[0], ids[1])
		}
		found += min(len(ids[0]), 1)
	}
	if found < 500 {
		t.Errorf("only %d of 1500 searches found anything", found)
	}
}
