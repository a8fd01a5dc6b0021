package web

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"net/http"
	"slices"
	"strings"

	"watcher/feeds"
	"watcher/internal/digest"
	"watcher/internal/store"
	"watcher/internal/web/api"
	"watcher/notify"
)

const storyArticles = 40 // on one page

type storyPage struct {
	Row      row
	Form     markForm
	Merged   string
	Muted    bool
	CanSplit bool
	Count    string
	Notes    []note
	Articles []article
	Pager    pager
	Related  []digest.Ref
	Why      []reasons
	Told     []told
}

type note struct {
	Text, By string
	At       moment
}

// reasons is why a story is under a topic: what its articles hit together.
type reasons struct {
	Topic, Name, Count string
	Words              []digest.Reason
	Score, Threshold   float64
	articles           int
}

// ScoreText is "score 6 of 3, "; empty where the rule scores nothing.
func (r reasons) ScoreText() string {
	if t := (digest.Story{Score: r.Score, Threshold: r.Threshold}).ScoreText(); t != "" {
		return t + ", "
	}
	return ""
}

type told struct {
	ID, Receiver, What, State, Class string
	At                               moment
}

// story shows a story: its articles in time, its headlines' versions, why each
// article is in it, what was told of it, and what people said.
func (s *site) story(w http.ResponseWriter, r *http.Request) error {
	var p storyPage
	id := r.PathValue("id")
	err := s.view(r, func(ctx context.Context, rd store.Reader) error {
		st, err := rd.Story(ctx, id)
		if err != nil {
			return err
		}
		rows, err := s.rows(ctx, rd, []store.Story{st})
		if err != nil {
			return err
		}
		p = storyPage{Row: rows[0], Form: formOf(r, r.URL.Query().Get("where")), Muted: st.Muted, Count: digest.Plural(st.Articles, "article", "articles")}
		if st.ID != id {
			p.Merged = id + " lives on in this story."
		} else if len(st.MergedFrom) > 0 {
			p.Merged = "Holds what was " + strings.Join(st.MergedFrom, ", ") + "."
		}
		for _, fill := range []func(context.Context, store.Reader, *http.Request, store.Story, *storyPage) error{s.storyArticles, s.storyNotes, s.storyRelated, s.storyTold} {
			if err := fill(ctx, rd, r, st, &p); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	return s.show(w, r, p.Row.Title, "", "storypage", p)
}

func (s *site) storyArticles(ctx context.Context, rd store.Reader, r *http.Request, st store.Story, p *storyPage) error {
	before, _ := store.ParseItemID(r.URL.Query().Get("before")) // a wrong one shows the newest
	its, err := rd.Items(ctx, store.ItemFilter{Story: st.ID, Before: before, Limit: storyArticles})
	if err != nil {
		return err
	}
	arts, hits, err := s.articles(ctx, rd, its)
	if err != nil {
		return err
	}
	revs, err := rd.Revisions(ctx, store.RevisionFilter{Story: st.ID, Titles: true, Limit: 100})
	if err != nil {
		return err
	}
	for _, v := range revs {
		i := slices.IndexFunc(its, func(it store.Item) bool { return it.ID == v.Item })
		if was := feeds.OneLine(v.Title); i >= 0 && was != feeds.OneLine(v.NewTitle) {
			arts[i].Versions = append(arts[i].Versions, version{feeds.Clip(was, 220), s.moment(v.At)})
		}
	}
	if len(its) == storyArticles {
		p.Pager.Older, p.Pager.OlderText = with(r, "before", store.ItemID(its[len(its)-1].ID)), "earlier articles"
	}
	if before > 0 {
		p.Pager.Newer, p.Pager.NewerText = r.URL.Path, "newest articles"
	}
	slices.Reverse(its)
	slices.Reverse(arts)
	p.Articles, p.CanSplit = arts, st.Articles > 1
	for i, it := range its {
		arts[i].Story, arts[i].Said = "", nil // this page is its story's
		arts[i].Of.Href = onPage(arts, arts[i].Of.Href, &arts[i].Of.Title)
		p.Why = s.addReasons(p.Why, hits[it.ID])
		if i >= 20 {
			continue // the page stays small; every article's record is in the API
		}
		for _, h := range hits[it.ID] {
			th := api.HitOf(h)
			th.Hits = th.Hits[:min(len(th.Hits), 6)] // the rest is in the API
			arts[i].Why = append(arts[i].Why, th)
		}
		var pretty bytes.Buffer
		if len(it.Why) > 0 && json.Indent(&pretty, it.Why, "", "  ") == nil {
			arts[i].Grouping = feeds.Clip(pretty.String(), 900)
		}
	}
	for i := range p.Why {
		p.Why[i].Count = digest.Plural(p.Why[i].articles, "article", "articles")
	}
	return nil
}

// onPage links to the article of that id where it stands on the page, and says
// whose it is.
func onPage(arts []article, id string, text *string) string {
	for _, a := range arts {
		if id != "" && a.ID == id {
			*text += " of " + a.Outlet + "’s"
			return "#" + id
		}
	}
	return ""
}

// addReasons adds what one article hit to what its story's articles hit.
func (s *site) addReasons(all []reasons, hits []store.Hit) []reasons {
	for _, h := range hits {
		i := slices.IndexFunc(all, func(r reasons) bool { return r.Topic == h.Topic })
		if i < 0 {
			i = len(all)
			all = append(all, reasons{Topic: h.Topic, Name: s.topicName(h.Topic)})
		}
		th := api.HitOf(h)
		all[i].articles++
		if th.Score > all[i].Score || all[i].articles == 1 {
			all[i].Score, all[i].Threshold = th.Score, th.Threshold
		}
		for _, w := range th.Hits {
			same := func(r digest.Reason) bool { return strings.EqualFold(r.Text, w.Text) }
			if len(all[i].Words) < 12 && !slices.ContainsFunc(all[i].Words, same) {
				all[i].Words = append(all[i].Words, digest.Reason{Text: feeds.OneLine(w.Text), Via: w.Via})
			}
		}
	}
	return all
}

func (s *site) storyNotes(ctx context.Context, rd store.Reader, _ *http.Request, st store.Story, p *storyPage) error {
	all, err := rd.Marks(ctx, []string{st.ID})
	for _, m := range all[st.ID] {
		if m.Kind == store.Note {
			p.Notes = append(p.Notes, note{feeds.OneLine(m.Text), cmp.Or(m.By, "local"), s.moment(m.At)})
		}
	}
	return err
}

func (s *site) storyRelated(ctx context.Context, rd store.Reader, _ *http.Request, st store.Story, p *storyPage) error {
	for _, id := range st.Related[:min(len(st.Related), 12)] {
		other, err := rd.Story(ctx, id)
		if err != nil || other.ID == st.ID {
			continue // pruned since, or merged into this one
		}
		p.Related = append(p.Related, digest.Ref{ID: other.ID, Title: feeds.Clip(feeds.OneLine(other.Title), 220), Lang: other.Lang, Dir: digest.Dir(other.Lang, other.Title)})
	}
	return ctx.Err()
}

func (s *site) storyTold(ctx context.Context, rd store.Reader, _ *http.Request, st store.Story, p *storyPage) error {
	ds, err := rd.Deliveries(ctx, store.DeliveryFilter{Subject: st.ID, Limit: 30})
	for _, d := range ds {
		p.Told = append(p.Told, told{d.ID, d.Receiver, whatOf(d), stateText(d), stateClass(d.State), s.moment(d.Created)})
	}
	return err
}

// whatOf says what a message tells: "Update 3: publishers reached 6".
func whatOf(d notify.Delivery) string {
	out := map[notify.Type]string{notify.StoryNew: "New story", notify.StoryUpdated: "Update", notify.StoryCorrected: "Corrected headline", notify.StoryQuiet: "Story went quiet",
		notify.DigestReady: "Digest", notify.Rollup: "What was held", notify.Test: "Test"}[d.Type]
	if out == "" {
		out = strings.TrimSuffix(sentence(strings.ReplaceAll(string(d.Type), ".", " ")), ".")
	}
	if d.Sequence > 1 {
		out += " " + itoa(d.Sequence)
	}
	if d.Reason != "" && d.Reason != "new" && d.Reason != "digest" {
		out += ": " + strings.ReplaceAll(d.Reason, "_", " ")
	}
	return out
}

// stateText is a delivery's state and why.
func stateText(d notify.Delivery) string {
	mark := map[notify.DeliveryState]string{notify.Delivered: "✓\u00a0", notify.Dead: "✗\u00a0", notify.Pending: "…\u00a0", notify.Sending: "…\u00a0", notify.Held: "⏸\u00a0", notify.Expired: "⌛\u00a0"}[d.State]
	out := mark + string(d.State)
	if d.Note != "" {
		out += ": " + strings.ReplaceAll(feeds.OneLine(d.Note), "_", " ")
	}
	return out
}

func stateClass(st notify.DeliveryState) string {
	switch st {
	case notify.Delivered:
		return "new"
	case notify.Dead:
		return "bad"
	case notify.Held, notify.Expired:
		return "warn"
	}
	return ""
}
