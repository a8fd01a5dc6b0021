// Package message turns a delivery's row into what it says: a notify.Message,
// composed from the store at the first try, so that articles that came while
// it waited are in it. Which deliveries there are was decided before; how a
// service wants to hear it is its kind's part.
package message

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"time"

	"golang.org/x/text/language"

	"watcher/feeds"
	"watcher/internal/store"
	"watcher/notify"
)

// Composer composes messages. Its fields are set once.
type Composer struct {
	Store store.Store
	// Topic tells name and priority of a configured topic.
	Topic func(id string) (notify.Topic, bool)
	// Digest draws the note of a stored issue.
	Digest    func(d store.Digest) (notify.DigestNote, error)
	PublicURL func() string
	Now       func() time.Time
}

// The most that a message holds, whatever its service takes.
const (
	maxArticles = 12
	maxSummary  = 400 // characters
	maxRead     = 200 // articles of a story that are read
	lateAfter   = time.Hour
	quietAfter  = 24 * time.Hour
)

// Compose says what a delivery tells. An error that wraps notify.ErrUnknown
// means that what it was about is no longer there.
func (c *Composer) Compose(ctx context.Context, d notify.Delivery) (notify.Message, error) {
	m := notify.Message{Schema: notify.Schema, Type: d.Type, ID: d.ID, Timestamp: d.Created.UTC(), Sequence: d.Sequence, Reason: d.Reason,
		Topics: d.Topics, Event: d.Event, Test: d.Type == notify.Test}
	if m.Topics == nil {
		m.Topics = []string{}
	}
	if d.ReplayOf != "" {
		m.ReplayOf = &d.ReplayOf
	}
	m.Late = c.Now().Sub(latest(d.Created, d.NotBefore)) > lateAfter
	if d.Topic != "" {
		t, ok := c.Topic(d.Topic)
		if !ok {
			t = notify.Topic{ID: d.Topic, Name: d.Topic, Priority: d.Priority}
		}
		t.URL = c.link("topics", d.Topic)
		m.Topic = &t
	}
	err := c.Store.View(ctx, func(r store.Reader) error {
		switch {
		case strings.HasPrefix(string(d.Type), "story.") && d.Type != notify.Rollup:
			return c.story(ctx, r, d, &m)
		case d.Type == notify.DigestReady:
			return c.digest(ctx, r, d, &m)
		}
		return nil
	})
	if errors.Is(err, store.ErrNotFound) {
		err = fmt.Errorf("%s %s: %w", d.Type, d.Subject, notify.ErrUnknown)
	}
	return m, err
}

func latest(a, b time.Time) time.Time {
	if b.After(a) {
		return b
	}
	return a
}

func (c *Composer) digest(ctx context.Context, r store.Reader, d notify.Delivery, m *notify.Message) error {
	id, date, _ := strings.Cut(d.Subject, "/")
	issue, err := r.Digest(ctx, id, date)
	if err != nil {
		return err
	}
	note, err := c.Digest(issue)
	if err != nil {
		return fmt.Errorf("digest %s: %w", d.Subject, err)
	}
	note.URL = c.link("digests", id, date)
	m.Digest = &note
	return nil
}

// story fills in a message about a story, or about one item of a topic that
// alerts by item (subject "item:a_…").
func (c *Composer) story(ctx context.Context, r store.Reader, d notify.Delivery, m *notify.Message) error {
	id := d.Subject
	if d.Event != nil { // it went quiet, or was corrected
		id = d.Event.Subject
	}
	var only int64
	if item, ok := strings.CutPrefix(d.Subject, "item:"); ok {
		n, err := store.ParseItemID(item)
		if err != nil {
			return fmt.Errorf("%w: %v", store.ErrNotFound, err)
		}
		it, err := r.Item(ctx, n)
		if err != nil {
			return err
		}
		id, only = it.Story, n
	}
	s, err := r.Story(ctx, id)
	if err != nil {
		return err
	}
	items, err := c.items(ctx, r, s)
	if err != nil {
		return err
	}
	if only != 0 {
		items = pick(items, only)
	}
	before, err := c.before(ctx, r, d)
	if err != nil {
		return err
	}
	m.Story = c.about(s, items)
	m.Links = notify.Links{Explain: c.link("stories", s.ID), Mute: c.link("stories", s.ID) + "#mute"}
	if c.PublicURL() == "" {
		m.Links = notify.Links{}
	}
	shown := order(items, s.Lead, before.at)
	if len(shown) > maxArticles {
		shown = shown[:maxArticles]
	}
	if only == 0 {
		m.Truncated.Articles = max(s.Articles-len(shown), 0)
	}
	if d.Sequence > 1 {
		m.Changes = changes(s, items, before)
	}
	return c.articles(ctx, r, d, m, shown)
}

// items gives a story's articles, oldest first; of a very large story the
// newest, and its lead.
func (c *Composer) items(ctx context.Context, r store.Reader, s store.Story) ([]store.Item, error) {
	if s.Articles <= maxRead {
		return r.StoryItems(ctx, s.ID)
	}
	items, err := r.Items(ctx, store.ItemFilter{Story: s.ID, Limit: maxRead})
	if err != nil {
		return nil, err
	}
	slices.Reverse(items)
	if !slices.ContainsFunc(items, func(it store.Item) bool { return it.ID == s.Lead }) {
		lead, err := r.Item(ctx, s.Lead)
		if err != nil {
			return nil, err
		}
		items = slices.Insert(items, 0, lead)
	}
	return items, nil
}

func pick(items []store.Item, id int64) []store.Item {
	for _, it := range items {
		if it.ID == id {
			return []store.Item{it}
		}
	}
	return items
}

// told is what the receiver was told last of a story.
type told struct {
	at                   time.Time
	articles, publishers int
	title                string
}

// before reads the last message that this receiver took about the subject.
func (c *Composer) before(ctx context.Context, r store.Reader, d notify.Delivery) (told, error) {
	if d.Sequence <= 1 {
		return told{}, nil
	}
	ds, err := r.Deliveries(ctx, store.DeliveryFilter{Receiver: d.Receiver, Subject: d.Subject, States: []notify.DeliveryState{notify.Delivered}, Limit: 1})
	if err != nil || len(ds) == 0 {
		return told{}, err
	}
	var m notify.Message
	if err := json.Unmarshal(ds[0].Payload, &m); err != nil || m.Story == nil {
		return told{at: ds[0].LastAt}, nil
	}
	return told{ds[0].LastAt, m.Story.Articles, m.Story.Publishers, m.Story.Title}, nil
}

func changes(s store.Story, items []store.Item, b told) *notify.Changes {
	ch := &notify.Changes{NewArticles: max(s.Articles-b.articles, 0), NewPublishers: max(s.Publishers-b.publishers, 0)}
	if b.title != "" && b.title != s.Title {
		ch.PreviousTitle = &b.title
	}
	seen := map[string]bool{}
	for _, it := range items {
		if it.StoryKind != "update" || !it.FirstSeen.After(b.at) {
			continue
		}
		for _, f := range facts(it.Why) {
			if !seen[f] && len(ch.Facts) < 6 {
				seen[f] = true
				ch.Facts = append(ch.Facts, f)
			}
		}
	}
	return ch
}

// facts reads the new figures and events out of the grouping's record.
func facts(record []byte) []string {
	var g struct {
		Why struct {
			Figures []string `json:"figures"`
			Events  []string `json:"events"`
		} `json:"why"`
	}
	if json.Unmarshal(record, &g) != nil {
		return nil
	}
	return append(g.Why.Figures, g.Why.Events...)
}

// order puts what is new since the last message first, newest on top: before it
// what moved the story on, or the lead in a first message.
func order(items []store.Item, lead int64, since time.Time) []store.Item {
	var first, fresh, old []store.Item
	for i := len(items) - 1; i >= 0; i-- {
		switch it := items[i]; {
		case since.IsZero() && it.ID == lead, !since.IsZero() && it.StoryKind == "update" && it.FirstSeen.After(since):
			first = append(first, it)
		case it.FirstSeen.After(since):
			fresh = append(fresh, it)
		default:
			old = append(old, it)
		}
	}
	return append(append(first, fresh...), old...)
}

func (c *Composer) about(s store.Story, items []store.Item) *notify.Story {
	now := c.Now()
	perHour, came := 0, s.LastSeen
	for _, it := range items {
		if it.FirstSeen.After(came) {
			came = it.FirstSeen
		}
		if now.Sub(it.FirstSeen) <= time.Hour {
			perHour++
		}
	}
	state := "new"
	switch {
	case now.Sub(came) >= quietAfter: // as story.quiet goes
		state = "quiet"
	case s.Articles > 1:
		state = "growing"
	}
	out := &notify.Story{ID: s.ID, URL: c.link("stories", s.ID), Title: s.Title, Lang: s.Lang, Dir: Dir(s.Lang, s.Title), State: state,
		FirstSeen: s.FirstSeen.UTC(), LastSeen: s.LastSeen.UTC(), Articles: s.Articles, Outlets: s.Outlets, Publishers: s.Publishers,
		Languages: s.Languages, Kinds: s.Kinds, PerHour: perHour, Score: s.Score, MergedFrom: s.MergedFrom}
	if out.Languages == nil {
		out.Languages = []string{}
	}
	if out.Kinds == nil {
		out.Kinds = map[string]int{}
	}
	if out.MergedFrom == nil {
		out.MergedFrom = []string{}
	}
	return out
}

func (c *Composer) articles(ctx context.Context, r store.Reader, d notify.Delivery, m *notify.Message, items []store.Item) error {
	ids := make([]int64, len(items))
	for i, it := range items {
		ids[i] = it.ID
	}
	hits, err := r.HitsOf(ctx, ids)
	if err != nil {
		return err
	}
	for _, it := range items {
		a := notify.Article{ID: store.ItemID(it.ID), Feed: it.Feed, Outlet: it.Source, Publisher: it.Publisher, Kind: string(it.FeedKind),
			URL: it.Link, Title: it.Title, Lang: it.Lang, PublishedFrom: "fetched", Fetched: it.FirstSeen.UTC(), Summary: summary(it)}
		if !it.Published.IsZero() {
			p := it.Published.UTC()
			a.Published, a.PublishedFrom = &p, "feed"
		}
		if it.WireCopyOf != 0 {
			of := store.ItemID(it.WireCopyOf)
			a.WireCopyOf = &of
		}
		for _, h := range hits[it.ID] {
			if h.Topic == d.Topic || a.Match == nil {
				var match notify.Match
				if json.Unmarshal(h.Record, &match) == nil {
					a.Match = &match
				}
			}
		}
		m.Articles = append(m.Articles, a)
	}
	return nil
}

func summary(it store.Item) string {
	text := feeds.PlainText(it.Summary)
	if text == "" {
		text = feeds.PlainText(it.Content)
	}
	text = feeds.OneLine(text)
	runes := []rune(text)
	if len(runes) <= maxSummary {
		return text
	}
	return feeds.Clip(string(runes[:maxSummary]), len(string(runes[:maxSummary]))-4)
}

func (c *Composer) link(parts ...string) string {
	if c.PublicURL() == "" {
		return ""
	}
	out := strings.TrimRight(c.PublicURL(), "/")
	for _, p := range parts {
		out += "/" + url.PathEscape(p)
	}
	return out
}

// Dir is the direction of a text: by its language, else by its letters.
func Dir(lang, text string) string {
	if lang != "" {
		if tag, err := language.Parse(lang); err == nil {
			script, _ := tag.Script()
			switch script.String() {
			case "Arab", "Hebr", "Syrc", "Thaa", "Nkoo", "Adlm":
				return "rtl"
			}
			return "ltr"
		}
	}
	for _, r := range text {
		switch {
		case r >= 0x590 && r < 0x900, r >= 0xfb1d && r < 0xfdff, r >= 0xfe70 && r < 0xfeff:
			return "rtl"
		case r >= 'A' && r <= 'Z', r >= 'a' && r <= 'z', r >= 0xc0 && r < 0x590:
			return "ltr"
		}
	}
	return "ltr"
}
