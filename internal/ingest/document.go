package ingest

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"watcher/feeds"
	"watcher/feeds/pace"
	"watcher/internal/store"
	"watcher/match"
)

// sorted is a document's items, told apart by what the store knows of them.
type sorted struct {
	fresh   []*candidate  // never seen
	revised []*candidate  // known, and worded anew
	again   []store.Known // known; raw hash or keys are new
	known   bool          // some are known
}

// candidate is an item on its way into the store.
type candidate struct {
	item store.Item
	was  store.Known // revised: what it was
	hits []match.Hit
}

// document works a poll that brought a document.
func (in *Ingest) document(ctx context.Context, f feeds.Feed, st feeds.State, doc reading, o pace.Outcome, start time.Time) error {
	now := in.Now()
	trusted := !st.Untrusted
	s, err := in.trust(ctx, f, &st, doc, now)
	if err == nil && (s.known || trusted && st.Untrusted) && len(doc.cut) > 0 {
		// An entry that was edited, or whose id has been given to another one:
		// only the whole document tells which. It is judged anew, or entries
		// would be looked up by a key that they were not kept under.
		if err = doc.whole(); err == nil {
			st.Untrusted = !trusted
			s, err = in.trust(ctx, f, &st, doc, now)
		}
	}
	if err != nil {
		return err
	}
	if trusted && st.Untrusted {
		in.Log.Info("ids are not trusted: items are known by link and title", "feed", f.ID)
	}
	baseline := !st.Baseline
	rules := in.Rules()
	for _, c := range s.fresh {
		c.item.Baseline = baseline && !in.recent(c.item, now)
		c.hits = rules.match(c.item.Item, now)
	}
	for _, c := range s.revised {
		c.hits = rules.match(c.item.Item, now)
	}
	o.Doc.New = len(s.fresh)
	before := in.Pacer.Host(o.Host)
	after, host, events := pace.After(f, st, before, o, in.Slots(f), now.In(in.Zone()), in.Chance)
	in.Pacer.Save(host)
	p := poll(start, o, len(s.fresh), 0)
	in.count(f, o, len(s.fresh), now.Sub(start))

	// Once a day what the document shows is written down: an item that stands
	// in it is remembered however old it is, and can never be news again. A
	// first poll has just done so.
	stand := !baseline && !sameDay(st.LastOK, now)
	if len(s.fresh)+len(s.revised)+len(s.again)+len(events) == 0 && !stand && !hostWorthKeeping(host) && !hostWorthKeeping(before) {
		return in.states.save(ctx, after, p)
	}
	w := &work{feed: f, now: now, rules: rules, sorted: s, baseline: baseline}
	err = in.update(ctx, func(ctx context.Context, t *turn) error {
		w.turn = t
		tx := t.tx
		if err := w.run(ctx); err != nil {
			return err
		}
		last, told, err := moved(ctx, tx, f, after, events, now)
		if err != nil {
			return err
		}
		if err := in.events(ctx, tx, f, told, now); err != nil {
			return err
		}
		if stand {
			if err := tx.Stand(ctx, f.ID, documentKeys(doc.Items), doc.cut, now); err != nil {
				return err
			}
		}
		if hostWorthKeeping(host) || hostWorthKeeping(before) {
			if err := tx.SaveHost(ctx, host); err != nil {
				return err
			}
		}
		// Last: the validators stand only with the items they are for.
		return tx.SaveState(ctx, last, p)
	})
	if err != nil {
		return fmt.Errorf("keep the poll of %s: %w", f.ID, err)
	}
	w.report()
	return nil
}

func sameDay(a, b time.Time) bool {
	const day = 24 * time.Hour
	return a.UTC().Truncate(day).Equal(b.UTC().Truncate(day))
}

// documentKeys are all keys by which a document's items are known.
func documentKeys(items []feeds.Item) []feeds.Key {
	keys := make([]feeds.Key, 0, 2*len(items))
	for _, it := range items {
		keys = append(keys, it.Key)
		if it.AltKey != it.Key {
			keys = append(keys, it.AltKey)
		}
	}
	return keys
}

// recent tells whether a baseline's item is told all the same (--notify-last).
func (in *Ingest) recent(it store.Item, now time.Time) bool {
	return in.NotifyLast > 0 && !it.Published.IsZero() && now.Sub(it.Published) <= in.NotifyLast
}

// sort looks every item up. The feed's state is fenced by its sequence number,
// so that what is read here still holds when the transaction begins.
func (in *Ingest) sort(ctx context.Context, f feeds.Feed, st feeds.State, items []feeds.Item, now time.Time) (*sorted, error) {
	known := map[feeds.Key]store.Known{}
	byAlt := map[feeds.Key]store.Known{}
	if (st.Baseline || st.Seq > 0) && len(items) > 0 {
		var ks []store.Known
		err := in.Store.View(ctx, func(r store.Reader) (err error) {
			ks, err = r.Known(ctx, f.ID, documentKeys(items))
			return err
		})
		if err != nil {
			return nil, fmt.Errorf("look up items of %s: %w", f.ID, err)
		}
		for _, k := range ks {
			known[k.Key] = k
			byAlt[k.AltKey] = k
		}
	}
	s := &sorted{}
	taken := map[feeds.Key]bool{}
	for _, it := range items {
		if taken[it.Key] {
			continue // twice in one document
		}
		taken[it.Key] = true
		k, ok := known[it.Key]
		if !ok {
			// The same entry under another id: http became https, or a tracking
			// parameter changed. The title must agree, as ids are reused.
			if k, ok = byAlt[it.AltKey]; ok && k.Title != it.Title {
				ok = false
			}
		}
		c := &candidate{item: store.Item{Item: it, FirstSeen: now, ContentHash: it.ContentHash(), Publisher: publisher(f), FeedKind: f.Kind}, was: k}
		c.item.Feed = f.ID
		s.known = s.known || ok
		switch {
		case !ok:
			s.fresh = append(s.fresh, c)
		case k.Gone:
		case k.ContentHash != c.item.ContentHash:
			s.revised = append(s.revised, c)
		}
		if ok && !k.Gone && (k.Key != it.Key || k.RawHash != it.RawHash) {
			again := k
			again.Key, again.AltKey, again.RawHash = it.Key, it.AltKey, it.RawHash
			s.again = append(s.again, again)
		}
	}
	return s, nil
}

func publisher(f feeds.Feed) string {
	if f.Publisher != "" {
		return f.Publisher
	}
	return f.ID
}

// match gives the hits of an item. They are copied out of the matcher's scratch.
func (r *Rules) match(it feeds.Item, now time.Time) []match.Hit {
	m := r.pool.Get().(*match.Matcher)
	defer r.pool.Put(m)
	hits := m.Match(it, now)
	if len(hits) == 0 {
		return nil
	}
	out := slices.Clone(hits)
	for i := range out {
		out[i].Hits = slices.Clone(out[i].Hits)
	}
	return out
}

// record is a hit as it is stored and shown: one line of `match --json`.
func record(h match.Hit) []byte {
	b, err := json.Marshal(h)
	if err != nil {
		return nil
	}
	return b
}
