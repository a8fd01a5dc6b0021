package ingest_test

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"watcher/feeds"
	"watcher/feeds/fetch"
	"watcher/internal/store"
	"watcher/internal/store/sqlite"
)

// BenchmarkGrowth polls a feed beside ever more stored items: 10,000 and
// 100,000, or the numbers in WATCHER_BENCH_ITEMS (10000,1000000). The feed
// brings three new items of 30, or three that meet a topic and are grouped, or
// nothing that is not known. It reports CPU, not wall time, and the file.
func BenchmarkGrowth(b *testing.B) {
	sizes := []string{"10000", "100000"}
	if s := os.Getenv("WATCHER_BENCH_ITEMS"); s != "" {
		sizes = strings.Split(s, ",")
	}
	for _, size := range sizes {
		n, err := strconv.Atoi(size)
		if err != nil {
			b.Fatal(err)
		}
		file := filepath.Join(b.TempDir(), "w.db")
		s, err := sqlite.Open(b.Context(), file, sqlite.Options{})
		if err != nil {
			b.Fatal(err)
		}
		began := used()
		fill(b, s, n)
		b.Logf("%d items stored, %v of CPU", n, (used() - began).Round(time.Second))
		w := newWorker(b, s)
		w.poll(b, document(0))
		round := 0
		var per float64
		if info, err := os.Stat(file); err == nil {
			per = float64(info.Size()) / float64(n)
		}
		for _, kind := range []struct {
			name string
			next func() fetch.Result
		}{
			{"new", func() fetch.Result { round++; return document(round) }},
			{"known", func() fetch.Result { return document(round) }},
			{"hits", func() fetch.Result { round++; return ebbing(document(round)) }},
		} {
			w.poll(b, kind.next()) // what goes on from here is the same each time
			b.Run(size+"/"+kind.name, func(b *testing.B) {
				began := used()
				for b.Loop() {
					w.poll(b, kind.next())
				}
				b.ReportMetric(float64(used()-began)/float64(b.N)/1e3, "cpu-us/poll")
				b.ReportMetric(per, "file-B/item")
			})
		}
		s.Close()
	}
}

// ebbing has the entries of a document meet the topic.
func ebbing(r fetch.Result) fetch.Result {
	r.Body = bytes.ReplaceAll(r.Body, []byte("in the roads"), []byte("dry at ebb"))
	return r
}

func used() time.Duration {
	var u syscall.Rusage
	if syscall.Getrusage(syscall.RUSAGE_SELF, &u) != nil {
		return 0
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// together is how many items a transaction stores where millions are made.
const together = 20_000

// fill stores n items of 500 feeds.
func fill(b *testing.B, s store.Store, n int) {
	body := strings.Repeat("The harbour opened at noon and closed at dusk, as the pilots had asked. ", 8)
	for at := 0; at < n; at += together {
		err := s.Update(b.Context(), func(tx store.Tx) error {
			its := make([]*store.Item, min(together, n-at))
			for i := range its {
				k := at + i
				it := feeds.Item{Feed: fmt.Sprint("f", k%500), GUID: fmt.Sprint("urn:", k), Link: fmt.Sprintf("https://f%d.example/%d", k%500, k), Title: fmt.Sprint("News of the coast, number ", k), Summary: body}
				feeds.Normalize(&it)
				its[i] = &store.Item{Item: it, FirstSeen: time.Date(2026, 1, 1, 0, 0, k, 0, time.UTC), ContentHash: it.ContentHash(), Publisher: it.Feed}
			}
			return tx.InsertItems(b.Context(), its)
		})
		if err != nil {
			b.Fatal(err)
		}
	}
}
