package sqlstore

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"
	"unicode/utf8"

	"watcher/feeds"
	"watcher/internal/store"
)

const feedColumns = `id, url, stored, paused, removed, shard, seq, next_poll, phase, config, state`

// scanFeed reads feedColumns; more are columns that follow them.
func scanFeed(rows Rows, more ...any) (store.FeedRow, error) {
	var r store.FeedRow
	var id, url, config, state, phase string
	var stored, paused, removed bool
	var seq, next int64
	dest := append([]any{&id, &url, &stored, &paused, &removed, &r.Shard, &seq, &next, &phase, &config, &state}, more...)
	if err := rows.Scan(dest...); err != nil {
		return r, err
	}
	if err := errors.Join(unpack(config, &r.Feed), unpackState(state, &r.State)); err != nil {
		return r, fmt.Errorf("feed %s: %w", id, err)
	}
	r.Feed.ID, r.Feed.URL, r.Feed.Stored, r.Feed.Paused, r.Feed.Removed = id, url, stored, paused, removed
	if r.Feed.Publisher == "" { // as the configuration has it
		r.Feed.Publisher = id
	}
	if r.Feed.Kind == "" {
		r.Feed.Kind = feeds.Independent
	}
	r.State.Feed, r.State.Seq, r.State.NextPoll, r.State.Phase = id, seq, at(next), feeds.Phase(phase)
	return r, nil
}

func packFeed(f feeds.Feed) (string, error) {
	return pack(f, "ID", "URL", "Stored", "Paused", "Removed")
}

func packState(s feeds.State) (string, error) {
	s.ETag, s.LastModified = packOctets(s.ETag), packOctets(s.LastModified)
	return pack(s, "Feed", "Seq", "NextPoll", "Phase")
}

func unpackState(text string, s *feeds.State) error {
	err := unpack(text, s)
	s.ETag, s.LastModified = unpackOctets(s.ETag), unpackOctets(s.LastModified)
	return err
}

// octets begins a header's value that is not UTF-8, each byte written as the
// character of that number: JSON knows only characters, and a validator must go
// back as it came. No header's value holds a control character of its own (RFC
// 9110, section 5.5).
const octets = "\x01"

func packOctets(v string) string {
	if utf8.ValidString(v) {
		return v
	}
	b := []byte(octets)
	for i := range len(v) {
		b = utf8.AppendRune(b, rune(v[i]))
	}
	return string(b)
}

func unpackOctets(v string) string {
	text, ok := strings.CutPrefix(v, octets)
	if !ok {
		return v
	}
	b := make([]byte, 0, len(text))
	for _, r := range text {
		b = append(b, byte(r))
	}
	return string(b)
}

// tagText holds tags so that one is found by LIKE '%,tag,%'.
func tagText(tags []string) string {
	if len(tags) == 0 {
		return ""
	}
	return "," + strings.Join(tags, ",") + ","
}

var likeEscape = strings.NewReplacer(`\`, `\\`, `%`, `\%`, `_`, `\_`)

// Feed implements store.FeedReader.
func (t *Tx) Feed(ctx context.Context, id string) (store.FeedRow, error) {
	var polls []byte
	rows, err := t.c.Query(ctx, `SELECT `+feedColumns+`, polls FROM feeds WHERE id = $1`, id)
	if err != nil {
		return store.FeedRow{}, err
	}
	defer rows.Close()
	if !rows.Next() {
		return store.FeedRow{}, errors.Join(rows.Err(), fmt.Errorf("feed %q: %w", id, store.ErrNotFound))
	}
	r, err := scanFeed(rows, &polls)
	r.Polls = unpackPolls(polls)
	return r, err
}

func (t *Tx) feedRows(ctx context.Context, q *query) ([]store.FeedRow, error) {
	var out []store.FeedRow
	err := t.each(ctx, q.String(), q.args, func(rows Rows) error {
		r, err := scanFeed(rows)
		out = append(out, r)
		return err
	})
	return out, err
}

// Feeds implements store.FeedReader.
func (t *Tx) Feeds(ctx context.Context, f store.FeedFilter) ([]store.FeedRow, error) {
	var q query
	q.WriteString(`SELECT ` + feedColumns + ` FROM feeds`)
	if !f.Removed {
		q.and(`NOT removed`)
	}
	if f.Tag != "" {
		q.and(`tags LIKE ? ESCAPE '\'`, "%,"+likeEscape.Replace(f.Tag)+",%")
	}
	if f.URL != "" {
		q.and(`url = ?`, f.URL)
	}
	if !f.PolledAfter.IsZero() {
		q.and(`next_poll > ?`, ms(f.PolledAfter))
		q.and(`substr(polls, 1, 6) > ?`, packPoll(store.Poll{At: f.PolledAfter})[:6])
	}
	if f.After != "" {
		q.and(`id > ?`, f.After)
	}
	q.WriteString(` ORDER BY id`)
	q.limit(f.Limit)
	return t.feedRows(ctx, &q)
}

// DueFeeds implements store.FeedReader.
func (t *Tx) DueFeeds(ctx context.Context, now time.Time, after store.Turn, shard, limit int) ([]store.FeedRow, error) {
	var q query
	q.WriteString(`SELECT ` + feedColumns + ` FROM feeds WHERE live`)
	q.where = true
	if shard >= 0 {
		q.and(`shard = ?`, shard)
	}
	q.and(`next_poll <= ?`, ms(now))
	if after.Feed != "" {
		q.and(`(next_poll, id) > (?, ?)`, ms(after.At), after.Feed)
	}
	q.WriteString(` ORDER BY next_poll, id`)
	q.limit(limit)
	return t.feedRows(ctx, &q)
}

// NextDue implements store.FeedReader.
func (t *Tx) NextDue(ctx context.Context, shard int) (time.Time, error) {
	var q query
	q.WriteString(`SELECT next_poll FROM feeds WHERE live`)
	q.where = true
	if shard >= 0 {
		q.and(`shard = ?`, shard)
	}
	q.WriteString(` ORDER BY next_poll LIMIT 1`)
	var next int64
	err := t.one(ctx, q.String(), q.args, &next)
	if errors.Is(err, store.ErrNotFound) {
		return time.Time{}, nil
	}
	return time.UnixMilli(next).UTC(), err // never polled: 1970, which is due
}

// Hosts implements store.FeedReader.
func (t *Tx) Hosts(ctx context.Context, keys []string) (map[string]feeds.HostState, error) {
	out := make(map[string]feeds.HostState, len(keys))
	var q query
	q.WriteString(`SELECT h.id, h.state FROM hosts h`)
	if keys != nil {
		q.and(`h.id IN (SELECT e.id FROM `+t.d.Each("?", Col{"id", Text})+` e)`, texts(keys))
	}
	err := t.each(ctx, q.String(), q.args, func(rows Rows) error {
		var key, state string
		if err := rows.Scan(&key, &state); err != nil {
			return err
		}
		h := feeds.HostState{}
		err := unpack(state, &h)
		h.Key = key
		out[key] = h
		return err
	})
	return out, err
}

// FeedCounts implements store.FeedReader.
func (t *Tx) FeedCounts(ctx context.Context) (map[feeds.Phase]int, error) {
	out := map[feeds.Phase]int{}
	q := `SELECT CASE WHEN paused THEN 'paused' ELSE phase END AS p, count(*) FROM feeds WHERE NOT removed GROUP BY 1`
	err := t.each(ctx, q, nil, func(rows Rows) error {
		var p string
		var n int
		err := rows.Scan(&p, &n)
		out[feeds.Phase(p)] = n
		return err
	})
	return out, err
}
