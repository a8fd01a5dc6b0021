package digest

import (
	"encoding/json"
	"fmt"
	"testing"
	"time"

	"watcher/feeds"
	"watcher/internal/schedule"
	"watcher/internal/store"
	"watcher/notify"
)

// The written day: a strait is closed to ferries, its neighbours negotiate.
// Every outlet, place and headline is made up.

func berlin(t testing.TB) *time.Location {
	t.Helper()
	z, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		t.Fatal(err)
	}
	return z
}

func definition(t testing.TB) Definition {
	return Definition{
		ID: "morning", Topics: []Topic{{"strait-talks", "Strait talks"}, {"ferry-safety", "Ferry safety"}},
		At: schedule.Daily{Hour: 7, Zone: berlin(t)}, To: []string{"mail", "desk"}, MinScore: 0.2, Rules: "41f2",
	}
}

// at is a moment of the day before the digest (Friday 6 February 2026) or, from
// 24 on, of its own, in UTC.
func at(hour, minute int) time.Time {
	return time.Date(2026, 2, 6, hour, minute, 0, 0, time.UTC)
}

type line struct {
	at           time.Time
	feed         string
	title, brief string
}

var outlets = map[string]store.FeedRow{
	"beacon":  {Feed: feeds.Feed{ID: "beacon", Name: "The Beacon", Publisher: "beacon", Kind: feeds.Independent, Lang: "en"}},
	"tide":    {Feed: feeds.Feed{ID: "tide", Name: "Tide Radio", Publisher: "tide", Kind: feeds.Public, Lang: "en"}},
	"courier": {Feed: feeds.Feed{ID: "courier", Name: "Coast Courier", Publisher: "courier", Kind: feeds.Independent, Lang: "en"}},
	"state":   {Feed: feeds.Feed{ID: "state", Name: "State News", Publisher: "state", Kind: feeds.StateRun, Lang: "en"}},
	"wire":    {Feed: feeds.Feed{ID: "wire", Name: "North Wire", Publisher: "wire", Kind: feeds.Wire, Lang: "en"}},
	"port":    {Feed: feeds.Feed{ID: "port", Name: "Port Authority", Publisher: "port", Kind: feeds.Official, Lang: "en"}},
	"khabar":  {Feed: feeds.Feed{ID: "khabar", Name: "خبر ساحل", Publisher: "khabar", Kind: feeds.Independent, Lang: "fa"}},
	"mirror":  {Feed: feeds.Feed{ID: "mirror", Name: "Mirror of Mirrors", Publisher: "mirror", Kind: feeds.Aggregator, Lang: "en"}},
}

func (f *fake) add(story string, topics []string, score float64, lines ...line) {
	s := store.Story{ID: story, Topics: topics, Score: score, Kinds: map[string]int{}}
	pubs, langs := map[string]bool{}, map[string]bool{}
	for i, l := range lines {
		feed := outlets[l.feed].Feed
		id := int64(len(f.items) + 1)
		it := store.Item{ID: id, Story: story, FirstSeen: l.at, Publisher: feed.Publisher, FeedKind: feed.Kind, Item: feeds.Item{
			Feed: l.feed, Title: l.title, Summary: l.brief, Lang: feed.Lang, Source: feed.Name, Published: l.at,
			Link: fmt.Sprintf("https://%s.example/2026/%d", l.feed, id)}}
		f.items = append(f.items, it)
		if i == 0 {
			s.Title, s.Lang, s.Lead, s.FirstSeen = l.title, feed.Lang, id, l.at
		}
		s.LastSeen = l.at
		s.Articles++
		if feed.Kind != feeds.Aggregator && !pubs[feed.Publisher] {
			pubs[feed.Publisher] = true
			s.Kinds[string(feed.Kind)]++
		}
		if !langs[feed.Lang] {
			langs[feed.Lang] = true
			s.Languages = append(s.Languages, feed.Lang)
		}
	}
	s.Outlets, s.Publishers = len(pubs), len(pubs)
	f.stories = append(f.stories, s)
}

func (f *fake) hit(item int64, topic string, m notify.Match) {
	record, _ := json.Marshal(m)
	f.hits[item] = append(f.hits[item], store.Hit{Item: item, Topic: topic, Score: m.Score, Record: record})
}

// day is the store on that morning.
func day() *fake {
	f := &fake{hits: map[int64][]store.Hit{}, volume: map[string][]store.Volume{}}
	talks, ferry := []string{"strait-talks"}, []string{"ferry-safety"}
	f.add("st_talks", []string{"strait-talks", "ferry-safety"}, 6,
		line{at(8, 10), "beacon", "Strait talks open with both delegations in the room", "Two hours were planned; four were needed. <b>Nobody</b> left early, and the mediator has booked the hall again."},
		line{at(8, 40), "wire", "Strait talks open with both delegations in the room", "The delegations met for four hours."},
		line{at(9, 5), "state", "Our delegation states its terms at the strait talks", ""},
		line{at(9, 20), "tide", "Mediator hopeful as strait talks begin", "A second meeting is likely."},
		line{at(12, 0), "khabar", "گفت\u200cوگوهای تنگه با حضور هر دو هیئت آغاز شد", "میانجی امیدوار است."},
		line{at(14, 30), "port", "Notice: the strait stays closed to ferries during the talks", "Until further notice."},
		line{at(21, 45), "courier", "Strait talks to go on next week", ""},
		line{at(28, 15), "mirror", "Strait talks: all headlines", ""})
	f.add("st_ferry", ferry, 1,
		line{at(-20, 0), "courier", "Inspectors board the ferry Halcyon", "The ship has been at anchor for a week."},
		line{at(10, 0), "tide", "Ferry Halcyon fails its inspection", "Eleven faults were found."},
		line{at(10, 20), "courier", "Ferry Halcyon fails its inspection", "Eleven faults, three of them grave."})
	f.add("st_rtl", talks, 2,
		line{at(16, 0), "khabar", "قایق\u200cهای ماهیگیری در تنگه بازداشت شدند", "سه قایق بازداشت شد."},
		line{at(17, 0), "state", "Fishing boats held in the strait", "Three boats were held."})
	f.add("st_markup", talks, 0,
		line{at(11, 0), "beacon", `<script>alert("x")</script> & [a](javascript:alert(1)) *stars* | pipes`, `<img src=x onerror=alert(1)>An editor's <i>test</i> page went out`},
		line{at(11, 30), "tide", `Markup shown as "text" <b>`, ""})
	f.add("st_single", talks, 1, line{at(22, 10), "courier", "Second round said to be planned for March", "One source only."})
	f.add("st_old", ferry, 0, line{at(-3, 0), "tide", "Lifeboat drill in the harbour", ""}, line{at(-2, 0), "beacon", "Harbour practises with lifeboats", ""})
	f.add("st_gone", talks, 0, line{at(13, 0), "beacon", "A dismissed story", ""}, line{at(13, 5), "tide", "A dismissed story", ""})
	f.add("st_muted", talks, 0, line{at(13, 0), "beacon", "A muted story", ""}, line{at(13, 5), "tide", "A muted story", ""})
	f.add("st_other", []string{"weather"}, 9, line{at(13, 0), "beacon", "A story of a topic that this digest does not carry", ""})
	f.stories[7].Muted = true
	f.marks = []store.Mark{
		{Story: "st_gone", Kind: store.Dismissed, At: at(20, 0)},
		{Story: "st_ferry", Kind: store.Starred, At: at(9, 0), By: "desk"},
		{Story: "st_ferry", Kind: store.Note, Text: "ask the yard about the faults", At: at(9, 1), By: "desk"},
		{Story: "st_old", Kind: store.Note, Text: "was anybody hurt?", At: at(8, 0), By: "desk"},
	}
	f.hit(1, "strait-talks", notify.Match{Score: 6, Threshold: 3, Hits: []notify.Hit{
		{Clause: "strait", Field: "title", Text: "Strait", Form: "word"}, {Clause: "@talks", Field: "title", Text: "talks", Via: "@talks", Form: "word"}}})
	f.revisions = []store.Revision{{Item: 8, Story: "st_ferry", Feed: "courier", At: at(12, 1), Title: "Ferry Hal\uFFFD\uFFFDon sinks", NewTitle: "Ferry Halcyon sinks"}, // letters lost on the way are no correction
		{Item: 9, Story: "st_ferry", Feed: "courier", At: at(12, 2), Title: "Ferry Halcyon sinks at anchor", NewTitle: "Inspectors board the ferry Halcyon"},
		{Item: 9, Story: "st_ferry", Feed: "courier", At: at(13, 2), Title: "only  blanks", NewTitle: "only blanks"}}
	for d := 1; d <= 10; d++ {
		f.volume["strait-talks"] = append(f.volume["strait-talks"], store.Volume{Hour: at(6, 0).AddDate(0, 0, -d), Hits: 3, Stories: 1})
		f.volume["ferry-safety"] = append(f.volume["ferry-safety"], store.Volume{Hour: at(6, 0).AddDate(0, 0, -d), Hits: d, Stories: d % 3})
	}
	for _, id := range []string{"beacon", "tide", "courier", "state", "wire", "port", "khabar", "mirror"} {
		f.feeds = append(f.feeds, outlets[id])
	}
	f.feeds[2].State = feeds.State{Health: "stale", LastNew: at(-42, 0), Rhythm: 40 * time.Minute}
	f.feeds[3].State = feeds.State{Phase: feeds.BackOff, FirstFail: at(3, 0), LastError: "status 503 Service Unavailable"}
	f.deliveries = []notify.Delivery{
		{ID: "msg_1", Type: notify.StoryNew, Topic: "strait-talks", Subject: "st_talks", State: notify.Delivered, Created: at(8, 12)},
		{ID: "msg_2", Type: notify.StoryUpdated, Topic: "strait-talks", Subject: "st_talks", State: notify.Delivered, Created: at(9, 30)},
		{ID: "msg_3", Type: notify.StoryUpdated, Topic: "strait-talks", Subject: "st_talks", State: notify.Held, Note: "quiet hours", Created: at(22, 0)},
		{ID: "msg_4", Type: notify.StoryNew, Topic: "strait-talks", Subject: "st_rtl", State: notify.Expired, Created: at(16, 1)},
		{ID: "msg_5", Type: notify.DigestReady, Subject: "morning/2026-02-06", State: notify.Dead, Created: at(6, 0)},
	}
	return f
}

func written(t testing.TB) Document {
	t.Helper()
	doc, err := Build(t.Context(), day(), definition(t), at(6, 0), at(30, 0), at(30, 0))
	if err != nil {
		t.Fatal(err)
	}
	return doc
}
