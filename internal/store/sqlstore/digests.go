package sqlstore

import (
	"context"
	"errors"
	"fmt"

	"watcher/internal/store"
)

const digestColumns = `g.id, g.date, g.from_at, g.to_at, g.zone, g.created, g.built, g.sent, g.stories, g.empty`

func scanDigest(rows Rows, more ...any) (store.Digest, error) {
	var d store.Digest
	var from, to, created, built, sent int64
	err := rows.Scan(append([]any{&d.ID, &d.Date, &from, &to, &d.Zone, &created, &built, &sent, &d.Stories, &d.Empty}, more...)...)
	d.From, d.To, d.Created, d.Built, d.Sent = at(from), at(to), at(created), at(built), at(sent)
	return d, err
}

// Digest implements store.DigestReader.
func (t *Tx) Digest(ctx context.Context, id, date string) (store.Digest, error) {
	var d store.Digest
	err := fmt.Errorf("digest %s/%s: %w", id, date, store.ErrNotFound)
	ferr := t.each(ctx, `SELECT `+digestColumns+`, g.document FROM digests g WHERE g.id = $1 AND g.date = $2`, []any{id, date}, func(rows Rows) error {
		var doc []byte
		d, err = scanDigest(rows, &doc)
		if len(doc) > 0 {
			d.Document = doc
		}
		return err
	})
	if ferr != nil {
		err = ferr
	}
	return d, err
}

// Digests implements store.DigestReader.
func (t *Tx) Digests(ctx context.Context, id string, before string, limit int) ([]store.Digest, error) {
	var q query
	q.WriteString(`SELECT ` + digestColumns + ` FROM digests g`)
	if id != "" {
		q.and(`g.id = ?`, id)
	}
	if before != "" {
		q.and(`g.date < ?`, before)
	}
	q.WriteString(` ORDER BY g.date DESC, g.id`)
	q.limit(limit)
	var out []store.Digest
	err := t.each(ctx, q.String(), q.args, func(rows Rows) error {
		d, err := scanDigest(rows)
		out = append(out, d)
		return err
	})
	return out, err
}

// DigestNeighbours implements store.DigestReader.
func (t *Tx) DigestNeighbours(ctx context.Context, id, date string) (older, newer string, err error) {
	find := func(q string, dest *string) error {
		err := t.one(ctx, q, []any{id, date}, dest)
		if errors.Is(err, store.ErrNotFound) {
			return nil
		}
		return err
	}
	err = errors.Join(
		find(`SELECT date FROM digests WHERE id = $1 AND date < $2 ORDER BY date DESC LIMIT 1`, &older),
		find(`SELECT date FROM digests WHERE id = $1 AND date > $2 ORDER BY date LIMIT 1`, &newer))
	return older, newer, err
}

// OpenDigest implements store.DigestWriter.
func (t *Tx) OpenDigest(ctx context.Context, d store.Digest) (bool, error) {
	n, err := t.c.Exec(ctx, `INSERT INTO digests (id, date, from_at, to_at, zone, created, built, sent, stories, empty, document)
		VALUES ($1,$2,$3,$4,$5,$6,$7,$8,$9,$10,$11) ON CONFLICT (id, date) DO NOTHING`,
		d.ID, d.Date, ms(d.From), ms(d.To), d.Zone, ms(d.Created), ms(d.Built), ms(d.Sent), d.Stories, d.Empty, blob(d.Document))
	return n > 0, err
}

// SaveDigest implements store.DigestWriter. The window stays as it was opened.
func (t *Tx) SaveDigest(ctx context.Context, d store.Digest) error {
	return t.must(ctx, fmt.Errorf("digest %s/%s: %w", d.ID, d.Date, store.ErrNotFound),
		`UPDATE digests SET built = $3, sent = $4, stories = $5, empty = $6, document = $7 WHERE id = $1 AND date = $2`,
		d.ID, d.Date, ms(d.Built), ms(d.Sent), d.Stories, d.Empty, blob(d.Document))
}
