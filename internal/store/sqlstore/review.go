package sqlstore

import (
	"context"
	"fmt"
	"slices"
	"time"

	"watcher/internal/store"
	"watcher/notify"
)

const markColumns = `m.story, m.kind, m.text, m.author, m.at, m.place`

func (t *Tx) marks(ctx context.Context, q string, args []any) ([]store.Mark, error) {
	var out []store.Mark
	err := t.each(ctx, q, args, func(rows Rows) error {
		var m store.Mark
		var when int64
		err := rows.Scan(&m.Story, &m.Kind, &m.Text, &m.By, &when, &m.Where)
		m.At = at(when)
		out = append(out, m)
		return err
	})
	return out, err
}

// Marks implements store.ReviewReader.
func (t *Tx) Marks(ctx context.Context, stories []string) (map[string][]store.Mark, error) {
	out := map[string][]store.Mark{}
	alive, err := t.alive(ctx, stories)
	if err != nil {
		return out, err
	}
	ids := slices.Clone(stories)
	for _, to := range alive {
		ids = append(ids, to)
	}
	all, err := t.marks(ctx, `SELECT `+markColumns+` FROM marks m WHERE m.story IN (SELECT e.id FROM `+t.d.Each("$1", Col{"id", Text})+` e) ORDER BY m.at, m.id`,
		[]any{texts(ids)})
	of := map[string][]store.Mark{}
	for _, m := range all {
		of[m.Story] = append(of[m.Story], m)
	}
	for _, id := range stories {
		to, merged := alive[id]
		if !merged {
			to = id
		}
		if len(of[to]) > 0 {
			out[id] = of[to]
		}
	}
	return out, err
}

// alive gives, of the stories that were merged into others, the id under which
// each lives on.
func (t *Tx) alive(ctx context.Context, stories []string) (map[string]string, error) {
	out := map[string]string{}
	for ask := stories; len(ask) > 0; {
		into := map[string]string{}
		err := t.each(ctx, `SELECT s.id, s.merged_into FROM stories s WHERE s.merged_into <> '' AND s.id IN (SELECT e.id FROM `+t.d.Each("$1", Col{"id", Text})+` e)`,
			[]any{texts(ask)}, func(rows Rows) error {
				var id, to string
				err := rows.Scan(&id, &to)
				into[id] = to
				return err
			})
		if err != nil {
			return nil, err
		}
		ask = nil
		for id, to := range into {
			if _, known := out[id]; !known { // no ring goes on for ever
				out[id] = to
				ask = append(ask, to)
			}
		}
	}
	for id, to := range out {
		for range out {
			next, merged := out[to]
			if !merged {
				break
			}
			to = next
		}
		out[id] = to
	}
	return out, nil
}

// AllMarks implements store.ReviewReader.
func (t *Tx) AllMarks(ctx context.Context, from, to time.Time) ([]store.Mark, error) {
	var q query
	q.WriteString(`SELECT ` + markColumns + ` FROM marks m`)
	q.window("m.at", from, to)
	q.WriteString(` ORDER BY m.at, m.id`)
	return t.marks(ctx, q.String(), q.args)
}

// SaveMark implements store.ReviewWriter.
func (t *Tx) SaveMark(ctx context.Context, m store.Mark) error {
	if m.Kind != store.Note {
		if err := t.Unmark(ctx, m.Story, m.Kind); err != nil {
			return err
		}
	}
	return t.exec(ctx, `INSERT INTO marks (story, kind, text, author, at, place) VALUES ($1,$2,$3,$4,$5,$6)`, m.Story, string(m.Kind), m.Text, m.By, ms(m.At), m.Where)
}

// Unmark implements store.ReviewWriter.
func (t *Tx) Unmark(ctx context.Context, story string, kind store.MarkKind) error {
	return t.exec(ctx, `DELETE FROM marks WHERE story = $1 AND kind = $2`, story, string(kind))
}

// Session implements store.ReviewReader.
func (t *Tx) Session(ctx context.Context, hash []byte) (store.Session, error) {
	s := store.Session{Hash: hash}
	var created, expires int64
	err := t.one(ctx, `SELECT person, created, expires FROM sessions WHERE hash = $1`, []any{hash}, &s.User, &created, &expires)
	if err != nil {
		return store.Session{}, fmt.Errorf("session: %w", err)
	}
	s.Created, s.Expires = at(created), at(expires)
	return s, nil
}

// SaveSession implements store.ReviewWriter.
func (t *Tx) SaveSession(ctx context.Context, s store.Session) error {
	return t.exec(ctx, `INSERT INTO sessions (hash, person, created, expires) VALUES ($1,$2,$3,$4)
		ON CONFLICT (hash) DO UPDATE SET person = excluded.person, expires = excluded.expires`, s.Hash, s.User, ms(s.Created), ms(s.Expires))
}

// EndSession implements store.ReviewWriter.
func (t *Tx) EndSession(ctx context.Context, hash []byte) error {
	return t.exec(ctx, `DELETE FROM sessions WHERE hash = $1`, hash)
}

// AddEvent implements store.Tx.
func (t *Tx) AddEvent(ctx context.Context, e store.Event) (int64, error) {
	var id int64
	err := t.one(ctx, `INSERT INTO events (at, type, subject, title, text) VALUES ($1,$2,$3,$4,$5) RETURNING id`,
		[]any{ms(e.At), string(e.Type), e.Subject, e.Title, e.Text}, &id)
	return id, err
}

// Events implements store.Reader.
func (t *Tx) Events(ctx context.Context, f store.EventFilter) ([]store.Event, error) {
	var q query
	q.WriteString(`SELECT v.id, v.at, v.type, v.subject, v.title, v.text FROM events v`)
	if len(f.Types) > 0 {
		q.and(`v.type IN (SELECT e.v FROM `+t.d.Each("?", Col{"v", Text})+` e)`, texts[notify.Type](f.Types))
	}
	if f.Subject != "" {
		q.and(`v.subject = ?`, f.Subject)
	}
	q.window("v.at", f.From, time.Time{})
	q.WriteString(` ORDER BY v.id DESC`)
	q.limit(f.Limit)
	var out []store.Event
	err := t.each(ctx, q.String(), q.args, func(rows Rows) error {
		var e store.Event
		var when int64
		err := rows.Scan(&e.ID, &when, &e.Type, &e.Subject, &e.Title, &e.Text)
		e.At = at(when)
		out = append(out, e)
		return err
	})
	return out, err
}
