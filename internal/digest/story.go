package digest

import (
	"cmp"
	"context"
	"encoding/json"
	"maps"
	"slices"
	"strings"
	"time"

	"watcher/feeds"
	"watcher/internal/store"
	"watcher/notify"
)

const (
	summaryBytes = 260 // about two lines
	titleBytes   = 220
	maxLinks     = 3
	maxReasons   = 5
)

// neutral orders kinds of publisher by how little a headline of theirs speaks
// for a side.
var neutral = []feeds.Kind{feeds.Wire, feeds.Public, feeds.Independent, feeds.Exile, feeds.StateFunded, feeds.Official, feeds.StateRun, feeds.Aggregator}

func neutrality(k feeds.Kind) int {
	if i := slices.Index(neutral, k); i >= 0 {
		return i
	}
	return slices.Index(neutral, feeds.Independent)
}

// story draws up one story from its row and its items before the window's end.
func (b *builder) story(ctx context.Context, row store.Story, its []store.Item) (Story, error) {
	lead := leadOf(row, its)
	s := Story{
		Ref:     b.ref(row.ID, lead.Title, cmp.Or(lead.Lang, row.Lang)),
		Summary: feeds.Clip(feeds.OneLine(feeds.PlainText(cmp.Or(lead.Summary, lead.Content))), summaryBytes),
		State:   "new", Late: b.late[row.ID], Starred: b.starred[row.ID], Topics: row.Topics, Score: row.Score,
		Bars: bars(its, b.from, b.to), Links: []Article{}, Why: []Reason{},
	}
	if s.Summary == s.Title {
		s.Summary = ""
	}
	for _, it := range its {
		at := Seen(it)
		if at.IsZero() {
			continue
		}
		if s.FirstSeen.IsZero() || at.Before(s.FirstSeen) {
			s.FirstSeen = at.UTC()
		}
		if at.After(s.LastSeen) {
			s.LastSeen = at.UTC()
		}
		if b.inside(it) {
			s.NewArticles++
		}
	}
	if s.NewArticles < len(its) && s.FirstSeen.Before(b.from) {
		s.State = "grew"
	}
	b.spread(&s, row, its)
	s.Links = b.links(lead, its)
	if err := b.why(ctx, &s, lead, its); err != nil {
		return s, err
	}
	s.Rank = rank(s.Publishers, kindsIn(s.Kinds), s.Score-s.Threshold, b.to.Sub(s.LastSeen), s.Bars)
	return s, nil
}

func (b *builder) ref(id, headline, lang string) Ref {
	headline = feeds.Clip(feeds.OneLine(headline), titleBytes)
	return Ref{ID: id, Title: cmp.Or(headline, "(no headline)"), Lang: lang, Dir: Dir(lang, headline)}
}

// spread counts who carries the story. A row that saw nothing after the window
// is taken as it stands, so that the digest says what the alerts said.
func (b *builder) spread(s *Story, row store.Story, its []store.Item) {
	if row.LastSeen.Before(b.to) && row.Articles > 0 {
		s.Articles, s.Outlets, s.Publishers, s.Kinds, s.Languages = row.Articles, row.Outlets, row.Publishers, row.Kinds, row.Languages
	} else {
		s.Articles = len(its)
		outlets, langs, kinds := map[string]bool{}, map[string]bool{}, map[string]string{}
		for _, it := range its {
			outlets[it.Source] = true
			if it.Lang != "" {
				langs[it.Lang] = true
			}
			if it.FeedKind != feeds.Aggregator && it.WireCopyOf == 0 {
				kinds[it.Publisher] = string(it.FeedKind)
			}
		}
		s.Outlets, s.Publishers, s.Kinds = len(outlets), len(kinds), map[string]int{}
		for _, k := range kinds {
			s.Kinds[cmp.Or(k, string(feeds.Independent))]++
		}
		s.Languages = slices.Sorted(maps.Keys(langs))
	}
	if s.Kinds == nil {
		s.Kinds = map[string]int{}
	}
	s.Languages = Languages(s.Languages)
}

// Languages are languages without their regions, each once: en-us and en-gb
// are one to a reader. The result is not nil.
func Languages(tags []string) []string {
	out := []string{}
	for _, t := range tags {
		base, _, _ := strings.Cut(t, "-")
		if base != "" && !slices.Contains(out, base) {
			out = append(out, base)
		}
	}
	return out
}

func kindsIn(kinds map[string]int) int {
	n := 0
	for k, c := range kinds {
		if c > 0 && k != string(feeds.Aggregator) {
			n++
		}
	}
	return n
}

// leadOf picks the headline that most publishers carry, of the most neutral
// kind where several do, the story's own lead first among equals.
func leadOf(row store.Story, its []store.Item) store.Item {
	carried := map[string]map[string]bool{}
	for _, it := range its {
		k := headlineKey(it.Title)
		if carried[k] == nil {
			carried[k] = map[string]bool{}
		}
		carried[k][it.Publisher] = true
	}
	better := func(x, y store.Item) int {
		return cmp.Or(
			cmp.Compare(btoi(y.Title != ""), btoi(x.Title != "")),
			cmp.Compare(btoi(inLang(y, row)), btoi(inLang(x, row))),
			cmp.Compare(len(carried[headlineKey(y.Title)]), len(carried[headlineKey(x.Title)])),
			cmp.Compare(neutrality(x.FeedKind), neutrality(y.FeedKind)),
			cmp.Compare(btoi(y.ID == row.Lead), btoi(x.ID == row.Lead)),
			cmp.Compare(btoi(y.Summary != ""), btoi(x.Summary != "")),
			Seen(x).Compare(Seen(y)), cmp.Compare(x.ID, y.ID))
	}
	return slices.MinFunc(its, better)
}

// inLang tells whether an item speaks the language of the story's own title.
func inLang(it store.Item, row store.Story) bool {
	return row.Lang == "" || it.Lang == "" || it.Lang == row.Lang
}

func headlineKey(s string) string { return strings.ToLower(feeds.OneLine(s)) }

func btoi(b bool) int {
	if b {
		return 1
	}
	return 0
}

// bars counts the articles of each 24th of the window.
func bars(its []store.Item, from, to time.Time) []int {
	out := make([]int, barCount)
	for _, it := range its {
		if at := Seen(it); !at.Before(from) && at.Before(to) {
			out[int(int64(at.Sub(from))*barCount/int64(to.Sub(from)))]++
		}
	}
	return out
}

// links picks articles of up to three publishers: the lead, then one of each
// further kind, then any.
func (b *builder) links(lead store.Item, its []store.Item) []Article {
	out := []Article{b.article(lead, "")}
	pubs, kinds := map[string]bool{lead.Publisher: true}, map[feeds.Kind]bool{lead.FeedKind: true}
	for _, newKind := range []bool{true, false} {
		for _, it := range its {
			if len(out) == maxLinks {
				return out
			}
			if webLink(it.Link) == "" || pubs[it.Publisher] || newKind && kinds[it.FeedKind] {
				continue
			}
			pubs[it.Publisher], kinds[it.FeedKind] = true, true
			out = append(out, b.article(it, ""))
		}
	}
	return out
}

func (b *builder) article(it store.Item, story string) Article {
	lang := it.Lang
	return Article{
		ID: store.ItemID(it.ID), Story: story, Outlet: b.outlet(it), Publisher: it.Publisher, Kind: string(it.FeedKind), URL: webLink(it.Link),
		Title: feeds.Clip(feeds.OneLine(it.Title), titleBytes), Lang: lang, Dir: Dir(lang, it.Title), At: Seen(it).UTC(),
	}
}

// webLink keeps only addresses that a reader may follow: a feed can name any.
func webLink(s string) string {
	if low := strings.ToLower(s); strings.HasPrefix(low, "http://") || strings.HasPrefix(low, "https://") {
		return s
	}
	return ""
}

func (b *builder) outlet(it store.Item) string {
	if it.Source != "" {
		return feeds.OneLine(it.Source)
	}
	if f, ok := b.feeds[it.Feed]; ok {
		return f.outlet
	}
	return it.Feed
}

// why collects the words that met the rules, the lead's first.
func (b *builder) why(ctx context.Context, s *Story, lead store.Item, its []store.Item) error {
	ids := []int64{lead.ID}
	for _, it := range its {
		if it.ID != lead.ID && len(ids) < 5 {
			ids = append(ids, it.ID)
		}
	}
	hits, err := b.HitsOf(ctx, ids)
	if err != nil {
		return err
	}
	known, scored := map[string]bool{}, false
	var words []Reason
	for _, id := range ids {
		for _, h := range hits[id] {
			var m notify.Match
			if json.Unmarshal(h.Record, &m) != nil {
				continue
			}
			if !scored || m.Score > s.Score {
				s.Score, s.Threshold, scored = m.Score, m.Threshold, true
			}
			for _, one := range m.Hits {
				word := strings.ToLower(one.Text)
				if one.Text != "" && !known[word] {
					known[word] = true
					words = append(words, Reason{Text: feeds.OneLine(one.Text), Via: one.Via})
				}
			}
		}
	}
	s.Why = fewReasons(words)
	return nil
}

// fewReasons picks the words to show: one for each name first, so that every
// part of a rule is seen, then further spellings while there is room; in the
// order in which they were found.
func fewReasons(words []Reason) []Reason {
	chosen, left := make([]bool, len(words)), maxReasons
	for _, again := range []bool{false, true} {
		via := map[string]bool{}
		for i, w := range words {
			if left == 0 || chosen[i] || !again && w.Via != "" && via[w.Via] {
				continue
			}
			chosen[i], via[w.Via] = true, true
			left--
		}
	}
	out := []Reason{}
	for i, w := range words {
		if chosen[i] {
			out = append(out, w)
		}
	}
	return out
}
