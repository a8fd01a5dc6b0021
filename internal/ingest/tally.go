package ingest

import (
	"sync"
	"time"

	"watcher/feeds"
	"watcher/feeds/pace"
)

// Tally counts what was done since it was last taken: one round's line.
type Tally struct {
	Polled    int `json:"polled"`
	Unchanged int `json:"unchanged"`
	Failed    int `json:"failed"`
	Unkept    int `json:"unkept"` // polls that the store did not take: they are repeated
	New       int `json:"new"`
	Revised   int `json:"revised"`
	Matched   int `json:"matched"`
	Told      int `json:"told"`
	Baselines int `json:"baselines"` // feeds that were read for the first time
	Kept      int `json:"kept"`      // their items
	Recent    int `json:"recent"`    // of those, hits of the last 24 hours, told to nobody
}

type tally struct {
	mu sync.Mutex
	t  Tally
}

func (y *tally) add(f func(*Tally)) {
	y.mu.Lock()
	f(&y.t)
	y.mu.Unlock()
}

// Take gives the counts since the last call.
func (in *Ingest) Take() Tally {
	in.tally.mu.Lock()
	defer in.tally.mu.Unlock()
	t := in.tally.t
	in.tally.t = Tally{}
	return t
}

// count notes one poll in the metrics, the round and, where it failed, the log.
func (in *Ingest) count(f feeds.Feed, o pace.Outcome, fresh int, elapsed time.Duration) {
	result := "unchanged"
	switch {
	case o.Class == pace.Held:
		return
	case o.Class.Failed():
		result = "failed"
		in.Log.Warn("poll failed", "feed", f.ID, "status", o.Status, "class", string(o.Class), "err", o.Message)
	case fresh > 0:
		result = "new"
	}
	in.Metrics.Polls.WithLabelValues(result).Inc()
	in.Metrics.PollSeconds.Observe(elapsed.Seconds())
	var read time.Time
	if result != "failed" {
		read = in.Now()
	}
	in.Metrics.FeedPolled(f.ID, result, read)
	in.tally.add(func(t *Tally) {
		t.Polled++
		switch result {
		case "unchanged":
			t.Unchanged++
		case "failed":
			t.Failed++
		}
	})
}

// report notes a committed document in the metrics, the round and the log.
func (w *work) report() {
	kind := "new"
	if w.baseline {
		kind = "baseline"
	}
	w.Metrics.Items.WithLabelValues(kind).Add(float64(len(w.sorted.fresh)))
	w.Metrics.Items.WithLabelValues("revised").Add(float64(len(w.sorted.revised)))
	for _, c := range w.sorted.fresh {
		for _, h := range c.hits {
			w.Metrics.Matches.WithLabelValues(h.Topic).Inc()
			w.Metrics.LastMatch.WithLabelValues(h.Topic).Set(float64(w.now.Unix()))
			if w.Seen != nil {
				w.Seen(Outcome{Item: c.item, Topic: h.Topic, Told: len(w.told) > 0})
			}
		}
	}
	w.tally.add(func(t *Tally) {
		t.New += len(w.sorted.fresh)
		t.Revised += len(w.sorted.revised)
		t.Matched += w.matched
		t.Told += len(w.told)
		if w.baseline {
			t.Baselines++
			t.Kept += len(w.sorted.fresh)
			t.Recent += w.recent
		}
	})
	if w.baseline {
		w.Log.Debug("baseline", "feed", w.feed.ID, "new", len(w.sorted.fresh), "matched", w.matched, "told", len(w.told))
	}
	if len(w.told) > 0 && w.Wake != nil {
		w.Wake()
	}
}
