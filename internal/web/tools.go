package web

import (
	"cmp"
	"context"
	"encoding/csv"
	"encoding/json"
	"maps"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"time"

	"watcher/feeds"
	"watcher/internal/digest"
	"watcher/internal/store"
	"watcher/internal/web/api"
)

type tryPage struct {
	Topics []topic
	In     api.Trial
	Tried  bool
	Items  []api.TriedItem
	Failed string
	Keep   string // the rule as it goes into the configuration
}

// snippet is a rule as a topic of the configuration, to paste there: the file is
// the truth, and no page changes it.
func snippet(id, rule string) string {
	lines := strings.Split(strings.TrimPrefix(rule, "- "), "\n")
	if !strings.Contains(rule, "match:") { // an expression alone, as api.Rules tells them apart
		lines = append([]string{"match: |"}, lines...)
		for i := 1; i < len(lines); i++ {
			lines[i] = "  " + lines[i]
		}
	}
	if !slices.ContainsFunc(lines, func(l string) bool { return strings.HasPrefix(l, "id:") }) {
		lines = append([]string{"id: " + id}, lines...)
	}
	return "topics:\n  - " + strings.Join(lines, "\n    ") + "\n"
}

var place = regexp.MustCompile(`(?m)^(\d+):\d+: column (\d+):`)

// ruleMistakes are the mistakes of a rule as its writer reads them: with their
// line and column in what was typed.
func ruleMistakes(err error) string {
	return place.ReplaceAllString(api.Message(err), "line $1, column $2:")
}

// normalLines undoes what browsers do to line ends.
func normalLines(s string) string {
	return strings.TrimSpace(strings.ReplaceAll(s, "\r\n", "\n"))
}

// try shows what a rule makes of a text or of what stands at an address.
func (s *site) try(w http.ResponseWriter, r *http.Request) error {
	p := tryPage{Topics: s.Topics}
	value := func(name string) string { return normalLines(r.FormValue(name)) }
	p.In = api.Trial{Topic: value("topic"), Rule: value("rule"), URL: value("url"), Title: value("title"), Text: value("text"), Lang: value("lang")}
	asked := p.In.URL != "" || p.In.Title != "" || p.In.Text != ""
	switch {
	case r.Method != http.MethodPost:
	case !asked:
		p.Failed = "Give a headline, a text or an address to try the rule on."
	default:
		res, err := s.Rules.Try(r.Context(), p.In)
		if err != nil {
			p.Failed = ruleMistakes(err)
			break
		}
		if p.In.Rule != "" && !strings.HasPrefix(p.In.Rule, "{") {
			p.Keep = snippet(cmp.Or(p.In.Topic, "my-topic"), p.In.Rule)
		}
		p.Tried, p.Items = true, res.Items[:min(len(res.Items), 20)]
		for i := range p.Items {
			it := &p.Items[i]
			it.Title, it.Text = feeds.OneLine(it.Title), feeds.Clip(it.Text, shownText)
			it.Verdicts = it.Verdicts[:min(len(it.Verdicts), 20)]
			for k := range it.Verdicts {
				if p.In.Rule != "" && p.In.Topic == "" {
					it.Verdicts[k].Name = "your rule"
				}
			}
		}
	}
	status := http.StatusOK
	if p.Failed != "" {
		status = http.StatusUnprocessableEntity
	}
	return s.draw(w, r, status, page{Title: "Try a rule", Nav: "/try"}, "try", p)
}

type statusPage struct {
	S      api.Status
	Groups []factGroup
	Events []eventLine
}

type factGroup struct {
	Title string
	Facts []fact
	None  string // said where there is no fact
}

// statusPage shows what the daemon is doing, as a page or as JSON.
func (s *site) statusPage(w http.ResponseWriter, r *http.Request) error {
	st, err := s.statusNow(r.Context())
	if err != nil {
		return err
	}
	if wantsJSON(r) {
		w.Header().Set("Content-Type", "application/json")
		return json.NewEncoder(w).Encode(st)
	}
	p := statusPage{S: st}
	up := st.Uptime
	if !st.Started.IsZero() {
		up = digest.Span(s.Now().Sub(st.Started))
	}
	daemon := factGroup{Title: "Daemon", Facts: []fact{{Name: "Version", Text: st.Version}, {Name: "Up for", Text: up}, {Name: "Configuration", Text: st.Config}, {Name: "Rules", Text: st.Rules}, {Name: "Store", Text: st.Store},
		{Name: "Last beat", Text: "–", Time: s.moment(st.LastBeat)}, {Name: "Next poll", Text: "–", Time: s.moment(st.NextPoll)}, {Name: "Next message", Text: "none waits", Time: s.moment(st.NextDelivery)}}}
	daemon.Facts = slices.DeleteFunc(daemon.Facts, func(f fact) bool { return f.Text == "" && f.Time.ISO == "" })
	p.Groups = []factGroup{daemon, {Title: "Feeds", Facts: counted(st.Feeds, phaseWords), None: "No feed is known."}, {Title: "Messages that wait", Facts: counted(st.Queued, nil), None: "None: everything is delivered."}}
	if len(st.Digests) > 0 {
		g := factGroup{Title: "Digests"}
		for _, d := range st.Digests {
			g.Facts = append(g.Facts, fact{Name: d.ID, Time: s.moment(d.Next)})
		}
		p.Groups = append(p.Groups, g)
	}
	err = s.view(r, func(ctx context.Context, rd store.Reader) error {
		var err error
		p.Events, err = s.events(ctx, rd, store.EventFilter{Limit: 20})
		return err
	})
	if err != nil {
		return err
	}
	return s.show(w, r, "Status", "/status", "status", p)
}

// phaseWords are what people call what a feed is in.
var phaseWords = map[feeds.Phase]string{feeds.Active: "polled", feeds.BackOff: "failing", feeds.Gone: "gone", feeds.Paused: "paused"}

func counted(m map[string]int, words map[feeds.Phase]string) []fact {
	var out []fact
	for _, k := range slices.Sorted(maps.Keys(m)) {
		out = append(out, fact{Name: cmp.Or(words[feeds.Phase(k)], k), Text: itoa(m[k])})
	}
	return out
}

// configPage shows the configuration in force.
func (s *site) configPage(w http.ResponseWriter, r *http.Request) error {
	text := ""
	if s.Config != nil {
		text = s.Config()
	}
	return s.show(w, r, "Configuration", "/config", "config", text)
}

func (s *site) keys(w http.ResponseWriter, r *http.Request) error {
	return s.show(w, r, "Keys", "/keys", "keyspage", nil)
}

// exportMarks gives every mark as CSV or JSON.
func (s *site) exportMarks(w http.ResponseWriter, r *http.Request) error {
	var all api.MarkList
	err := s.view(r, func(ctx context.Context, rd store.Reader) error {
		var err error
		all, err = api.ListMarks(ctx, rd, time.Time{}, s.Now().Add(time.Minute))
		return err
	})
	if err != nil {
		return err
	}
	if strings.HasSuffix(r.URL.Path, ".json") {
		w.Header().Set("Content-Type", "application/json")
		return json.NewEncoder(w).Encode(all)
	}
	w.Header().Set("Content-Type", "text/csv; charset=utf-8")
	w.Header().Set("Content-Disposition", `attachment; filename="watcher-marks.csv"`)
	c := csv.NewWriter(w)
	c.Write([]string{"story", "kind", "text", "by", "at", "where", "headline"})
	for _, m := range all.Marks {
		c.Write([]string{m.Story, m.Kind, safeCell(m.Text), safeCell(m.By), m.At.UTC().Format(time.RFC3339), m.Where, safeCell(m.Title)})
	}
	c.Flush()
	return c.Error()
}

// safeCell keeps a spreadsheet from taking a note for a formula.
func safeCell(s string) string {
	if s != "" && strings.ContainsRune("=+-@\t\r", rune(s[0])) {
		return "'" + s
	}
	return s
}
