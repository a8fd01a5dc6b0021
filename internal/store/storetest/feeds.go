package storetest

import (
	"fmt"
	"testing"
	"time"

	"watcher/feeds"
	"watcher/internal/store"
)

func testFeeds(t *testing.T, open Opener) {
	s, ctx := open(t), t.Context()
	f := Feed("bbc")
	update(t, s, func(tx store.Tx) error { return tx.SaveFeed(ctx, f) })
	view(t, s, func(r store.Reader) error {
		row, err := r.Feed(ctx, "bbc")
		if err != nil {
			return err
		}
		equal(t, "feed", row.Feed, f)
		equal(t, "state", row.State, feeds.State{Feed: "bbc", Phase: feeds.Active})
		equal(t, "shard", row.Shard, store.ShardOf(f.URL))
		_, err = r.Feed(ctx, "none")
		wantErr(t, "missing feed", err, store.ErrNotFound)
		return nil
	})
	stored := Feed("added")
	stored.Stored = true
	update(t, s, func(tx store.Tx) error { return tx.SaveFeed(ctx, stored) })
	twin := stored
	twin.ID, twin.URL = "twin", f.URL
	wantErr(t, "stored feed with the address of one from the file", s.Update(ctx, func(tx store.Tx) error { return tx.SaveFeed(ctx, twin) }), store.ErrConflict)
	twin.ID, twin.URL = "bbc", "https://elsewhere.example/"
	wantErr(t, "stored feed with the id of one from the file", s.Update(ctx, func(tx store.Tx) error { return tx.SaveFeed(ctx, twin) }), store.ErrConflict)
	stored.Name = "renamed"
	update(t, s, func(tx store.Tx) error { return tx.SaveFeed(ctx, stored) })
	view(t, s, func(r store.Reader) error {
		all, err := r.Feeds(ctx, store.FeedFilter{})
		equal(t, "feeds", ids(all), []string{"added", "bbc"})
		equal(t, "name", all[0].Feed.Name, "renamed")
		tagged, _ := r.Feeds(ctx, store.FeedFilter{Tag: "bbc"})
		equal(t, "tagged", ids(tagged), []string{"bbc"})
		tagged, _ = r.Feeds(ctx, store.FeedFilter{Tag: "w%d"})
		equal(t, "tagged with a wildcard", ids(tagged), nil)
		page, _ := r.Feeds(ctx, store.FeedFilter{After: "added", Limit: 1})
		equal(t, "page", ids(page), []string{"bbc"})
		return err
	})
	update(t, s, func(tx store.Tx) error { return tx.PauseFeed(ctx, "bbc", true) })
	update(t, s, func(tx store.Tx) error { return tx.SaveFeed(ctx, f) }) // a reload does not wake it
	view(t, s, func(r store.Reader) error {
		row, err := r.Feed(ctx, "bbc")
		equal(t, "paused", row.Feed.Paused, true)
		counts, _ := r.FeedCounts(ctx)
		equal(t, "counts", counts, map[feeds.Phase]int{feeds.Active: 1, feeds.Paused: 1})
		return err
	})
	update(t, s, func(tx store.Tx) error { return tx.RemoveFeed(ctx, "added") })
	view(t, s, func(r store.Reader) error {
		all, _ := r.Feeds(ctx, store.FeedFilter{})
		equal(t, "after removal", ids(all), []string{"bbc"})
		all, err := r.Feeds(ctx, store.FeedFilter{Removed: true})
		equal(t, "with removed", ids(all), []string{"added", "bbc"})
		return err
	})
	wantErr(t, "remove nothing", s.Update(ctx, func(tx store.Tx) error { return tx.RemoveFeed(ctx, "none") }), store.ErrNotFound)
	wantErr(t, "pause nothing", s.Update(ctx, func(tx store.Tx) error { return tx.PauseFeed(ctx, "none", true) }), store.ErrNotFound)
}

func ids(rows []store.FeedRow) []string {
	var out []string
	for _, r := range rows {
		out = append(out, r.Feed.ID)
	}
	return out
}

func testSyncFeeds(t *testing.T, open Opener) {
	s, ctx := open(t), t.Context()
	sync := func(fs ...feeds.Feed) {
		t.Helper()
		update(t, s, func(tx store.Tx) error { return tx.SyncFeeds(ctx, fs) })
	}
	live := func(want ...string) {
		t.Helper()
		view(t, s, func(r store.Reader) error {
			all, err := r.Feeds(ctx, store.FeedFilter{})
			equal(t, "feeds", ids(all), want)
			return err
		})
	}
	a, b, c := Feed("a"), Feed("b"), Feed("c")
	c.Stored = true
	update(t, s, func(tx store.Tx) error { return tx.SaveFeed(ctx, c) })
	sync(a, b)
	live("a", "b", "c")
	update(t, s, func(tx store.Tx) error {
		return tx.SaveState(ctx, feeds.State{Feed: "a", Phase: feeds.Active, ETag: `"x"`, NextPoll: T0}, store.Poll{At: T0})
	})
	sync(a)
	live("a", "c")
	sync(a, b)
	live("a", "b", "c")
	view(t, s, func(r store.Reader) error {
		row, err := r.Feed(ctx, "a")
		equal(t, "state survives", row.State.ETag, `"x"`)
		return err
	})
	a.URL, b.URL = b.URL, a.URL // addresses change places
	sync(a, b)
	live("a", "b", "c")
	d := Feed("d")
	d.URL = c.URL // the file takes the stored feed's address
	sync(a, b, d)
	live("a", "b", "d")
	sync()
	live()
	view(t, s, func(r store.Reader) error {
		row, err := r.Feed(ctx, "a")
		equal(t, "kept as removed", row.Feed.Removed, true)
		return err
	})
}

func testDueFeeds(t *testing.T, open Opener) {
	s, ctx := open(t), t.Context()
	due := func(now time.Time, shard, limit int, want ...string) {
		t.Helper()
		view(t, s, func(r store.Reader) error {
			rows, err := r.DueFeeds(ctx, now, store.Turn{}, shard, limit)
			equal(t, "due", ids(rows), want)
			for i, row := range rows[:max(len(rows)-1, 0)] { // the rest follows each
				rest, err := r.DueFeeds(ctx, now, row.Turn(), shard, len(want)-i-1)
				equal(t, "due after "+row.Feed.ID, ids(rest), want[i+1:])
				if err != nil {
					return err
				}
			}
			return err
		})
	}
	next := func(shard int, want time.Time) {
		t.Helper()
		view(t, s, func(r store.Reader) error {
			at, err := r.NextDue(ctx, shard)
			equal(t, "next due", at, want)
			return err
		})
	}
	due(T0, -1, 10)
	next(-1, time.Time{})
	update(t, s, func(tx store.Tx) error {
		for i, id := range []string{"a", "b", "c", "gone", "paused", "removed"} {
			if err := tx.SaveFeed(ctx, Feed(id)); err != nil {
				return err
			}
			st := feeds.State{Feed: id, Phase: feeds.Active, NextPoll: T0.Add(-time.Duration(i) * time.Minute)}
			if id == "gone" {
				st.Phase = feeds.Gone
			}
			if err := tx.SaveState(ctx, st, store.Poll{}); err != nil {
				return err
			}
		}
		if err := tx.PauseFeed(ctx, "paused", true); err != nil {
			return err
		}
		return tx.RemoveFeed(ctx, "removed")
	})
	due(T0, -1, 10, "c", "b", "a")
	due(T0, -1, 2, "c", "b")
	due(T0.Add(-90*time.Second), -1, 10, "c")
	shard := store.ShardOf(Feed("b").URL)
	due(T0, shard, 10, "b")
	next(shard, T0.Add(-time.Minute))
	next(-1, T0.Add(-2*time.Minute))
	update(t, s, func(tx store.Tx) error { return tx.SaveFeed(ctx, Feed("new")) })
	due(T0, -1, 1, "new") // never polled: due at once
	next(-1, time.UnixMilli(0).UTC())
	update(t, s, func(tx store.Tx) error { return tx.PauseFeed(ctx, "paused", false) })
	due(T0, -1, 10, "new", "paused", "c", "b", "a")
}

func testState(t *testing.T, open Opener) {
	s, ctx := open(t), t.Context()
	update(t, s, func(tx store.Tx) error { return tx.SaveFeed(ctx, Feed("a")) })
	st := feeds.State{Feed: "a", URL: "https://moved.example/rss", ETag: `W/"é"`, LastModified: "\"caf\xe9\"", BodyHash: []byte{0, 1, 255}, Phase: feeds.BackOff, NextPoll: T0.Add(time.Hour),
		Interval: 10 * time.Minute, Fails: 3, FirstFail: T0, Baseline: true, LastPoll: T0, LastStatus: 503, LastError: "no answer\x00?", Rhythm: time.Minute,
		Permanent: feeds.Redirect{URL: "https://new.example/", Seen: 2, First: T0}, Items: 7}
	for i := range 60 {
		st.Seq = int64(i)
		p := store.Poll{At: T0.Add(time.Duration(i) * time.Minute), Status: 200, Outcome: "unchanged", Elapsed: 1234 * time.Millisecond, New: i, Bytes: i * 3000}
		update(t, s, func(tx store.Tx) error { return tx.SaveState(ctx, st, p) })
	}
	view(t, s, func(r store.Reader) error {
		row, err := r.Feed(ctx, "a")
		st.Seq = 60
		equal(t, "state", row.State, st)
		equal(t, "shard follows the address", row.Shard, store.ShardOf(st.URL))
		if len(row.Polls) != 50 {
			t.Fatalf("%d polls, want 50", len(row.Polls))
		}
		equal(t, "newest poll", row.Polls[0], store.Poll{At: T0.Add(59 * time.Minute), Status: 200, Outcome: "unchanged", Elapsed: 1234 * time.Millisecond, New: 59, Bytes: 177000})
		equal(t, "oldest poll", row.Polls[49].New, 10)
		newest := row.Polls[0].At
		for after, want := range map[time.Time][]string{newest.Add(-time.Millisecond): {"a"}, newest: nil, T0.Add(time.Hour): nil} {
			ahead, err := r.Feeds(ctx, store.FeedFilter{PolledAfter: after})
			if err != nil {
				return err
			}
			equal(t, "polled after "+after.String(), ids(ahead), want)
		}
		return err
	})
	wantErr(t, "old seq", s.Update(ctx, func(tx store.Tx) error { st.Seq = 59; return tx.SaveState(ctx, st, store.Poll{}) }), store.ErrConflict)
	wantErr(t, "no feed", s.Update(ctx, func(tx store.Tx) error { return tx.SaveState(ctx, feeds.State{Feed: "none"}, store.Poll{}) }), store.ErrConflict)
}

func testStates(t *testing.T, open Opener) {
	s, ctx := open(t), t.Context()
	var sts []feeds.State
	var ps []store.Poll
	update(t, s, func(tx store.Tx) error {
		var fs []feeds.Feed
		for i := range 500 {
			f := Feed(fmt.Sprintf("f%03d", i))
			fs = append(fs, f)
			sts = append(sts, feeds.State{Feed: f.ID, Phase: feeds.Active, NextPoll: T0.Add(time.Duration(i) * time.Second), ETag: fmt.Sprint(i)})
			ps = append(ps, store.Poll{At: T0, Status: 304, Outcome: "unchanged"})
		}
		return tx.SyncFeeds(ctx, fs)
	})
	sts[7].Seq = 3
	var conflicts []string
	update(t, s, func(tx store.Tx) (err error) { conflicts, err = tx.SaveStates(ctx, sts, ps); return err })
	equal(t, "conflicts", conflicts, []string{"f007"})
	update(t, s, func(tx store.Tx) (err error) { conflicts, err = tx.SaveStates(ctx, nil, nil); return err })
	view(t, s, func(r store.Reader) error {
		for _, i := range []int{0, 7, 499} {
			row, err := r.Feed(ctx, sts[i].Feed)
			if err != nil {
				return err
			}
			if i == 7 {
				equal(t, "left alone", row.State.Seq, 0)
				continue
			}
			want := sts[i]
			want.Seq++
			equal(t, "state", row.State, want)
			equal(t, "polls", row.Polls, ps[:1])
		}
		return nil
	})
}

// testOwner: a feed that names no publisher counts as one of its own, as it
// does in the configuration, whoever reads it.
func testOwner(t *testing.T, open Opener) {
	s, ctx := open(t), t.Context()
	update(t, s, func(tx store.Tx) error {
		return tx.SaveFeed(ctx, feeds.Feed{ID: "lone", URL: "https://lone.example/rss", Stored: true})
	})
	view(t, s, func(r store.Reader) error {
		row, err := r.Feed(ctx, "lone")
		equal(t, "publisher and kind", row.Feed.Publisher+" "+string(row.Feed.Kind), "lone independent")
		return err
	})
}

func testHosts(t *testing.T, open Opener) {
	s, ctx := open(t), t.Context()
	h := feeds.HostState{Key: "example.org", NotBefore: T0, Gap: 5 * time.Second, Fails: 2}
	update(t, s, func(tx store.Tx) error { return tx.SaveHost(ctx, feeds.HostState{Key: h.Key}) })
	update(t, s, func(tx store.Tx) error { return tx.SaveHost(ctx, h) })
	view(t, s, func(r store.Reader) error {
		hs, _ := r.Hosts(ctx, nil)
		equal(t, "all hosts", hs, map[string]feeds.HostState{h.Key: h})
		hs, _ = r.Hosts(ctx, []string{})
		equal(t, "no hosts", len(hs), 0)
		hs, err := r.Hosts(ctx, []string{"example.org", "none.example"})
		equal(t, "hosts", hs, map[string]feeds.HostState{h.Key: h})
		return err
	})
}
