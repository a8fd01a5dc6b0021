package digest

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"watcher/feeds"
	"watcher/internal/store"
	"watcher/notify"
)

// Reader is what a digest is built from; a store.Reader is one.
type Reader interface {
	Stories(ctx context.Context, f store.StoryFilter) ([]store.Story, error)
	Story(ctx context.Context, id string) (store.Story, error)
	StoryItems(ctx context.Context, id string) ([]store.Item, error)
	Items(ctx context.Context, f store.ItemFilter) ([]store.Item, error)
	HitsOf(ctx context.Context, items []int64) (map[int64][]store.Hit, error)
	Revisions(ctx context.Context, f store.RevisionFilter) ([]store.Revision, error)
	TopicVolume(ctx context.Context, topic string, from, to time.Time) ([]store.Volume, error)
	Feeds(ctx context.Context, f store.FeedFilter) ([]store.FeedRow, error)
	Deliveries(ctx context.Context, f store.DeliveryFilter) ([]notify.Delivery, error)
	Marks(ctx context.Context, stories []string) (map[string][]store.Mark, error)
	AllMarks(ctx context.Context, from, to time.Time) ([]store.Mark, error)
	Digest(ctx context.Context, id, date string) (store.Digest, error)
	Digests(ctx context.Context, id, before string, limit int) ([]store.Digest, error)
}

// Bounds of a document, so that the mail stays under what Gmail clips.
const (
	maxTop         = 7
	maxAlso        = 40
	maxSingle      = 15
	maxRead        = 400 // stories whose articles are read
	maxCorrections = 12
	maxOfficial    = 12
	maxHoles       = 20
	maxQuiet       = 5
	maxRows        = 5000
	maxDeliveries  = 5000
	barCount       = 24
	overlap        = 15 * time.Minute // a poll that began before the window's end commits within it
)

// builder is one run of Build.
type builder struct {
	Reader
	def      Definition
	from, to time.Time
	now      time.Time
	zone     *time.Location
	prev     store.Digest // the issue before; zero: none
	prevLast int64        // its newest item; 0: unknown
	names    map[string]string
	feeds    map[string]source

	doc     Document
	items   map[string][]store.Item // of each story of the window, its items before To
	late    map[string]bool         // stories whose alert expired untold
	starred map[string]bool
	hidden  map[string]bool // dismissed or muted
	pubs    map[string]bool
}

// source is what is said of a feed beside its items.
type source struct{ outlet, lang string }

// Build makes the document of the window [from, to). The same store, window
// and now give the same document.
func Build(ctx context.Context, r Reader, def Definition, from, to, now time.Time) (Document, error) {
	b := &builder{Reader: r, def: def, from: from.UTC(), to: to.UTC(), now: now.UTC(),
		zone: def.At.Zone, names: map[string]string{}, feeds: map[string]source{}, items: map[string][]store.Item{},
		late: map[string]bool{}, starred: map[string]bool{}, hidden: map[string]bool{}, pubs: map[string]bool{}}
	if b.zone == nil {
		b.zone = time.UTC
	}
	if !b.from.Before(b.to) {
		return Document{}, fmt.Errorf("digest %s: the window from %s to %s is empty", def.ID, from.Format(time.RFC3339), to.Format(time.RFC3339))
	}
	for _, t := range def.Topics {
		b.names[t.ID] = cmp.Or(t.Name, t.ID)
	}
	b.head()
	for _, step := range []func(context.Context) error{b.readPrevious, b.readFeeds, b.readDeliveries, b.readStories, b.readStars, b.readCorrections, b.readTopics, b.readQuiet, b.finish} {
		if err := step(ctx); err != nil {
			return Document{}, fmt.Errorf("digest %s of %s: %w", def.ID, b.doc.Date, err)
		}
	}
	return b.doc, nil
}

func (b *builder) head() {
	local := b.to.In(b.zone)
	b.doc = Document{
		Schema: Schema, ID: b.def.ID, Date: local.Format(time.DateOnly), Name: cmp.Or(b.def.Name, Title(b.def.ID)),
		Zone: b.zone.String(), From: b.from, To: b.to, Built: b.now, Rules: b.def.Rules,
		Starred: []Starred{}, Top: []Story{}, Also: []Story{}, Single: []Story{}, Corrections: []Correction{}, Official: []Article{},
		Topics: []TopicCount{}, Changes: Changes{WentQuiet: []Ref{}, Topics: []TopicChange{}},
		Coverage: Coverage{Feeds: []FeedHole{}, Held: map[string]int{}},
	}
	b.doc.setDate(b.doc.Date)
}

// setDate names the issue by its local date.
func (d *Document) setDate(date string) {
	d.Date = date
	d.Title = d.Name
	if day, err := time.Parse(time.DateOnly, date); err == nil {
		d.Title += ", " + day.Format("Mon 2 Jan 2006")
	}
}

// Title makes a name of an id: morning -> Morning digest.
func Title(id string) string {
	s := strings.ReplaceAll(strings.ReplaceAll(id, "-", " "), "_", " ")
	if s != "" {
		s = strings.ToUpper(s[:1]) + s[1:]
	}
	if !strings.Contains(strings.ToLower(s), "digest") {
		s += " digest"
	}
	return strings.TrimSpace(s)
}

func (b *builder) readPrevious(ctx context.Context) error {
	list, err := b.Digests(ctx, b.def.ID, b.doc.Date, 1)
	if err != nil || len(list) == 0 {
		return err
	}
	b.prev, err = b.Digest(ctx, b.def.ID, list[0].Date)
	if errors.Is(err, store.ErrNotFound) {
		return nil
	}
	if err == nil && b.prev.To.Equal(b.from) {
		doc, bad := Decode(b.prev.Document)
		if bad == nil {
			b.prevLast = doc.LastItem
		}
	}
	return err
}

func (b *builder) readFeeds(ctx context.Context) error {
	return store.EachFeed(ctx, b, store.FeedFilter{}, func(f store.FeedRow) {
		b.feeds[f.Feed.ID] = source{f.Feed.Outlet(f.State.Title), f.Feed.Lang}
		if f.Feed.Removed || f.Feed.Paused || f.State.Phase == feeds.Paused {
			return
		}
		b.doc.Head.Feeds++
		hole, ok := holeOf(f)
		if !ok {
			b.doc.Head.FeedsHealthy++
		} else if len(b.doc.Coverage.Feeds) < maxHoles {
			b.doc.Coverage.Feeds = append(b.doc.Coverage.Feeds, hole)
		}
	})
}

// holeOf tells whether a feed is a hole in the coverage, and which.
func holeOf(f store.FeedRow) (FeedHole, bool) {
	h := FeedHole{ID: f.Feed.ID, Name: f.Feed.Outlet(f.State.Title), Since: f.State.LastOK, Usual: f.State.Rhythm, Problem: feeds.OneLine(f.State.LastError)}
	switch {
	case f.State.Phase == feeds.Gone:
		h.State = "gone"
	case f.State.Phase == feeds.BackOff || f.State.Health == "failing":
		h.State, h.Since = "failing", f.State.FirstFail
	case f.State.Health == "stale":
		h.State, h.Since = "stale", f.State.LastNew
	default:
		return h, false
	}
	return h, true
}

// readDeliveries counts what was told and what was not, and why.
func (b *builder) readDeliveries(ctx context.Context) error {
	counts := map[string]*TopicCount{}
	for _, t := range b.def.Topics {
		b.doc.Topics = append(b.doc.Topics, TopicCount{ID: t.ID, Name: b.names[t.ID], Held: map[string]int{}})
	}
	for i := range b.doc.Topics {
		counts[b.doc.Topics[i].ID] = &b.doc.Topics[i]
	}
	ds, err := b.Deliveries(ctx, store.DeliveryFilter{From: b.from.Add(-48 * time.Hour), To: b.to, Limit: maxDeliveries})
	if err != nil {
		return err
	}
	for _, d := range ds {
		switch d.Type {
		case notify.StoryNew, notify.StoryUpdated:
		case notify.DigestReady:
			if d.State == notify.Dead && strings.HasPrefix(d.Subject, b.def.ID+"/") {
				b.doc.Coverage.Undelivered++
			}
			continue
		default:
			continue
		}
		if d.State == notify.Expired {
			b.late[d.Subject] = true
		}
		if d.Created.Before(b.from) || !b.wanted(d.Topics, d.Topic) {
			continue
		}
		c := counts[d.Topic]
		switch d.State {
		case notify.Delivered:
			if c != nil {
				c.Told++
			}
		case notify.Held, notify.Expired, notify.Dead:
			why := heldWhy(d)
			b.doc.Coverage.Held[why]++
			if c != nil {
				c.Held[why]++
			}
		}
	}
	return nil
}

// heldWhy is the reason for which a delivery was not told, in a word or two.
func heldWhy(d notify.Delivery) string {
	switch d.State {
	case notify.Expired:
		return "expired"
	case notify.Dead:
		return "not delivered"
	}
	// What follows a colon and a blank are particulars; "until 07:41" has none.
	why, _, _ := strings.Cut(feeds.OneLine(d.Note), ": ")
	return cmp.Or(strings.ReplaceAll(why, "_", " "), "held")
}

// wanted tells whether any of the topics is one of the digest's.
func (b *builder) wanted(topics []string, more ...string) bool {
	if len(b.def.Topics) == 0 {
		return true
	}
	return slices.ContainsFunc(append(more, topics...), func(t string) bool { return b.names[t] != "" })
}

// finish counts what all sections together say.
func (b *builder) finish(ctx context.Context) error {
	b.doc.Head.Publishers = len(b.pubs)
	b.doc.Changes.Corrected = len(b.doc.Corrections)
	newest, err := b.Items(ctx, store.ItemFilter{Limit: 1})
	if err != nil {
		return err
	}
	for _, it := range newest {
		b.doc.LastItem = it.ID
	}
	b.doc.Empty = len(b.doc.Top)+len(b.doc.Also)+len(b.doc.Single) == 0
	if !b.doc.Empty {
		return nil
	}
	b.doc.EmptyDays = 1
	if b.prev.Empty {
		if before, bad := Decode(b.prev.Document); bad == nil {
			b.doc.EmptyDays = before.EmptyDays + 1
		}
	}
	days := cmp.Or(b.def.AlarmAfterDays, 3)
	b.doc.Alarm = b.doc.EmptyDays%days == 0
	return nil
}
