package sqlstore

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"watcher/feeds"
	"watcher/internal/store"
)

const storyColumns = `s.id, s.first_seen, s.last_seen, s.muted, s.merged_into, s.rev, s.data`

func scanStory(rows Rows) (store.Story, error) {
	var s store.Story
	var id, into, data string
	var first, last, rev int64
	var muted bool
	if err := rows.Scan(&id, &first, &last, &muted, &into, &rev, &data); err != nil {
		return s, err
	}
	if err := unpack(data, &s); err != nil {
		return s, fmt.Errorf("story %s: %w", id, err)
	}
	s.ID, s.FirstSeen, s.LastSeen, s.Muted, s.MergedInto, s.Rev = id, at(first), at(last), muted, into, rev
	return s, nil
}

// Story implements store.StoryReader.
func (t *Tx) Story(ctx context.Context, id string) (store.Story, error) {
	for want := id; ; {
		var q query
		q.WriteString(`SELECT ` + storyColumns + ` FROM stories s`)
		q.and(`s.id = ?`, want)
		all, err := t.stories(ctx, &q)
		if err == nil && len(all) == 0 {
			err = fmt.Errorf("story %q: %w", id, store.ErrNotFound)
		}
		if err != nil {
			return store.Story{}, err
		}
		if want = all[0].MergedInto; want == "" || want == id {
			return all[0], nil
		}
	}
}

// StoriesOf implements store.StoryReader.
func (t *Tx) StoriesOf(ctx context.Context, ids []string) (map[string]store.Story, error) {
	out := make(map[string]store.Story, len(ids))
	if len(ids) == 0 {
		return out, nil
	}
	q := query{args: []any{texts(ids)}}
	q.WriteString(`SELECT ` + storyColumns + ` FROM stories s WHERE s.id IN (SELECT e.id FROM ` + t.d.Each("$1", Col{"id", Text}) + ` e)`)
	all, err := t.stories(ctx, &q)
	for _, s := range all {
		id := s.ID
		if s.MergedInto != "" && s.MergedInto != id && err == nil {
			s, err = t.Story(ctx, s.MergedInto)
		}
		out[id] = s
	}
	return out, err
}

func (t *Tx) stories(ctx context.Context, q *query) ([]store.Story, error) {
	var out []store.Story
	err := t.each(ctx, q.String(), q.args, func(rows Rows) error {
		s, err := scanStory(rows)
		out = append(out, s)
		return err
	})
	return out, err
}

// Stories implements store.StoryReader.
func (t *Tx) Stories(ctx context.Context, f store.StoryFilter) ([]store.Story, error) {
	var q query
	q.WriteString(`SELECT ` + storyColumns + ` FROM stories s`)
	if f.Topic != "" {
		q.and(`EXISTS (SELECT 1 FROM story_topics st WHERE st.story = s.id AND st.topic = ?)`, f.Topic)
	}
	q.window("s.last_seen", f.From, f.To)
	if !f.NewFrom.IsZero() {
		q.and(`s.first_seen >= ?`, ms(f.NewFrom))
	}
	if !f.RestTo.IsZero() {
		q.and(`s.id IN (SELECT i.story FROM items i WHERE i.story <> '' AND i.seen_at >= ? AND i.seen_at < ?)`, ms(f.RestFrom), ms(f.RestTo))
		q.and(`NOT EXISTS (SELECT 1 FROM items i WHERE i.story <> '' AND i.story = s.id AND i.seen_at >= ?)`, ms(f.RestTo))
	}
	if !f.Merged {
		q.and(`s.merged_into = ''`)
	}
	switch {
	case f.Before.IsZero():
	case f.BeforeID != "":
		q.and(`(s.last_seen, s.id) < (?, ?)`, ms(f.Before), f.BeforeID)
	default:
		q.and(`s.last_seen < ?`, ms(f.Before))
	}
	q.WriteString(` ORDER BY s.last_seen DESC, s.id DESC`)
	q.limit(f.Limit)
	return t.stories(ctx, &q)
}

// StoryItems implements store.StoryReader.
func (t *Tx) StoryItems(ctx context.Context, id string) ([]store.Item, error) {
	var q query
	q.WriteString(`SELECT ` + itemColumns + ` FROM items i`)
	q.and(`i.story <> '' AND i.story = ?`, id)
	q.WriteString(` ORDER BY i.seen_at, i.id`)
	return t.items(ctx, &q)
}

// GroupRecords implements store.StoryReader.
func (t *Tx) GroupRecords(ctx context.Context, rev int64, since time.Time) ([]store.GroupRecord, error) {
	out, err := t.groupRecords(ctx, `WHERE rev > $1 AND last_at >= $2`, rev, ms(since))
	slices.SortFunc(out, func(a, b store.GroupRecord) int { return cmp.Compare(a.Rev, b.Rev) })
	return out, err
}

// GroupRecordsOf implements store.StoryReader.
func (t *Tx) GroupRecordsOf(ctx context.Context, table string, ids []string) ([]store.GroupRecord, error) {
	return t.groupRecords(ctx, `WHERE kind = $1 AND id IN (SELECT e.id FROM `+t.d.Each("$2", Col{"id", Text})+` e)`, table, texts(ids))
}

func (t *Tx) groupRecords(ctx context.Context, where string, args ...any) (out []store.GroupRecord, err error) {
	err = t.each(ctx, `SELECT kind, id, story, last_at, rev, data FROM group_records `+where, args, func(rows Rows) error {
		var r store.GroupRecord
		var last int64
		err := rows.Scan(&r.Table, &r.ID, &r.Story, &last, &r.Rev, &r.Data)
		r.Last = at(last)
		out = append(out, r)
		return err
	})
	return out, err
}

// StoryOfLink implements store.StoryReader.
func (t *Tx) StoryOfLink(ctx context.Context, canonical string) (story string, item int64, err error) {
	err = t.one(ctx, `SELECT story, id FROM items WHERE `+t.d.SameLink+` AND canonical <> '' AND story <> '' ORDER BY id DESC LIMIT 1`, []any{canonical}, &story, &item)
	return story, item, err
}

// StoryHours implements store.StoryReader.
func (t *Tx) StoryHours(ctx context.Context, ids []string, from, to time.Time) (map[string][]int, error) {
	from = from.UTC().Truncate(time.Hour)
	n := int((to.Sub(from) + time.Hour - 1) / time.Hour)
	out := make(map[string][]int, len(ids))
	if n <= 0 || len(ids) == 0 {
		return out, nil
	}
	for _, id := range ids {
		out[id] = make([]int, n)
	}
	q := `SELECT i.story, (i.seen_at - $2) / $4, count(*) FROM items i JOIN ` + t.d.Each("$1", Col{"id", Text}) + ` e ON i.story = e.id
		WHERE i.story <> '' AND i.seen_at >= $2 AND i.seen_at < $3 GROUP BY 1, 2`
	err := t.each(ctx, q, []any{texts(ids), ms(from), ms(to), hour}, func(rows Rows) error {
		var id string
		var i int64
		var c int
		err := rows.Scan(&id, &i, &c)
		if h := out[id]; i >= 0 && int(i) < len(h) {
			h[i] = c
		}
		return err
	})
	return out, err
}

// SaveStories implements store.StoryWriter.
func (t *Tx) SaveStories(ctx context.Context, ss ...store.Story) error {
	if len(ss) == 0 {
		return nil
	}
	rev, err := t.revs(ctx, len(ss))
	if err != nil {
		return err
	}
	var topics [][2]string
	for some := range rowsOf(ss) {
		var args []any
		for _, s := range some {
			data, err := pack(s, "ID", "FirstSeen", "LastSeen", "Muted", "MergedInto", "Rev")
			if err != nil {
				return fmt.Errorf("story %s: %w", s.ID, err)
			}
			args = append(args, s.ID, ms(s.FirstSeen), ms(s.LastSeen), s.Muted, s.MergedInto, data, rev)
			rev++
			for _, topic := range s.Topics {
				topics = append(topics, [2]string{s.ID, topic})
			}
		}
		err := t.exec(ctx, `INSERT INTO stories (id, first_seen, last_seen, muted, merged_into, data, rev) VALUES `+t.d.values(len(some), 7)+`
			ON CONFLICT (id) DO UPDATE SET first_seen = excluded.first_seen, last_seen = excluded.last_seen, muted = excluded.muted,
			merged_into = excluded.merged_into, data = excluded.data, rev = excluded.rev`, args...)
		if err != nil {
			return err
		}
	}
	for some := range rowsOf(topics) {
		var args []any
		for _, st := range some {
			args = append(args, st[0], st[1])
		}
		if err := t.exec(ctx, `INSERT INTO story_topics (story, topic) VALUES `+t.d.values(len(some), 2)+` ON CONFLICT DO NOTHING`, args...); err != nil {
			return err
		}
	}
	return nil
}

// AddVoices implements store.StoryWriter.
func (t *Tx) AddVoices(ctx context.Context, vs []store.Voice) (out []store.Voice, err error) {
	for some := range rowsOf(vs) {
		var args []any
		for _, v := range some {
			args = append(args, v.Story, v.Name, v.Outlet, string(v.Kind))
		}
		err := t.each(ctx, `INSERT INTO voices (story, name, outlet, kind) VALUES `+t.d.values(len(some), 4)+` ON CONFLICT DO NOTHING RETURNING story, name, outlet, kind`, args, func(rows Rows) error {
			var v store.Voice
			var kind string
			err := rows.Scan(&v.Story, &v.Name, &v.Outlet, &kind)
			v.Kind = feeds.Kind(kind)
			out = append(out, v)
			return err
		})
		if err != nil {
			return nil, err
		}
	}
	return out, nil
}

// ClearVoices implements store.StoryWriter.
func (t *Tx) ClearVoices(ctx context.Context, story string) error {
	return t.exec(ctx, `DELETE FROM voices WHERE story = $1`, story)
}

// revs takes n revision numbers and gives the first. Writers of stories hold
// the grouping lock, so that numbers become visible in their order.
func (t *Tx) revs(ctx context.Context, n int) (int64, error) {
	if err := t.LockGrouping(ctx); err != nil {
		return 0, err
	}
	var last int64
	err := t.one(ctx, t.d.TakeRevs, []any{n}, &last)
	return last - int64(n) + 1, err
}

// groupRows is how many records go into one statement.
const groupRows = 40

// SaveGroupRecords implements store.StoryWriter.
func (t *Tx) SaveGroupRecords(ctx context.Context, rs []store.GroupRecord) error {
	last := map[[2]string]int{} // the last of a record's wordings counts
	for i, r := range rs {
		last[[2]string{r.Table, r.ID}] = i
	}
	var keep []store.GroupRecord
	for i, r := range rs {
		if last[[2]string{r.Table, r.ID}] == i {
			keep = append(keep, r)
		}
	}
	if len(keep) == 0 {
		return nil
	}
	rev, err := t.revs(ctx, len(keep))
	if err != nil {
		return err
	}
	for chunk := range slices.Chunk(keep, groupRows) {
		var args []any
		for _, r := range chunk {
			args = append(args, r.Table, r.ID, r.Story, ms(r.Last), blob(r.Data), rev)
			rev++
		}
		err := t.exec(ctx, `INSERT INTO group_records (kind, id, story, last_at, data, rev) VALUES `+t.d.values(len(chunk), 6)+`
			ON CONFLICT (kind, id) DO UPDATE SET story = excluded.story, last_at = excluded.last_at, data = excluded.data, rev = excluded.rev`, args...)
		if err != nil {
			return err
		}
	}
	return nil
}

// MuteStory implements store.StoryWriter.
func (t *Tx) MuteStory(ctx context.Context, id string, muted bool) error {
	rev, err := t.revs(ctx, 1)
	if err != nil {
		return err
	}
	return t.must(ctx, fmt.Errorf("story %q: %w", id, store.ErrNotFound), `UPDATE stories SET muted = $2, rev = $3 WHERE id = $1`, id, muted, rev)
}

// MoveItems implements store.StoryWriter.
func (t *Tx) MoveItems(ctx context.Context, items []int64, story string) error {
	return t.exec(ctx, `UPDATE items SET story = $2 WHERE id IN (SELECT e.id FROM `+t.d.Each("$1", Col{"id", Int})+` e)`, ints(items), story)
}

// Get implements store.Reader.
func (t *Tx) Get(ctx context.Context, key string) ([]byte, error) {
	var v []byte
	err := t.one(ctx, `SELECT value FROM named WHERE id = $1`, []any{key}, &v)
	if errors.Is(err, store.ErrNotFound) {
		return nil, nil
	}
	return v, err
}

// Set implements store.Tx.
func (t *Tx) Set(ctx context.Context, key string, value []byte) error {
	if value == nil {
		return t.exec(ctx, `DELETE FROM named WHERE id = $1`, key)
	}
	return t.exec(ctx, `INSERT INTO named (id, value) VALUES ($1,$2) ON CONFLICT (id) DO UPDATE SET value = excluded.value`, key, value)
}
