package api

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"watcher/feeds"
	"watcher/internal/digest"
	"watcher/internal/store"
	"watcher/notify"
)

// view runs fn on the store and hands back what it made.
func view[T any](a *API, q *request, fn func(ctx context.Context, r store.Reader) (T, error)) (any, error) {
	var out T
	if q.err != nil {
		return nil, q.err
	}
	err := a.Store.View(q.ctx(), func(r store.Reader) error {
		var err error
		out, err = fn(q.ctx(), r)
		return err
	})
	return out, err
}

func (a *API) status(q *request) (any, error) { return a.Status(q.ctx()) }

func (a *API) topics(*request) (any, error) { return TopicList{list(a.Topics)}, nil }

func (a *API) stories(q *request) (any, error) {
	f := store.StoryFilter{Topic: q.text("topic"), From: q.time("from"), To: q.time("to"), Limit: q.limit()}
	var err error
	if f.Before, f.BeforeID, err = ParseCursor(q.text("before")); err != nil {
		return nil, err
	}
	return view(a, q, func(ctx context.Context, r store.Reader) (StoryList, error) {
		out := StoryList{Stories: []Story{}}
		rows, err := r.Stories(ctx, f)
		if err != nil {
			return out, err
		}
		ids := make([]string, len(rows))
		for i, s := range rows {
			ids[i] = s.ID
		}
		marks, err := r.Marks(ctx, ids)
		for _, s := range rows {
			out.Stories = append(out.Stories, StoryOf(s, marks[s.ID]))
		}
		if len(rows) == f.Limit {
			out.Before = Cursor(rows[len(rows)-1])
		}
		return out, err
	})
}

func (a *API) story(q *request) (any, error) {
	return view(a, q, func(ctx context.Context, r store.Reader) (Story, error) {
		row, err := r.Story(ctx, q.PathValue("id"))
		if err != nil {
			return Story{}, err
		}
		marks, err := r.Marks(ctx, []string{row.ID})
		if err != nil {
			return Story{}, err
		}
		out := StoryOf(row, marks[row.ID])
		its, err := r.Items(ctx, store.ItemFilter{Story: row.ID, Oldest: true, Limit: 500})
		if err != nil {
			return out, err
		}
		out.Items, err = itemsOf(ctx, r, its)
		return out, err
	})
}

func itemsOf(ctx context.Context, r store.Reader, its []store.Item) ([]Item, error) {
	ids := make([]int64, len(its))
	for i, it := range its {
		ids[i] = it.ID
	}
	hits, err := r.HitsOf(ctx, ids)
	out := make([]Item, len(its))
	for i, it := range its {
		out[i] = ItemOf(it, hits[it.ID])
	}
	return out, err
}

// before reads an item's id of the query.
func (q *request) before() int64 {
	s := q.text("before")
	if s == "" {
		return 0
	}
	id, err := itemID(s)
	if err != nil {
		q.err = err
	}
	return id
}

func (a *API) search(q *request) (any, error) {
	f := store.SearchQuery{Text: q.text("q"), Feed: q.text("feed"), From: q.time("from"), To: q.time("to"), Before: q.before(), Limit: q.limit()}
	if f.Text == "" {
		return nil, bad("q is empty: give words to search for")
	}
	return view(a, q, func(ctx context.Context, r store.Reader) (ItemList, error) {
		res, err := r.Search(ctx, f)
		if err != nil {
			return ItemList{}, err
		}
		its, err := itemsOf(ctx, r, res.Items)
		return ItemList{its, res.More}, err
	})
}

func (a *API) items(q *request) (any, error) {
	f := store.ItemFilter{Feed: q.text("feed"), Topic: q.text("topic"), Story: q.text("story"), From: q.time("from"), To: q.time("to"), Before: q.before(), Limit: q.limit()}
	return view(a, q, func(ctx context.Context, r store.Reader) (ItemList, error) {
		rows, err := r.Items(ctx, f)
		if err != nil {
			return ItemList{}, err
		}
		its, err := itemsOf(ctx, r, rows)
		return ItemList{its, len(its) == f.Limit}, err
	})
}

func (a *API) item(q *request) (any, error) {
	id, err := itemID(q.PathValue("id"))
	if err != nil {
		return nil, err
	}
	return view(a, q, func(ctx context.Context, r store.Reader) (Item, error) {
		it, err := r.Item(ctx, id)
		if err != nil {
			return Item{}, err
		}
		hits, err := r.Hits(ctx, id)
		return ItemOf(it, hits), err
	})
}

func (a *API) feeds(q *request) (any, error) {
	f := store.FeedFilter{Tag: q.text("tag"), After: q.text("after"), Limit: q.limit()}
	return view(a, q, func(ctx context.Context, r store.Reader) (FeedList, error) {
		rows, err := r.Feeds(ctx, f)
		out := FeedList{Feeds: []Feed{}}
		for _, row := range rows {
			out.Feeds = append(out.Feeds, feedOf(row))
		}
		if len(rows) == f.Limit {
			out.After = rows[len(rows)-1].Feed.ID
		}
		return out, err
	})
}

func (a *API) feed(q *request) (any, error) {
	return view(a, q, func(ctx context.Context, r store.Reader) (Feed, error) {
		row, err := r.Feed(ctx, q.PathValue("id"))
		return feedOf(row), err
	})
}

func (a *API) deliveries(q *request) (any, error) {
	f := store.DeliveryFilter{Receiver: q.text("receiver"), Subject: q.text("subject"), Topic: q.text("topic"), From: q.time("from"), To: q.time("to"), Before: q.text("before"), Limit: q.limit()}
	for _, s := range strings.FieldsFunc(q.text("state"), func(r rune) bool { return r == ',' || r == ' ' }) {
		f.States = append(f.States, notify.DeliveryState(s))
	}
	return view(a, q, func(ctx context.Context, r store.Reader) (DeliveryList, error) {
		rows, err := r.Deliveries(ctx, f)
		out := DeliveryList{Deliveries: []Delivery{}}
		for _, d := range rows {
			out.Deliveries = append(out.Deliveries, DeliveryOf(d, nil))
		}
		if len(rows) == f.Limit {
			out.Before = rows[len(rows)-1].ID
		}
		return out, err
	})
}

func (a *API) delivery(q *request) (any, error) {
	return view(a, q, func(ctx context.Context, r store.Reader) (Delivery, error) {
		d, err := r.Delivery(ctx, q.PathValue("id"))
		if err != nil {
			return Delivery{}, err
		}
		tries, err := r.Attempts(ctx, d.ID)
		out := DeliveryOf(d, tries)
		if json.Valid(d.Payload) {
			out.Payload = d.Payload
		}
		return out, err
	})
}

func (a *API) receivers(q *request) (any, error) {
	return view(a, q, func(ctx context.Context, r store.Reader) (ReceiverList, error) {
		states, err := r.Receivers(ctx)
		if err != nil {
			return ReceiverList{}, err
		}
		counts, err := r.CountDeliveries(ctx, store.DeliveryFilter{})
		return ReceiverList{Receivers(states, counts, a.Now())}, err
	})
}

// Receivers joins states and counts; a receiver may be in either alone.
func Receivers(states []notify.ReceiverState, counts map[string]map[notify.DeliveryState]int, now time.Time) []Receiver {
	known := map[string]bool{}
	out := []Receiver{}
	for _, s := range states {
		known[s.ID] = true
		out = append(out, ReceiverOf(s, counts[s.ID], now))
	}
	for id, c := range counts {
		if !known[id] {
			out = append(out, ReceiverOf(notify.ReceiverState{ID: id}, c, now))
		}
	}
	slices.SortFunc(out, func(x, y Receiver) int { return strings.Compare(x.ID, y.ID) })
	return out
}

func (a *API) silences(q *request) (any, error) {
	return view(a, q, func(ctx context.Context, r store.Reader) (SilenceList, error) {
		rows, err := r.Silences(ctx, a.Now(), q.text("ended") == "1")
		out := SilenceList{Silences: []Silence{}}
		for _, s := range rows {
			out.Silences = append(out.Silences, SilenceOf(s))
		}
		return out, err
	})
}

func (a *API) digests(q *request) (any, error) {
	limit := q.limit()
	return view(a, q, func(ctx context.Context, r store.Reader) (IssueList, error) {
		rows, err := r.Digests(ctx, q.text("id"), q.text("before"), limit)
		out := IssueList{Digests: []Issue{}}
		for _, d := range rows {
			out.Digests = append(out.Digests, Issue{d.ID, d.Date, d.From, d.To, d.Stories, d.Empty, stamp(d.Sent)})
		}
		return out, err
	})
}

func (a *API) digest(q *request) (any, error) {
	return view(a, q, func(ctx context.Context, r store.Reader) (digest.Document, error) {
		row, err := r.Digest(ctx, q.PathValue("id"), q.PathValue("date"))
		if err != nil {
			return digest.Document{}, err
		}
		if row.Built.IsZero() {
			return digest.Document{}, fmt.Errorf("digest %s of %s is still being built: %w", row.ID, row.Date, store.ErrNotFound)
		}
		return digest.Decode(row.Document)
	})
}

func (a *API) marks(q *request) (any, error) {
	from, to := q.time("from"), q.time("to")
	if to.IsZero() {
		to = a.Now().Add(time.Second)
	}
	return view(a, q, func(ctx context.Context, r store.Reader) (MarkList, error) {
		return ListMarks(ctx, r, from, to)
	})
}

// ListMarks reads the marks of a span with the headlines of their stories; a
// story that is no longer kept has none.
func ListMarks(ctx context.Context, r store.Reader, from, to time.Time) (MarkList, error) {
	out := MarkList{Marks: []Mark{}}
	rows, err := r.AllMarks(ctx, from, to)
	titles := map[string]string{}
	for _, row := range rows {
		m := MarkOf(row)
		title, known := titles[m.Story]
		if !known {
			st, err := r.Story(ctx, m.Story)
			if err != nil && !errors.Is(err, store.ErrNotFound) {
				return out, err
			}
			title = feeds.OneLine(st.Title)
			titles[m.Story] = title
		}
		m.Title = title
		out.Marks = append(out.Marks, m)
	}
	return out, err
}

func (a *API) events(q *request) (any, error) {
	f := store.EventFilter{Subject: q.text("subject"), From: q.time("from"), Limit: q.limit()}
	return view(a, q, func(ctx context.Context, r store.Reader) (EventList, error) {
		rows, err := r.Events(ctx, f)
		out := EventList{Events: []Event{}}
		for _, e := range rows {
			out.Events = append(out.Events, Event{e.ID, e.At, string(e.Type), e.Subject, e.Title, e.Text})
		}
		return out, err
	})
}

// number reads a number of the path.
func (q *request) number(name string) (int64, error) {
	n, err := strconv.ParseInt(q.PathValue(name), 10, 64)
	if err != nil {
		return 0, bad("%q is no number", q.PathValue(name))
	}
	return n, nil
}
