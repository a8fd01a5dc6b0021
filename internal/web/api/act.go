package api

import (
	"cmp"
	"context"
	"strconv"
	"time"

	"watcher/internal/store"
)

// ok is the answer of an action without a result.
func ok(err error) (any, error) { return Done{OK: true}, err }

func (a *API) reload(q *request) (any, error) { return ok(a.Actions.Reload(q.ctx())) }

func (a *API) explain(q *request) (any, error) {
	var b ExplainBody
	if err := q.decode(&b); err != nil {
		return nil, err
	}
	id, err := itemID(b.Item)
	if err != nil {
		return nil, err
	}
	var it store.Item
	err = a.Store.View(q.ctx(), func(r store.Reader) error {
		var err error
		it, err = r.Item(q.ctx(), id)
		return err
	})
	if err != nil {
		return nil, err
	}
	return a.Rules.Explain(q.ctx(), q.PathValue("id"), it)
}

func (a *API) try(q *request) (any, error) {
	var t Trial
	if err := q.decode(&t); err != nil {
		return nil, err
	}
	if t.URL == "" && t.Title == "" && t.Text == "" {
		return nil, bad("give a title, a text or an address to try the rule on")
	}
	return a.Rules.Try(q.ctx(), t)
}

func (a *API) backtest(q *request) (any, error) {
	var b Backtest
	if err := q.decode(&b); err != nil {
		return nil, err
	}
	if b.Topic == "" && b.Rule == "" {
		return nil, bad("give a topic or a rule")
	}
	if b.To.IsZero() {
		b.To = a.Now()
	}
	if b.From.IsZero() {
		b.From = b.To.AddDate(0, 0, -14)
	}
	return a.Rules.Backtest(q.ctx(), b)
}

func (a *API) split(q *request) (any, error) {
	var b SplitBody
	if err := q.decode(&b); err != nil {
		return nil, err
	}
	var ids []int64
	for _, s := range b.Items {
		id, err := itemID(s)
		if err != nil {
			return nil, err
		}
		ids = append(ids, id)
	}
	fresh, err := a.Actions.SplitStory(q.ctx(), q.PathValue("id"), ids)
	return Done{OK: true, ID: fresh}, err
}

func (a *API) merge(q *request) (any, error) {
	var b MergeBody
	if err := q.decode(&b); err != nil {
		return nil, err
	}
	if b.From == "" {
		return nil, bad("from is empty: name the story whose articles come in")
	}
	return ok(a.Actions.MergeStories(q.ctx(), q.PathValue("id"), b.From))
}

func muting(muted bool) func(*API, *request) (any, error) {
	return func(a *API, q *request) (any, error) {
		return ok(a.Actions.MuteStory(q.ctx(), q.PathValue("id"), muted))
	}
}

func (a *API) mark(q *request) (any, error) {
	var b MarkBody
	if err := q.decode(&b); err != nil {
		return nil, err
	}
	return ok(a.Actions.Mark(q.ctx(), store.Mark{Story: q.PathValue("id"), Kind: store.MarkKind(b.Kind), Text: b.Text, Where: b.Where, By: a.User(q.ctx()), At: a.Now().UTC()}))
}

func (a *API) unmark(q *request) (any, error) {
	return ok(a.Actions.Unmark(q.ctx(), q.PathValue("id"), store.MarkKind(q.PathValue("kind"))))
}

func (a *API) addFeed(q *request) (any, error) {
	var b NewFeed
	if err := q.decode(&b); err != nil {
		return nil, err
	}
	if b.URL == "" {
		return nil, bad("url is empty")
	}
	f, err := a.Actions.AddFeed(q.ctx(), b)
	if err != nil {
		return nil, err
	}
	return view(a, q, func(ctx context.Context, r store.Reader) (Feed, error) {
		row, err := r.Feed(ctx, f.ID)
		return feedOf(row), err
	})
}

func (a *API) removeFeed(q *request) (any, error) {
	return ok(a.Actions.RemoveFeed(q.ctx(), q.PathValue("id")))
}

func (a *API) pollFeed(q *request) (any, error) {
	return ok(a.Actions.PollFeed(q.ctx(), q.PathValue("id")))
}

func pausing(paused bool) func(*API, *request) (any, error) {
	return func(a *API, q *request) (any, error) {
		return ok(a.Actions.PauseFeed(q.ctx(), q.PathValue("id"), paused))
	}
}

func (a *API) resend(q *request) (any, error) {
	return ok(a.Actions.ResendDelivery(q.ctx(), q.PathValue("id")))
}

func (a *API) replay(q *request) (any, error) {
	id, err := a.Actions.ReplayDelivery(q.ctx(), q.PathValue("id"))
	return Done{OK: true, ID: id}, err
}

func (a *API) drop(q *request) (any, error) {
	return ok(a.Actions.DropDelivery(q.ctx(), q.PathValue("id")))
}

func (a *API) enable(q *request) (any, error) {
	return ok(a.Actions.EnableReceiver(q.ctx(), q.PathValue("id")))
}

func resting(paused bool) func(*API, *request) (any, error) {
	return func(a *API, q *request) (any, error) {
		return ok(a.Actions.PauseReceiver(q.ctx(), q.PathValue("id"), paused))
	}
}

func (a *API) addSilence(q *request) (any, error) {
	var b NewSilence
	if err := q.decode(&b); err != nil {
		return nil, err
	}
	s, err := b.Silence(a.Now().UTC())
	if err != nil {
		return nil, err
	}
	s.Author = cmp.Or(s.Author, a.User(q.ctx()))
	id, err := a.Actions.AddSilence(q.ctx(), s)
	return Done{OK: true, ID: strconv.FormatInt(id, 10)}, err
}

// Silence is the silence that is wished for.
func (b NewSilence) Silence(now time.Time) (store.Silence, error) {
	s := store.Silence{Topics: b.Topics, Feeds: b.Feeds, Pubs: b.Pubs, Receivers: b.Receivers, Story: b.Story, Text: b.Text,
		From: b.From, Until: b.Until, Author: b.Author, Reason: b.Reason}
	if s.From.IsZero() {
		s.From = now
	}
	if b.For != "" {
		d, err := length(b.For)
		if err != nil {
			return s, err
		}
		s.Until = s.From.Add(d)
	}
	return s, nil
}

// length reads "90m", "4h" or "3d".
func length(s string) (time.Duration, error) {
	if n, err := strconv.Atoi(trimDay(s)); err == nil {
		return time.Duration(n) * 24 * time.Hour, nil
	}
	d, err := time.ParseDuration(s)
	if err != nil {
		return 0, bad("%q is no length of time (90m, 4h, 3d)", s)
	}
	return d, nil
}

// trimDay gives the number before a final d; not a number where there is none.
func trimDay(s string) string {
	if len(s) > 1 && s[len(s)-1] == 'd' {
		return s[:len(s)-1]
	}
	return "-"
}

func (a *API) endSilence(q *request) (any, error) {
	id, err := q.number("id")
	if err != nil {
		return nil, err
	}
	return ok(a.Actions.EndSilence(q.ctx(), id))
}

func (a *API) sendDigest(q *request) (any, error) {
	date := q.PathValue("date")
	if date == "today" {
		date = "" // made now where it does not stand yet
	}
	n, err := a.Actions.SendDigest(q.ctx(), q.PathValue("id"), date)
	return SentDigest{n}, err
}
