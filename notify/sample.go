package notify

import "time"

// Sample is the marked message of `notify test`.
func Sample(now time.Time) Message { return samples(now)[0] }

// Samples gives one message of each shape, for checking templates and kinds.
func Samples(now time.Time) []Message { return samples(now) }

func samples(now time.Time) []Message {
	now = now.UTC().Truncate(time.Second)
	first := now.Add(-90 * time.Minute)
	previous := "Envoys due in Muscat for a new round"
	topic := &Topic{ID: "sample-topic", Name: "Sample topic", Priority: Normal}
	story := &Story{ID: "st_sample", Title: "Envoys meet in Muscat; talks to go on tomorrow", Lang: "en", Dir: "ltr", State: "growing",
		FirstSeen: first, LastSeen: now, Articles: 3, Outlets: 3, Publishers: 2, Languages: []string{"en"},
		Kinds: map[string]int{"independent": 1, "official": 1}, PerHour: 2, Score: 0.8, MergedFrom: []string{}}
	articles := []Article{{ID: "a_sample", Feed: "sample-feed", Outlet: "Sample Outlet", Publisher: "sample", Kind: "independent",
		URL: "https://example.org/talks", Title: story.Title, Lang: "en", Published: &first, PublishedFrom: "feed", Fetched: first,
		Summary: "This is a sample that watcher sent to see whether alerts arrive here. Nothing happened in the news.",
		Match: &Match{Score: 2, Threshold: 1, Hits: []Hit{{Clause: "talks", Field: "title", Start: 23, End: 28, Text: "talks", Form: "word"},
			{Clause: "muscat", Field: "title", Start: 15, End: 21, Text: "Muscat", Via: "@oman", Form: "alias"}}}}}
	base := Message{Schema: Schema, Timestamp: now, Sequence: 1, Test: true, Topics: []string{topic.ID}}
	with := func(t Type, id, reason string, fill func(*Message)) Message {
		m := base
		m.Type, m.ID, m.Reason = t, "msg_sample"+id, reason
		fill(&m)
		return m.Clean()
	}
	return []Message{
		with(Test, "0", "test", func(m *Message) { m.Topic, m.Story, m.Articles = topic, story, articles }),
		with(StoryNew, "1", "new", func(m *Message) { m.Topic, m.Story, m.Articles = topic, story, articles }),
		with(StoryUpdated, "2", "publishers_reached_3", func(m *Message) {
			m.Topic, m.Story, m.Articles, m.Sequence = topic, story, articles, 2
			m.Changes = &Changes{NewArticles: 2, NewPublishers: 1, PreviousTitle: &previous}
		}),
		with(Rollup, "3", "quiet hours", func(m *Message) {
			m.Topics = []string{topic.ID}
			m.Rollup = []RollupRow{{Story: "st_sample", Topic: topic.ID, Title: story.Title, URL: "https://example.org/talks", Publishers: 2, Why: "quiet hours"}}
		}),
		with(DigestReady, "4", "digest", func(m *Message) {
			m.Topics = []string{topic.ID}
			m.Digest = &DigestNote{ID: "morning", Date: now.Format("2006-01-02"), Title: "Sample digest", From: now.Add(-24 * time.Hour), To: now, Stories: 1,
				Text: "Sample digest\n\n1. " + story.Title + "\n", HTML: "<h1>Sample digest</h1>"}
		}),
		with(FeedFailing, "5", "http_404", func(m *Message) {
			m.Topics = nil
			m.Event = &Event{Subject: "sample-feed", Title: "Feed sample-feed is failing", Text: "It answered 404 five times. Look at its address."}
		}),
	}
}
