package web

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"watcher/feeds"
	"watcher/internal/digest"
	"watcher/internal/ingest"
	"watcher/internal/schedule"
	"watcher/internal/store"
	"watcher/internal/store/sqlite"
	"watcher/internal/web/api"
	"watcher/notify"
)

// The written world of these tests: a strait, its ferries, and outlets that are
// made up. morning is the moment at which its reader sits down.
var morning = time.Date(2026, 2, 7, 6, 30, 0, 0, time.UTC)

const hostile = `<script>document.title="owned"</script><img src=x onerror="document.title='owned'"> "quotes" & <b>bold</b>`

type world struct {
	store   *sqlite.Store
	options Options
	acts    *actions
}

// actions is api.StoreActions with the daemon's part played.
type actions struct {
	api.StoreActions
	grouping      *ingest.Ingest
	reloads, sent int
	refuse        error
}

// nobody is told of what grouping does.
type nobody struct{ ingest.Planner }

func (nobody) Event(context.Context, store.Tx, store.Event) ([]notify.Delivery, error) {
	return nil, nil
}

func (a *actions) SplitStory(ctx context.Context, id string, items []int64) (string, error) {
	to, err := a.grouping.Split(ctx, id, items)
	return to, api.Asked(err)
}

func (a *actions) MergeStories(ctx context.Context, into, from string) error {
	return api.Asked(a.grouping.Merge(ctx, into, from))
}

func (a *actions) Reload(context.Context) error { a.reloads++; return a.refuse }

func (a *actions) SendDigest(ctx context.Context, id, date string) (int, error) {
	a.sent++
	return 1, nil
}

func (a *actions) AddFeed(ctx context.Context, f api.NewFeed) (feeds.Feed, error) {
	if !strings.HasPrefix(f.URL, "https://") {
		return feeds.Feed{}, fmt.Errorf("%w: %q is no address of a feed", api.ErrBad, f.URL)
	}
	made := feeds.Feed{ID: "added", URL: f.URL, Name: f.Name, Kind: feeds.Independent, Stored: true, Notify: true}
	return made, a.Store.Update(ctx, func(tx store.Tx) error { return tx.SaveFeed(ctx, made) })
}

// rules plays the rule engine: a rule is a word that must stand in the title.
type rules struct{}

func (rules) Try(_ context.Context, t api.Trial) (api.TrialResult, error) {
	if strings.HasPrefix(t.Rule, "(") {
		return api.TrialResult{}, fmt.Errorf("%w: column 1: bracket is never closed\n  %s\n  ^", api.ErrBad, t.Rule)
	}
	v := verdict(t.Rule, t.Title)
	return api.TrialResult{Items: []api.TriedItem{{Title: t.Title, Text: t.Text, Verdicts: []api.Verdict{v}}}}, nil
}

func verdict(rule, title string) api.Verdict {
	v := api.Verdict{Topic: "tried", Name: "Rule tried", Threshold: 1, Missing: []string{}, Clauses: []api.Clause{{Text: rule, Note: "absent"}}, Hits: []notify.Hit{}}
	if i := strings.Index(strings.ToLower(title), strings.ToLower(rule)); i >= 0 && rule != "" {
		h := notify.Hit{Clause: rule, Field: "title", Start: i, End: i + len(rule), Text: title[i : i+len(rule)], Form: "word"}
		v.Match, v.Score, v.Hits, v.Clauses = true, 1, []notify.Hit{h}, []api.Clause{{Text: rule, OK: true, Hits: []notify.Hit{h}}}
	} else {
		v.Missing = append(v.Missing, rule)
	}
	return v
}

func (rules) Backtest(_ context.Context, b api.Backtest) (api.BacktestResult, error) {
	if b.Rule == "broken" {
		return api.BacktestResult{}, fmt.Errorf("%w: column 1: nothing to look for", api.ErrBad)
	}
	it := api.BacktestItem{ID: "a_1", At: b.To.Add(-time.Hour), Outlet: "The Beacon", Title: "Strait talks open " + hostile, URL: "https://beacon.example/1", Why: []string{"talks"}}
	return api.BacktestResult{Items: 1200, Hits: 14, Before: 12, PerDay: []api.DayCount{{Day: "2026-02-05", Hits: 5}, {Day: "2026-02-06", Hits: 9}},
		Sample: []api.BacktestItem{it}, Gained: []api.BacktestItem{it}, Elapsed: 40 * time.Millisecond}, nil
}

func (rules) Explain(_ context.Context, topic string, it store.Item) (api.Verdict, error) {
	return verdict(topic, it.Title), nil
}

// newWorld makes a store with a day of news, its digest and what was told.
func newWorld(t testing.TB) *world {
	t.Helper()
	st, err := sqlite.Open(t.Context(), filepath.Join(t.TempDir(), "watcher.db"), sqlite.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { st.Close() })
	zone, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		t.Fatal(err)
	}
	def := digest.Definition{ID: "morning", Topics: []digest.Topic{{ID: "strait-talks", Name: "Strait talks"}, {ID: "ferry-safety", Name: "Ferry safety"}},
		At: schedule.Daily{Hour: 7, Zone: zone}, To: []string{"mail"}, Rules: "41f2"}
	n := 0
	now := func() time.Time { return morning }
	w := &world{store: st, acts: &actions{grouping: ingest.New(ingest.Options{Store: st, Planner: nobody{}, Now: now, Log: slog.New(slog.DiscardHandler)}, nil), StoreActions: api.StoreActions{Store: st, Receivers: []string{"mail", "desk"}, Now: now, NewID: func(p string) string { n++; return fmt.Sprintf("%snew%d", p, n) }}}}
	w.options = Options{
		Store: st, Actions: w.acts, Rules: rules{}, Version: "test", RulesHash: "41f2", Zone: zone, Now: now, Digests: []digest.Definition{def},
		Topics: []api.Topic{{ID: "strait-talks", Name: "Strait talks", Priority: notify.High, Source: "match: strait AND talks\nunless: football"},
			{ID: "ferry-safety", Name: "Ferry safety", Priority: notify.Normal, Source: "match: ferry"}, {ID: "whales", Name: "Whales", Priority: notify.Low, Source: "match: whale*"}},
		Config: func() string { return "version: 1\nreceivers:\n  - {id: hook, secrets: [\"***\"]}\n" },
		Status: func(context.Context) (api.Status, error) {
			return api.Status{State: "degraded", Reasons: []string{"1 of 6 feeds cannot be read"}, Line: "6 feeds, 1 failing, 1 queued", Version: "test", Started: morning.Add(-time.Hour),
				Feeds: map[string]int{"active": 5, "backoff": 1}, Queued: map[string]int{"desk": 1}, Digests: []api.NextDigest{{ID: "morning", Next: morning.Add(23 * time.Hour)}}}, nil
		},
	}
	w.seed(t)
	id := func() string { n++; return fmt.Sprintf("msg_digest%d", n) }
	for _, at := range []time.Time{morning.Add(-24*time.Hour - 30*time.Minute), morning.Add(-30 * time.Minute)} {
		if made, _, err := digest.Run(t.Context(), st, def, at, id); err != nil || !made {
			t.Fatalf("digest at %s: made %v, %v", at, made, err)
		}
	}
	return w
}

type seedItem struct {
	at                   time.Duration // before morning
	feed, title, summary string
}

var seedFeeds = []feeds.Feed{
	{ID: "beacon", Name: "The Beacon", Publisher: "beacon", Kind: feeds.Independent, Lang: "en"},
	{ID: "tide", Name: "Tide Radio", Publisher: "tide", Kind: feeds.Public, Lang: "en"},
	{ID: "courier", Name: "Coast Courier", Publisher: "courier", Kind: feeds.Independent, Lang: "en"},
	{ID: "state", Name: "State News", Publisher: "state", Kind: feeds.StateRun, Lang: "en"},
	{ID: "wire", Name: "North Wire", Publisher: "wire", Kind: feeds.Wire, Lang: "en"},
	{ID: "port", Name: "Port Authority", Publisher: "port", Kind: feeds.Official, Lang: "en"},
	{ID: "khabar", Name: "خبر ساحل", Publisher: "khabar", Kind: feeds.Independent, Lang: "fa"},
}

func (w *world) seed(t testing.TB) {
	t.Helper()
	ctx := t.Context()
	talks, ferry := []string{"strait-talks"}, []string{"ferry-safety"}
	h := time.Hour
	err := w.store.Update(ctx, func(tx store.Tx) error {
		for i, f := range seedFeeds {
			f.URL, f.Schedule, f.Notify, f.Tags = "https://"+f.ID+".example/rss?token=hush", "*/10 * * * *", true, []string{"strait"}
			if err := tx.SaveFeed(ctx, f); err != nil {
				return err
			}
			row, err := tx.Feed(ctx, f.ID)
			if err != nil {
				return err
			}
			state := row.State
			state.Phase, state.LastPoll, state.LastOK, state.LastNew, state.NextPoll, state.Rhythm, state.LastStatus = feeds.Active, morning.Add(-5*time.Minute), morning.Add(-5*time.Minute), morning.Add(-h), morning.Add(5*time.Minute), 40*time.Minute, 200
			poll := store.Poll{At: morning.Add(-5 * time.Minute), Status: 304, Outcome: "unchanged", Elapsed: time.Duration(40+i*30) * time.Millisecond, Bytes: 0}
			if f.ID == "state" {
				state.Phase, state.Fails, state.FirstFail, state.LastError, state.LastStatus, state.Diagnosis = feeds.BackOff, 7, morning.Add(-20*h), "status 503 Service Unavailable", 503, hostile
				poll.Status, poll.Outcome = 503, "server error"
			}
			if f.ID == "courier" {
				state.Health, state.LastNew = "stale", morning.Add(-50*h)
			}
			for k := range 12 {
				poll.At = morning.Add(-time.Duration(12-k) * 10 * time.Minute)
				poll.New = k % 3
				if err := tx.SaveState(ctx, state, poll); err != nil {
					return err
				}
				state.Seq++
			}
		}
		for _, s := range []struct {
			id     string
			topics []string
			items  []seedItem
		}{
			{"st_talks", []string{"strait-talks", "ferry-safety"}, []seedItem{
				{22 * h, "beacon", "Strait talks open with both delegations in the room", "<p>Two hours were planned; four were needed. <b>Nobody</b> left early, and the mediator has booked the hall again for the week after next.</p>"},
				{21 * h, "wire", "Strait talks open with both delegations in the room", "The delegations met for four hours."},
				{20 * h, "state", "Our delegation states its terms at the strait talks", ""},
				{19 * h, "tide", "Mediator hopeful as strait talks begin", "A second meeting is likely."},
				{16 * h, "khabar", "گفت\u200cوگوهای تنگه با حضور هر دو هیئت آغاز شد", "میانجی امیدوار است."},
				{12 * h, "port", "Notice: the strait stays closed to ferries during the talks", "Until further notice."},
				{3 * h, "courier", "Strait talks to go on next week", ""}}},
			{"st_ferry", ferry, []seedItem{
				{30 * h, "courier", "Inspectors board the ferry Halcyon", "The ship has been at anchor for a week."},
				{14 * h, "tide", "Ferry Halcyon fails its inspection", "Eleven faults were found."},
				{13 * h, "beacon", "Ferry Halcyon fails its inspection", "Eleven faults, three of them grave."}}},
			{"st_rtl", talks, []seedItem{
				{9 * h, "khabar", "قایق\u200cهای ماهیگیری در تنگه بازداشت شدند", "سه قایق بازداشت شد."}, {8 * h, "state", "Fishing boats held in the strait", "Three boats were held."}}},
			{"st_hostile", talks, []seedItem{{7 * h, "beacon", hostile, hostile}, {6 * h, "tide", "Markup shown as text " + hostile, "javascript:alert(1)"}}},
			{"st_single", talks, []seedItem{{5 * h, "courier", "Second round said to be planned for March", "One source only."}}},
			{"st_old", ferry, []seedItem{{40 * h, "tide", "Lifeboat drill in the harbour", ""}, {39 * h, "beacon", "Harbour practises with lifeboats", ""}}},
		} {
			if err := w.story(ctx, tx, s.id, s.topics, s.items); err != nil {
				return err
			}
		}
		return w.outbox(ctx, tx)
	})
	if err != nil {
		t.Fatal(err)
	}
}

func (w *world) story(ctx context.Context, tx store.Tx, id string, topics []string, items []seedItem) error {
	row := store.Story{ID: id, Topics: topics, Score: 3}
	var its []*store.Item
	for i, x := range items {
		f := seedFeeds[0]
		for _, s := range seedFeeds {
			if s.ID == x.feed {
				f = s
			}
		}
		it := &store.Item{Item: feeds.Item{Feed: x.feed, GUID: fmt.Sprintf("%s-%d", id, i), Link: fmt.Sprintf("https://%s.example/%s/%d", x.feed, id, i), Title: feeds.OneLine(x.title), Summary: x.summary, Lang: f.Lang, Source: f.Name,
			Published: morning.Add(-x.at)}, FirstSeen: morning.Add(-x.at), Publisher: f.Publisher, FeedKind: f.Kind, Story: id, StoryKind: "same", Why: []byte(`{"step":"group","score":0.83}`)}
		feeds.Normalize(&it.Item)
		its = append(its, it)
	}
	if err := tx.InsertItems(ctx, its); err != nil {
		return err
	}
	var flat []store.Item
	for _, it := range its {
		if err := tx.PlaceItem(ctx, it.ID, id, "same", 0, 0, it.Why); err != nil {
			return err
		}
		record := notify.Match{Score: 4, Threshold: 1, Hits: []notify.Hit{}}
		if i := strings.Index(it.Title, "talks"); i >= 0 {
			record.Hits = append(record.Hits, notify.Hit{Clause: "@talks", Field: "title", Start: i, End: i + 5, Text: "talks", Via: "@talks", Form: "word"})
		}
		data, err := json.Marshal(record)
		if err != nil {
			return err
		}
		for _, topic := range topics {
			if err := tx.AddHits(ctx, store.Hit{Item: it.ID, Topic: topic, Score: 4, Record: data, At: it.FirstSeen}); err != nil {
				return err
			}
		}
		flat = append(flat, *it)
	}
	return tx.SaveStories(ctx, recount(row, flat))
}

func (w *world) outbox(ctx context.Context, tx store.Tx) error {
	mk := func(id, receiver string, state notify.DeliveryState, note string, seq int) notify.Delivery {
		return notify.Delivery{ID: id, Receiver: receiver, Type: notify.StoryNew, Subject: "st_talks", Topic: "strait-talks", Topics: []string{"strait-talks"}, Sequence: seq, Reason: "new",
			State: state, Note: note, Created: morning.Add(-21 * time.Hour), NextAt: morning.Add(-21 * time.Hour), Priority: notify.High}
	}
	ds := []notify.Delivery{mk("msg_ok", "desk", notify.Pending, "", 1), mk("msg_dead", "mail", notify.Pending, "", 1), mk("msg_held", "desk", notify.Pending, "", 2)}
	if err := tx.Enqueue(ctx, ds); err != nil {
		return err
	}
	for i, end := range []notify.DeliveryState{notify.Delivered, notify.Dead} {
		d, err := tx.BeginSend(ctx, ds[i].ID, []byte(`{"schema":"watcher.webhook.v1","story":{"title":"Strait talks open"}}`), morning.Add(-20*time.Hour), morning)
		if err != nil {
			return err
		}
		a := notify.Attempt{Delivery: d.ID, N: 1, At: morning.Add(-20 * time.Hour), Elapsed: 80 * time.Millisecond, Status: 200, Answer: "ok"}
		d.State = end
		if end == notify.Dead {
			a.Status, a.Answer, a.Err, d.Note, d.LastError, d.LastStatus = 400, hostile, "refused: 400", "refused", "refused: 400", 400
		}
		if err := tx.FinishSend(ctx, d, a); err != nil {
			return err
		}
	}
	held, err := tx.Delivery(ctx, "msg_held")
	if err != nil {
		return err
	}
	held.State, held.Note = notify.Held, "quiet_hours"
	if err := tx.SaveDelivery(ctx, held); err != nil {
		return err
	}
	if err := tx.SaveReceiver(ctx, notify.ReceiverState{ID: "mail", Disabled: "410 Gone", Fails: 3}); err != nil {
		return err
	}
	if err := tx.SaveMark(ctx, store.Mark{Story: "st_ferry", Kind: store.Starred, By: "local", At: morning.Add(-20 * time.Hour)}); err != nil {
		return err
	}
	_, err = tx.SaveSilence(ctx, store.Silence{Topics: []string{"ferry-safety"}, From: morning.Add(-time.Hour), Until: morning.Add(3 * time.Hour), Author: "local", Reason: "drill " + hostile})
	if err != nil {
		return err
	}
	_, err = tx.AddEvent(ctx, store.Event{At: morning.Add(-20 * time.Hour), Type: notify.FeedFailing, Subject: "state", Title: "State News is failing", Text: hostile})
	return err
}

// serve starts the world's site.
func (w *world) serve(t testing.TB) *httptest.Server {
	t.Helper()
	h, err := New(w.options)
	if err != nil {
		t.Fatal(err)
	}
	s := httptest.NewServer(h)
	t.Cleanup(s.Close)
	return s
}

// allPages are the addresses of every page of the world.
func (w *world) allPages(t testing.TB) []string {
	t.Helper()
	pages := []string{"/", "/topics", "/topics/strait-talks", "/topics/whales", "/stories/st_talks", "/stories/st_hostile", "/stories/st_rtl", "/digests", "/digests/morning", "/digests/morning/2026-02-07", "/digests/morning/latest",
		"/search", "/search?q=strait", "/search?q=nothing-like-it", "/feeds", "/feeds/beacon", "/feeds/state", "/deliveries", "/deliveries?state=dead", "/deliveries/msg_dead", "/deliveries/msg_ok", "/silences", "/silences?story=st_talks&ended=1",
		"/try", "/status", "/config", "/keys"}
	return pages
}

func newJar(t testing.TB) http.CookieJar {
	t.Helper()
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	return jar
}
