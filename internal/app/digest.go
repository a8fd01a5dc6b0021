package app

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"watcher/internal/config"
	"watcher/internal/digest"
	"watcher/internal/schedule"
	"watcher/internal/store"
	"watcher/notify"
)

// digestsOf turns the configuration's digests into definitions.
func digestsOf(c *config.Config, zone *time.Location) ([]digest.Definition, []config.Problem) {
	names := map[string]string{}
	var order []string
	for _, t := range c.Topics {
		names[t.ID] = t.Name
		order = append(order, t.ID)
	}
	var out []digest.Definition
	var ps []config.Problem
	for i, d := range c.Digests {
		z := zone
		if d.Timezone != "" {
			if l, err := time.LoadLocation(d.Timezone); err == nil {
				z = l
			}
		}
		at, err := schedule.ParseDaily(d.At, d.Days, z)
		if reported := config.WindowError(d.Days, d.At, d.At); err != nil && reported == nil {
			ps = append(ps, config.Problem{File: c.File, Pos: d.Pos, Path: fmt.Sprintf("digests[%d]", i), Msg: err.Error()})
		}
		def := digest.Definition{ID: d.ID, At: at, To: d.To, Top: d.Top, MinScore: d.MinScore, Empty: digest.Empty(d.Empty), AlarmAfterDays: d.AlarmAfterDays,
			CatchUp: d.CatchUp.D(), Rules: c.Hash}
		topics := d.Topics
		if len(topics) == 0 {
			topics = order
		}
		for _, id := range topics {
			def.Topics = append(def.Topics, digest.Topic{ID: id, Name: names[id]})
		}
		out = append(out, def)
	}
	return out, ps
}

// PreviewDefinition is the digest to preview: the one named, else the first,
// else one over all topics at 07:00.
func (c *Compiled) PreviewDefinition(id string) (digest.Definition, error) {
	for _, d := range c.Digests {
		if id == "" || d.ID == id {
			return d, nil
		}
	}
	if id != "" {
		return digest.Definition{}, fmt.Errorf("no digest %q in %s", id, c.Config.File)
	}
	def := digest.Definition{ID: "preview", Name: "Preview", At: schedule.Daily{Hour: 7, Zone: c.Zone}, Rules: c.Config.Hash}
	for _, t := range c.Topics {
		def.Topics = append(def.Topics, digest.Topic{ID: t.ID, Name: t.Name})
	}
	return def, nil
}

// digests makes the issues that are due.
func (a *App) digests(ctx context.Context) error {
	var errs error
	for _, def := range a.now.Load().Digests {
		made, _, err := digest.Run(ctx, a.store, def, a.Now(), newID)
		if err != nil {
			errs = errors.Join(errs, err)
			continue
		}
		if made {
			a.Log.Info("digest made", "digest", def.ID)
			a.wakeSender()
		}
	}
	return errs
}

// digestNote draws an issue for a message.
func (a *App) digestNote(d store.Digest) (notify.DigestNote, error) {
	doc, err := digest.Decode(d.Document)
	if err != nil {
		return notify.DigestNote{}, err
	}
	note, err := doc.Announce(digest.Links{Base: a.now.Load().Config.Server.PublicURL})
	if err != nil {
		return notify.DigestNote{}, err
	}
	return *note, nil
}

// SendDigest queues an issue for its receivers once more; an empty date is
// today's. It says which issue and for how many.
func (c *Compiled) SendDigest(ctx context.Context, s store.Store, id, date string, now time.Time) (string, int, error) {
	for _, def := range c.Digests {
		if def.ID == id {
			return digest.Send(ctx, s, def, date, now, newID)
		}
	}
	return date, 0, fmt.Errorf("digest %s: %w", id, store.ErrNotFound)
}

// sendDigest sends an issue to its receivers again.
func (a *App) sendDigest(ctx context.Context, id, date string) (int, error) {
	_, n, err := a.now.Load().SendDigest(ctx, a.store, id, date, a.Now())
	if err == nil {
		a.wakeSender()
	}
	return n, err
}

// digestSent notes that a receiver took an issue: the dead-man metric of a
// digest counts what readers got, not what was made.
func (a *App) digestSent(subject string) {
	id, date, _ := strings.Cut(subject, "/")
	a.Metrics.DigestOK.WithLabelValues(id).Set(float64(a.Now().Unix()))
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	err := a.store.Update(ctx, func(tx store.Tx) error {
		d, err := tx.Digest(ctx, id, date)
		if err != nil || !d.Sent.IsZero() {
			return err
		}
		d.Sent = a.Now()
		return tx.SaveDigest(ctx, d)
	})
	if err != nil {
		a.Log.Warn("digest not marked as sent", "digest", subject, "err", err)
	}
}
