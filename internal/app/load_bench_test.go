package app_test

import (
	"bufio"
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"watcher/internal/app"
	"watcher/match/matchtest"
	"watcher/notify"
)

// BenchmarkLoad is the whole way of a configuration with very many topics: the
// file read, its YAML decoded, its rules parsed and compiled.
func BenchmarkLoad(b *testing.B) {
	for _, n := range []int{1000, 100000} {
		b.Run(fmt.Sprintf("topics=%d", n), func(b *testing.B) {
			file := filepath.Join(b.TempDir(), "config.yaml")
			f, err := os.Create(file)
			if err != nil {
				b.Fatal(err)
			}
			w := bufio.NewWriter(f)
			fmt.Fprint(w, "feeds:\n  - {url: \"https://feeds.example.org/rss\"}\nreceivers:\n  - {id: terminal, type: log}\ntopics:\n")
			for i, r := range matchtest.NewGen(matchtest.Corpus(b), 20240601).Rules(n) {
				fmt.Fprintf(w, "  - id: t%d\n    match: '%s'\n", i, r.Q.Text())
			}
			if err := w.Flush(); err != nil {
				b.Fatal(err)
			}
			if err := f.Close(); err != nil {
				b.Fatal(err)
			}
			best := matchtest.Best(b, func() {
				if _, ps, err := app.Load(file, func(string) (string, bool) { return "", false }, notify.Env{}, nil); err != nil {
					b.Fatal(err, len(ps))
				}
			})
			b.ReportMetric(best.Seconds()*1e3, "cpu-ms/file")
		})
	}
}
