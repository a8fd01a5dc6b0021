package ingest

import (
	"context"
	"errors"
	"time"

	"watcher/feeds"
	"watcher/feeds/fetch"
	"watcher/feeds/pace"
	"watcher/feeds/parse"
	"watcher/internal/store"
)

// reading is a document and what is needed to read it once more, whole.
type reading struct {
	parse.Document
	cut  []uint64 // raw hashes of the entries that were left out as known
	body []byte
	opt  parse.Options
}

// read parses a body; what is no feed becomes an outcome of its own. Entries
// whose bytes are those of a stored item are cut out before parsing: they cost
// more than all else of a poll that brings little.
func (in *Ingest) read(ctx context.Context, f feeds.Feed, st feeds.State, res fetch.Result, o pace.Outcome) (reading, pace.Outcome) {
	d := reading{body: res.Body, opt: parse.Options{URL: o.FinalURL, ContentType: res.ContentType, Feed: f}}
	var dates []time.Time
	opt := d.opt
	if known := in.rawHashes(ctx, f, st); len(known) > 0 {
		opt.Known = func(raw uint64) bool {
			date, ok := known[raw]
			if ok {
				d.cut, dates = append(d.cut, raw), append(dates, date)
			}
			return ok
		}
	}
	var err error
	d.Document, err = parse.Parse(res.Body, opt)
	var no *parse.NotFeedError
	switch {
	case errors.As(err, &no):
		return d, o.Unread(res.Body, no.Error(), no.Alternates...)
	case err != nil:
		return d, o.Unread(res.Body, err.Error())
	case res.Truncated && len(d.Items)+d.Skipped == 0:
		return d, o.Unread(res.Body, "")
	}
	doc := pace.Doc{Items: len(d.Items) + d.Skipped, TTL: d.TTL, Every: d.UpdatePeriod, SkipHours: d.SkipHours, SkipDays: d.SkipDays,
		Malformed: d.Malformed, Title: d.Title, SiteLink: d.Link, Hub: d.Hub, HubTopic: d.HubTopic, Published: dates}
	for _, it := range d.Items {
		doc.Published = append(doc.Published, it.Published)
	}
	for _, w := range d.Warnings {
		in.Log.Debug("entry passed over", "feed", f.ID, "err", w)
	}
	return d, o.Read(doc)
}

// rawHashes are those of the feed's newest items, with their dates. Without
// them a document is read whole, so that an error is no reason to stop.
func (in *Ingest) rawHashes(ctx context.Context, f feeds.Feed, st feeds.State) (known map[uint64]time.Time) {
	if !st.Baseline {
		return nil
	}
	err := in.Store.View(ctx, func(r store.Reader) (err error) {
		known, err = r.RawHashes(ctx, f.ID)
		return err
	})
	if err != nil {
		return nil
	}
	return known
}

// whole reads all entries of the document again.
func (d *reading) whole() error {
	doc, err := parse.Parse(d.body, d.opt)
	if err == nil {
		d.Document, d.cut = doc, nil
	}
	return err
}
