package api

import (
	"watcher/internal/digest"
)

// Bodies of operations that act.
type (
	// SplitBody names the articles that leave a story.
	SplitBody struct {
		Items []string `json:"items"`
	}
	// MergeBody names the story whose articles come in.
	MergeBody struct {
		From string `json:"from"`
	}
	// MarkBody is a mark to set.
	MarkBody struct {
		Kind  string `json:"kind"` // reviewed, dismissed, starred or note
		Text  string `json:"text,omitempty"`
		Where string `json:"where,omitempty"`
	}
	// ExplainBody names the article to explain.
	ExplainBody struct {
		Item string `json:"item"`
	}
)

// Lists.
type (
	StoryList struct {
		Stories []Story `json:"stories"`
		Before  string  `json:"before,omitempty"` // for the next page
	}
	ItemList struct {
		Items []Item `json:"items"`
		More  bool   `json:"more"`
	}
	FeedList struct {
		Feeds []Feed `json:"feeds"`
		After string `json:"after,omitempty"` // for the next page
	}
	DeliveryList struct {
		Deliveries []Delivery `json:"deliveries"`
		Before     string     `json:"before,omitempty"` // for the next page
	}
	ReceiverList struct {
		Receivers []Receiver `json:"receivers"`
	}
	SilenceList struct {
		Silences []Silence `json:"silences"`
	}
	TopicList struct {
		Topics []Topic `json:"topics"`
	}
	IssueList struct {
		Digests []Issue `json:"digests"`
	}
	MarkList struct {
		Marks []Mark `json:"marks"`
	}
	EventList struct {
		Events []Event `json:"events"`
	}
	// SentDigest says to how many receivers an issue was sent again.
	SentDigest struct {
		Receivers int `json:"receivers"`
	}
)

// routes is the whole API.
func routes() []route {
	return []route{
		{"GET", "/status", "What the daemon is doing", nil, nil, Status{}, (*API).status},
		{"POST", "/reload", "Read the configuration again", nil, nil, Done{}, (*API).reload},

		{"GET", "/topics", "The topics and their rules", nil, nil, TopicList{}, (*API).topics},
		{"POST", "/topics/{id}/explain", "What a topic's rule makes of a stored article", nil, ExplainBody{}, Verdict{}, (*API).explain},
		{"POST", "/try", "Try a rule on a text or an address", nil, Trial{}, TrialResult{}, (*API).try},
		{"POST", "/backtest", "What a rule would have hit", nil, Backtest{}, BacktestResult{}, (*API).backtest},

		{"GET", "/stories", "Stories, newest first", []param{topicParam, fromParam, toParam, {"before", "what the list before gave to go on, or an instant: stories last seen before it"}, limitParam}, nil, StoryList{}, (*API).stories},
		{"GET", "/stories/{id}", "A story with its articles", nil, nil, Story{}, (*API).story},
		{"POST", "/stories/{id}/split", "Move articles into a story of their own", nil, SplitBody{}, Done{}, (*API).split},
		{"POST", "/stories/{id}/merge", "Take in the articles of another story", nil, MergeBody{}, Done{}, (*API).merge},
		{"POST", "/stories/{id}/mute", "Tell no more of a story", nil, nil, Done{}, muting(true)},
		{"POST", "/stories/{id}/unmute", "Tell of a story again", nil, nil, Done{}, muting(false)},
		{"POST", "/stories/{id}/marks", "Mark a story reviewed, dismissed or starred, or add a note", nil, MarkBody{}, Done{}, (*API).mark},
		{"DELETE", "/stories/{id}/marks/{kind}", "Take a mark back", nil, nil, Done{}, (*API).unmark},
		{"GET", "/marks", "Every mark, for export", []param{fromParam, toParam}, nil, MarkList{}, (*API).marks},

		{"GET", "/search", "Articles by their words, newest first", []param{{"q", `words; "words together", word*, -word`}, {"feed", "a feed's id"}, fromParam, toParam, {"before", "an article's id, to go on"}, limitParam}, nil, ItemList{}, (*API).search},
		{"GET", "/items", "Articles, newest first", []param{topicParam, {"feed", "a feed's id"}, {"story", "a story's id"}, fromParam, toParam, {"before", "an article's id, to go on"}, limitParam}, nil, ItemList{}, (*API).items},
		{"GET", "/items/{id}", "An article", nil, nil, Item{}, (*API).item},

		{"GET", "/feeds", "Feeds and their health", []param{{"tag", "only feeds with this tag"}, {"after", "a feed's id, to go on"}, limitParam}, nil, FeedList{}, (*API).feeds},
		{"POST", "/feeds", "Add a feed", nil, NewFeed{}, Feed{}, (*API).addFeed},
		{"GET", "/feeds/{id}", "A feed with its last polls", nil, nil, Feed{}, (*API).feed},
		{"DELETE", "/feeds/{id}", "Remove a feed that was added here", nil, nil, Done{}, (*API).removeFeed},
		{"POST", "/feeds/{id}/poll", "Poll a feed now", nil, nil, Done{}, (*API).pollFeed},
		{"POST", "/feeds/{id}/pause", "Stop polling a feed", nil, nil, Done{}, pausing(true)},
		{"POST", "/feeds/{id}/resume", "Poll a feed again", nil, nil, Done{}, pausing(false)},

		{"GET", "/deliveries", "Messages and how they fared, newest first", []param{{"receiver", "a receiver's id"}, {"state", "pending, sending, delivered, superseded, held, expired or dead; several with commas"}, {"subject", "a story's id or a digest's id/date"}, topicParam, fromParam, toParam, {"before", "a delivery's id, to go on"}, limitParam}, nil, DeliveryList{}, (*API).deliveries},
		{"GET", "/deliveries/{id}", "A message with its tries", nil, nil, Delivery{}, (*API).delivery},
		{"POST", "/deliveries/{id}/resend", "Send a message again under the same id", nil, nil, Done{}, (*API).resend},
		{"POST", "/deliveries/{id}/replay", "Send a message again under a new id", nil, nil, Done{}, (*API).replay},
		{"POST", "/deliveries/{id}/drop", "Give a message up", nil, nil, Done{}, (*API).drop},
		{"GET", "/receivers", "Receivers and what waits for them", nil, nil, ReceiverList{}, (*API).receivers},
		{"POST", "/receivers/{id}/enable", "Take a receiver into service again", nil, nil, Done{}, (*API).enable},
		{"POST", "/receivers/{id}/pause", "Let a receiver's messages wait", nil, nil, Done{}, resting(true)},
		{"POST", "/receivers/{id}/resume", "Send to a receiver again", nil, nil, Done{}, resting(false)},

		{"GET", "/silences", "Silences", []param{{"ended", "1: those that have ended, too"}}, nil, SilenceList{}, (*API).silences},
		{"POST", "/silences", "Silence alerts until an end", nil, NewSilence{}, Done{}, (*API).addSilence},
		{"POST", "/silences/{id}/end", "End a silence now", nil, nil, Done{}, (*API).endSilence},

		{"GET", "/digests", "Issues of digests, newest first", []param{{"id", "a digest's id"}, {"before", "a date, to go on"}, limitParam}, nil, IssueList{}, (*API).digests},
		{"GET", "/digests/{id}/{date}", "One issue, whole", nil, nil, digest.Document{}, (*API).digest},
		{"POST", "/digests/{id}/{date}/send", "Send an issue again; the date today makes it where it does not stand yet", nil, nil, SentDigest{}, (*API).sendDigest},
		{"GET", "/events", "What happened to feeds, receivers and the daemon", []param{{"subject", "a feed's or receiver's id"}, fromParam, limitParam}, nil, EventList{}, (*API).events},
	}
}
