package digest

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"watcher/internal/store"
	"watcher/notify"
)

// Slot is an issue that is due.
type Slot struct {
	Date     string
	From, To time.Time
}

// Issues is what Due reads; a store.Reader is one.
type Issues interface {
	Digests(ctx context.Context, id, before string, limit int) ([]store.Digest, error)
	Items(ctx context.Context, f store.ItemFilter) ([]store.Item, error)
}

// Due tells which issue is due now, if any, and when to ask again. The window
// is half-open and begins where the last issue's ended: no gap, no overlap. An
// instant missed by more than CatchUp is passed over; its news folds into the
// next issue. A date that has its issue is never due again. The first issue of
// all begins an instant before its own, and is due only where news had been
// gathered by then: a daemon started at noon for the first time missed nothing.
func Due(ctx context.Context, r Issues, def Definition, now time.Time) (slot Slot, due bool, next time.Time, err error) {
	next = def.At.Next(now)
	at := def.At.Last(now)
	last, err := r.Digests(ctx, def.ID, "", 1)
	if err != nil {
		return Slot{}, false, next, fmt.Errorf("digest %s: %w", def.ID, err)
	}
	slot = Slot{Date: def.At.Date(at), From: def.At.Last(at.Add(-time.Nanosecond)), To: at}
	if now.Sub(at) >= time.Minute {
		slot.To = now // late: take in what has come since
	}
	if at.IsZero() || now.Sub(at) > cmp.Or(def.CatchUp, 6*time.Hour) {
		return Slot{}, false, next, nil
	}
	if len(last) > 0 {
		if last[0].Date >= slot.Date {
			return Slot{}, false, next, nil
		}
		slot.From = last[0].To
	} else if now.Sub(at) >= time.Minute {
		oldest, err := r.Items(ctx, store.ItemFilter{To: at, Oldest: true, Limit: 1})
		if err != nil || len(oldest) == 0 {
			return Slot{}, false, next, err
		}
	}
	return slot, slot.From.Before(slot.To), next, nil
}

// errDone rolls back a transaction whose work another replica has done.
var errDone = errors.New("this issue exists already")

// Run makes the issue that is due, if any, and says when to call again. The
// row, its document and its deliveries are written in one transaction: a crash
// before it repeats everything, one after it loses nothing, and of two replicas
// one writes. newID makes a delivery's id (msg_ULID).
func Run(ctx context.Context, s store.Store, def Definition, now time.Time, newID func() string) (made bool, next time.Time, err error) {
	var slot Slot
	var doc Document
	due := false
	err = s.View(ctx, func(r store.Reader) error {
		var err error
		if slot, due, next, err = Due(ctx, r, def, now); err != nil || !due {
			return err
		}
		if doc, err = Build(ctx, r, def, slot.From, slot.To, now); err == nil {
			doc.setDate(slot.Date)
		}
		return err
	})
	if err != nil || !due {
		return false, next, err
	}
	err = Issue(ctx, s, def, doc, now, newID)
	if errors.Is(err, errDone) {
		return false, next, nil
	}
	return err == nil, next, err
}

// Issue stores a document as the issue of its date and enqueues its deliveries.
func Issue(ctx context.Context, s store.Store, def Definition, doc Document, now time.Time, newID func() string) error {
	data, err := doc.Encode()
	if err != nil {
		return err
	}
	row := store.Digest{ID: doc.ID, Date: doc.Date, From: doc.From, To: doc.To, Zone: doc.Zone, Created: now.UTC(), Built: now.UTC(),
		Stories: doc.Head.Stories, Empty: doc.Empty, Document: data}
	return s.Update(ctx, func(tx store.Tx) error {
		created, err := tx.OpenDigest(ctx, row)
		switch {
		case err != nil:
			return fmt.Errorf("digest %s of %s: %w", doc.ID, doc.Date, err)
		case !created:
			return errDone
		}
		if err := tx.SaveDigest(ctx, row); err != nil {
			return fmt.Errorf("digest %s of %s: %w", doc.ID, doc.Date, err)
		}
		if !tells(def, doc) {
			return nil
		}
		return tx.Enqueue(ctx, deliveries(def, doc, 1, now, newID))
	})
}

// tells is false for an empty issue that its owner wants skipped, unless so
// many were empty that silence itself is news.
func tells(def Definition, doc Document) bool {
	return !doc.Empty || def.Empty != Skip || doc.Alarm
}

// Resend enqueues an issue once more, to its receivers or to those of them in
// only; each receives it under a new sequence.
func Resend(ctx context.Context, tx store.Tx, def Definition, date string, only []string, now time.Time, newID func() string) (int, error) {
	row, err := tx.Digest(ctx, def.ID, date)
	if err != nil {
		return 0, fmt.Errorf("digest %s of %s: %w", def.ID, date, err)
	}
	doc, err := Decode(row.Document)
	if err != nil {
		return 0, err
	}
	sent, err := tx.Deliveries(ctx, store.DeliveryFilter{Subject: doc.Key(), Types: []notify.Type{notify.DigestReady}, Limit: 1000})
	if err != nil {
		return 0, err
	}
	sequence := 1
	for _, d := range sent {
		sequence = max(sequence, d.Sequence+1)
	}
	if len(only) > 0 {
		def.To = slices.DeleteFunc(slices.Clone(def.To), func(id string) bool { return !slices.Contains(only, id) })
	}
	ds := deliveries(def, doc, sequence, now, newID)
	for i := range ds {
		ds[i].Reason = "resent"
	}
	return len(ds), tx.Enqueue(ctx, ds)
}

// Send sends an issue to its receivers once more and says which and to how
// many. An empty date is today's issue: where it does not stand yet it is made
// of what has come since the last, and what comes later belongs to tomorrow's.
func Send(ctx context.Context, s store.Store, def Definition, date string, now time.Time, newID func() string) (string, int, error) {
	n, fresh := 0, date == ""
	if fresh {
		zone := def.At.Zone
		if zone == nil {
			zone = time.UTC
		}
		date = now.In(zone).Format(time.DateOnly)
	}
	err := s.Update(ctx, func(tx store.Tx) (err error) {
		n, err = Resend(ctx, tx, def, date, nil, now, newID)
		return err
	})
	if !fresh || !errors.Is(err, store.ErrNotFound) {
		return date, n, err
	}
	var doc Document
	err = s.View(ctx, func(r store.Reader) error {
		from := now.Add(-24 * time.Hour)
		last, err := r.Digests(ctx, def.ID, "", 1)
		if err != nil {
			return err
		}
		if len(last) > 0 {
			from = last[0].To
		}
		doc, err = Build(ctx, r, def, from, now, now)
		return err
	})
	if err != nil {
		return date, 0, err
	}
	def.Empty = Short // asked for by hand: never silent
	return date, len(def.To), Issue(ctx, s, def, doc, now, newID)
}

func deliveries(def Definition, doc Document, sequence int, now time.Time, newID func() string) []notify.Delivery {
	topics := make([]string, len(def.Topics))
	for i, t := range def.Topics {
		topics[i] = t.ID
	}
	var out []notify.Delivery
	for _, to := range def.To {
		out = append(out, notify.Delivery{
			ID: newID(), Receiver: to, Type: notify.DigestReady, Subject: doc.Key(), Topics: topics, Sequence: sequence, Reason: "digest",
			Priority: notify.Normal, State: notify.Pending, Created: now.UTC(), NextAt: now.UTC(),
		})
	}
	return out
}

// Announce is what a message says of the document.
func (d *Document) Announce(l Links) (*notify.DigestNote, error) {
	page, err := d.HTML(l)
	if err != nil {
		return nil, err
	}
	return &notify.DigestNote{ID: d.ID, Date: d.Date, Title: d.Title, URL: l.Page(d), From: d.From, To: d.To,
		Stories: d.Head.Stories, Text: d.Text(l), HTML: page}, nil
}
