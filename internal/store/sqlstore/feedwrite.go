package sqlstore

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"

	"watcher/feeds"
	"watcher/internal/store"
)

// SaveFeed implements store.FeedWriter.
func (t *Tx) SaveFeed(ctx context.Context, f feeds.Feed) error {
	if err := t.claim(ctx, f); err != nil {
		return err
	}
	if err := t.putFeed(ctx, f); err != nil {
		return err
	}
	return t.notify(ctx)
}

// claim makes room for a feed: what holds its address gives way, or, where the
// newcomer is a stored feed and the holder stands in the file, keeps it.
func (t *Tx) claim(ctx context.Context, f feeds.Feed) error {
	if f.Removed {
		return nil
	}
	if !f.Stored {
		return t.exec(ctx, `UPDATE feeds SET removed = $3 WHERE url = $1 AND id <> $2 AND NOT removed`, f.URL, f.ID, true)
	}
	var holder string
	// Two questions, each with its index: asked as one with OR, a list of feeds takes the square of its length.
	err := t.one(ctx, `SELECT id FROM feeds WHERE NOT removed AND id = $1 AND NOT stored
		UNION ALL SELECT id FROM feeds WHERE NOT removed AND url = $2 AND (id <> $1 OR NOT stored) LIMIT 1`,
		[]any{f.ID, f.URL}, &holder)
	switch {
	case errors.Is(err, store.ErrNotFound):
		return nil
	case err != nil:
		return err
	}
	return fmt.Errorf("feed %s: %w: feed %s has this id or address already", f.ID, store.ErrConflict, holder)
}

func (t *Tx) putFeed(ctx context.Context, f feeds.Feed) error {
	config, err := packFeed(f)
	if err != nil {
		return fmt.Errorf("feed %s: %w", f.ID, err)
	}
	phase := string(feeds.Active)
	return t.exec(ctx, `INSERT INTO feeds (id, url, stored, paused, removed, shard, phase, tags, config) VALUES ($1,$2,$3,$4,$5,$6,$7,$8,$9)
		ON CONFLICT (id) DO UPDATE SET url = excluded.url, stored = excluded.stored, removed = excluded.removed,
		shard = CASE WHEN feeds.url = excluded.url THEN feeds.shard ELSE excluded.shard END, tags = excluded.tags, config = excluded.config`,
		f.ID, f.URL, f.Stored, f.Paused, f.Removed, store.ShardOf(f.URL), phase, tagText(f.Tags), config)
}

// SyncFeeds implements store.FeedWriter. What is stored is compared row by row
// and not held: a start with 100,000 feeds meets few that changed.
func (t *Tx) SyncFeeds(ctx context.Context, configured []feeds.Feed) error {
	place, same := make(map[string]int, len(configured)), make([]bool, len(configured))
	for i, f := range configured {
		place[f.ID] = i
	}
	var gone, moved []string
	err := t.each(ctx, `SELECT id, url, removed, config FROM feeds WHERE NOT stored`, nil, func(rows Rows) error {
		var id, url, config string
		var removed bool
		if err := rows.Scan(&id, &url, &removed, &config); err != nil {
			return err
		}
		i, ok := place[id]
		if !ok {
			if !removed {
				gone = append(gone, id)
			}
			return nil
		}
		want, err := packFeed(configured[i])
		if err != nil {
			return fmt.Errorf("feed %s: %w", id, err)
		}
		same[i] = !removed && want == config && url == configured[i].URL
		if !removed && url != configured[i].URL {
			moved = append(moved, id)
		}
		return nil
	})
	if err != nil {
		return err
	}
	// Addresses may move between feeds: let go of all before any is taken.
	if err := t.markRemoved(ctx, append(gone, moved...)); err != nil {
		return err
	}
	changed := len(gone) > 0
	for i, f := range configured {
		if same[i] {
			continue
		}
		changed, f.Stored, f.Removed = true, false, false
		if err := errors.Join(t.claim(ctx, f), t.putFeed(ctx, f)); err != nil {
			return err
		}
	}
	if !changed {
		return nil
	}
	return t.notify(ctx)
}

func (t *Tx) markRemoved(ctx context.Context, ids []string) error {
	if len(ids) == 0 {
		return nil
	}
	return t.exec(ctx, `UPDATE feeds SET removed = $2 WHERE id IN (SELECT e.id FROM `+t.d.Each("$1", Col{"id", Text})+` e)`, texts(ids), true)
}

// RemoveFeed implements store.FeedWriter.
func (t *Tx) RemoveFeed(ctx context.Context, id string) error {
	return t.must(ctx, fmt.Errorf("feed %q: %w", id, store.ErrNotFound), `UPDATE feeds SET removed = $2 WHERE id = $1 AND NOT removed`, id, true)
}

// PauseFeed implements store.FeedWriter.
func (t *Tx) PauseFeed(ctx context.Context, id string, paused bool) error {
	err := t.must(ctx, fmt.Errorf("feed %q: %w", id, store.ErrNotFound), `UPDATE feeds SET paused = $2 WHERE id = $1`, id, paused)
	if err != nil {
		return err
	}
	return t.notify(ctx)
}

// SaveState implements store.FeedWriter.
func (t *Tx) SaveState(ctx context.Context, st feeds.State, p store.Poll) error {
	state, err := packState(st)
	if err != nil {
		return fmt.Errorf("feed %s: %w", st.Feed, err)
	}
	return t.must(ctx, fmt.Errorf("feed %s: %w", st.Feed, store.ErrConflict),
		`UPDATE feeds SET seq = seq + 1, next_poll = $3, phase = $4, state = $5, shard = CASE WHEN $6 < 0 THEN shard ELSE $6 END, polls = `+
			t.d.Prepend("$7", "polls", maxPolls*pollSize)+` WHERE id = $1 AND seq = $2`,
		st.Feed, st.Seq, ms(st.NextPoll), phaseOf(st), state, shardOf(st), packPoll(p))
}

// SaveStates implements store.FeedWriter.
func (t *Tx) SaveStates(ctx context.Context, sts []feeds.State, ps []store.Poll) ([]string, error) {
	if len(sts) == 0 {
		return nil, nil
	}
	rows := make([][]any, len(sts))
	for i, st := range sts {
		state, err := packState(st)
		if err != nil {
			return nil, fmt.Errorf("feed %s: %w", st.Feed, err)
		}
		var poll []byte
		if i < len(ps) {
			poll = packPoll(ps[i])
		}
		rows[i] = []any{st.Feed, st.Seq, ms(st.NextPoll), phaseOf(st), state, shardOf(st), hex.EncodeToString(poll)}
	}
	each := t.d.Each("$1", Col{"id", Text}, Col{"seq", Int}, Col{"next_poll", Int}, Col{"phase", Text}, Col{"state", Text}, Col{"shard", Int}, Col{"poll", Bytes})
	saved := make(map[string]bool, len(sts))
	err := t.each(ctx, `UPDATE feeds SET seq = feeds.seq + 1, next_poll = e.next_poll, phase = e.phase, state = e.state,
		shard = CASE WHEN e.shard < 0 THEN feeds.shard ELSE e.shard END, polls = `+t.d.Prepend("e.poll", "feeds.polls", maxPolls*pollSize)+`
		FROM `+each+` e WHERE feeds.id = e.id AND feeds.seq = e.seq RETURNING feeds.id`,
		[]any{list(rows, func(r []any) []any { return r })}, func(rows Rows) error {
			var id string
			err := rows.Scan(&id)
			saved[id] = true
			return err
		})
	if err != nil || len(saved) == len(sts) {
		return nil, err
	}
	var conflicts []string
	for _, st := range sts {
		if !saved[st.Feed] {
			conflicts = append(conflicts, st.Feed)
		}
	}
	return conflicts, nil
}

// phaseOf reads an unset phase as active.
func phaseOf(st feeds.State) string {
	if st.Phase == "" {
		return string(feeds.Active)
	}
	return string(st.Phase)
}

// shardOf follows the address that answers; -1: as it is.
func shardOf(st feeds.State) int {
	if st.URL == "" {
		return -1
	}
	return store.ShardOf(st.URL)
}

// SaveHost implements store.FeedWriter.
func (t *Tx) SaveHost(ctx context.Context, h feeds.HostState) error {
	state, err := pack(h, "Key")
	if err != nil {
		return fmt.Errorf("host %s: %w", h.Key, err)
	}
	return t.exec(ctx, `INSERT INTO hosts (id, state) VALUES ($1,$2) ON CONFLICT (id) DO UPDATE SET state = excluded.state`, h.Key, state)
}
