package app

import (
	"bufio"
	"context"
	"fmt"
	"html"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"watcher/feeds"
	"watcher/internal/feedtest"
	"watcher/internal/store"
)

// telling is one line of testdata/day.txt.
type telling struct {
	after                      time.Duration
	outlet, story, title, text string
	wire                       bool // an agency's text, not the outlet's
}

func readDay(t *testing.T) (day []telling) {
	t.Helper()
	f, err := os.Open(filepath.Join("testdata", "day.txt"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	wires := map[string]string{}
	sc := bufio.NewScanner(f)
	for sc.Scan() {
		line := sc.Text()
		if strings.HasPrefix(line, "#") {
			continue
		}
		if name, text, ok := strings.Cut(line, " = "); ok {
			wires[name] = strings.ReplaceAll(text, " ¶ ", "\n")
			continue
		}
		col := strings.Split(line, "|")
		if len(col) != 5 {
			t.Fatalf("day.txt: %q has %d columns", line, len(col))
		}
		for i := range col {
			col[i] = strings.TrimSpace(col[i])
		}
		n, err := strconv.Atoi(col[0])
		if err != nil {
			t.Fatal(err)
		}
		day = append(day, telling{time.Duration(n) * time.Minute, col[1], col[2], col[3], col[4], strings.HasPrefix(col[4], "wire ")})
	}
	for i := range day {
		name, how, _ := strings.Cut(strings.TrimPrefix(day[i].text, "wire "), " ")
		text, ok := wires["wire "+name]
		switch {
		case !day[i].wire:
			continue
		case !ok:
			t.Fatalf("day.txt: no %q", day[i].text)
		case how == "short":
			text = text[:strings.LastIndex(text[:len(text)*3/4], "\n")]
		case how == "page":
			text = "Share this story with your friends. Sign up for our newsletter.\n" + text + "\nAll rights reserved. Read more in our app."
		}
		day[i].text = text
	}
	return day
}

// press is a daemon that reads the outlets of a day, each polled as soon as it
// publishes.
type press struct {
	*week
	feeds map[string]*feedtest.Feed
}

func newPress(t *testing.T, dir string, day []telling, topics string) *press {
	p := &press{&week{t: t, web: feedtest.NewWeb(t), file: filepath.Join(dir, "config.yaml")}, map[string]*feedtest.Feed{}}
	text := "store: sqlite:./w.db\nserver: {listen: \"\"}\npolling: {schedule: \"0 5 * * *\", adaptive: off, allow_private: true}\nfeeds:\n"
	for _, d := range day {
		if p.feeds[d.outlet] != nil {
			continue
		}
		old := feedtest.Item("What the weather was like at "+d.outlet, time.Now().Add(-20*time.Hour))
		p.feeds[d.outlet] = feedtest.NewFeed(d.outlet, feedtest.Policy{}, old)
		p.web.Handle(d.outlet+".example", p.feeds[d.outlet])
		more := ""
		switch d.outlet {
		case "aggregator":
			more = ", kind: aggregator"
		case "harbour", "daily-coast":
			more = ", publisher: coastal"
		}
		text += fmt.Sprintf("  - {id: %s, url: \"http://%[1]s.example/feed\"%s}\n", d.outlet, more)
	}
	text += topics + "receivers:\n  - {id: terminal, type: log}\nroutes:\n  - {to: [terminal], update_when: {}}\n"
	if err := os.WriteFile(p.file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	p.start()
	time.Sleep(time.Minute) // the baseline
	return p
}

func (p *press) publish(t *testing.T, n int, d telling) {
	t.Helper()
	p.feeds[d.outlet].Add(feeds.Item{GUID: fmt.Sprintf("urn:day:%d", n), Link: fmt.Sprintf("http://%s.example/%d", d.outlet, n), Title: d.title,
		Summary: "<p>" + strings.ReplaceAll(html.EscapeString(d.text), "\n", "</p><p>") + "</p>", Published: time.Now()})
	if err := p.app.actions(p.app.now.Load(), nil).PollFeed(context.Background(), d.outlet); err != nil {
		t.Fatal(err)
	}
	time.Sleep(time.Minute)
}

// TestMinPublishers waits for three independent publishers: a wire copy counts
// once however many carry it, two outlets of one owner count once, an
// aggregator never.
func TestMinPublishers(t *testing.T) {
	day := readDay(t)
	dir := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		sleepUntil(time.Date(2026, 2, 7, 6, 0, 0, 0, time.UTC))
		p := newPress(t, dir, day, "topics:\n  - {id: coast, match: dornhavn, alert: {min_publishers: 3}}\n")
		titled := func(title string) (telling, int) {
			n := slices.IndexFunc(day, func(d telling) bool { return d.title == title })
			return day[n], n
		}
		for _, s := range []struct {
			title, outlet string
			told          int
		}{
			{"Explosion at Norvik fertiliser works in Dornhavn, at least three dead", "island-post", 0},
			{"At least three dead in explosion at Dornhavn fertiliser works", "north-times", 0}, // the same wire
			{"Explosion in Dornhavn: smoke over bay, three dead", "harbour", 0},                 // a second voice
			{"Huge explosion rocks Norvik fertiliser plant in Dornhavn", "daily-coast", 0},      // of the same owner
			{"Three people killed as fertiliser works explodes in Dornhavn", "aggregator", 0},
			{"Fertiliser works blows up in Dornhavn, killing at least three", "courier", 1}, // the third
			{"Norvik works in Dornhavn hit by explosion", "inland", 1},
		} {
			d, n := telling{title: s.title, text: "Three workers were killed when a silo exploded at the Norvik fertiliser works in Dornhavn, a local blog has heard."}, 900
			if s.outlet != "aggregator" {
				d, n = titled(s.title)
			}
			d.outlet = s.outlet
			p.publish(t, n, d)
			if got := strings.Count(p.told.String(), "story.new"); got != s.told {
				t.Errorf("after %s: %d alerts, want %d\n%s", s.outlet, got, s.told, p.told.String())
			}
		}
		p.stop()
		p.web.Close()
		synctest.Wait()
	})
}

// dayTold is what the terminal prints of the day: growth alone is no update.
const dayTold = `06:00 story.new coast Explosion at Norvik fertiliser works in Dornhavn, at least three dead (1 publisher)
06:10 story.new coast Dornhavn reach cup final after penalty shoot-out (1 publisher)
06:20 story.new coast Explosion in Düngerfabrik von Norvik in Dornhavn: mindestens drei Tote (1 publisher)
06:32 story.new coast Norvik lifts dividend as fertiliser prices climb (1 publisher)
06:36 story.new coast Dornhavn book fair opens with a night of readings (1 publisher)
07:06 story.new coast Central bank holds rates for a sixth time (1 publisher)
07:36 story.updated coast Explosion at Norvik fertiliser works in Dornhavn, at least three dead · Dornhavn explosion: death toll rises to seven (9 publishers)
08:10 story.new coast Ola Rand to leave ministry for theatre in autumn (1 publisher)
08:46 story.updated coast Explosion in Düngerfabrik von Norvik in Dornhavn: mindestens drei Tote · Sieben Tote nach Explosion bei Norvik (3 publishers)
09:00 story.new coast Dock workers in Ellersund vote for strike over pensions (1 publisher)
10:50 story.updated coast Explosion at Norvik fertiliser works in Dornhavn, at least three dead · Norvik plant manager arrested over Dornhavn explosion (9 publishers)
11:10 story.updated coast Explosion in Düngerfabrik von Norvik in Dornhavn: mindestens drei Tote · Nach Explosion in Dornhavn: Werksleiter von Norvik festgenommen (3 publishers)
`

// TestLiveDay plays a day on which 24 outlets in two languages and an
// aggregator tell of one event, with copies, rewrites, developments and other
// news of the same people, through the daemon on a fake clock: one alert for
// the event, an update for each thing that is new, and nothing else joins it.
// A restart in the middle changes nothing.
func TestLiveDay(t *testing.T) {
	day := readDay(t)
	dir := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		begin := time.Date(2026, 2, 7, 6, 0, 0, 0, time.UTC)
		sleepUntil(begin.Add(-5 * time.Minute))
		p := newPress(t, dir, day, "topics:\n  - {id: coast, match: dornhavn OR norvik OR ellersund OR \"ola rand\" OR \"inge falk\" OR \"central bank\"}\n")
		w := p.week
		for i, d := range day {
			sleepUntil(begin.Add(d.after))
			p.publish(t, i, d)
			if i == len(day)/2 {
				w.stop()
				w.start()
			}
		}
		time.Sleep(20 * time.Minute)

		stories := map[string][]string{} // names by id
		ids := map[string][]string{}
		publishers := map[string]bool{}
		var blast string
		err := w.app.store.View(context.Background(), func(r store.Reader) error {
			for i, d := range day {
				items, err := r.Items(context.Background(), store.ItemFilter{Feed: d.outlet, Limit: 100})
				if err != nil {
					return err
				}
				n := slices.IndexFunc(items, func(it store.Item) bool { return it.GUID == fmt.Sprintf("urn:day:%d", i) })
				if n < 0 {
					t.Errorf("%q of %s is not kept", d.title, d.outlet)
					continue
				}
				it := items[n]
				t.Logf("%4.0f %-12s %-8s %-7s %s %s", d.after.Minutes(), d.outlet, d.story, it.StoryKind, it.Story, d.title)
				if !slices.Contains(stories[it.Story], d.story) {
					stories[it.Story] = append(stories[it.Story], d.story)
				}
				if !slices.Contains(ids[d.story], it.Story) {
					ids[d.story] = append(ids[d.story], it.Story)
				}
				if d.story == "blast" {
					blast = it.Story
					switch owner := it.Publisher; {
					case d.outlet == "aggregator":
					case d.wire:
						publishers["afp"] = true
					default:
						publishers[owner] = true
					}
				}
			}
			s, err := r.Story(context.Background(), blast)
			if err != nil {
				return err
			}
			if s.Publishers != len(publishers) {
				t.Errorf("%d independent publishers, want %d: %v", s.Publishers, len(publishers), publishers)
			}
			return nil
		})
		if err != nil {
			t.Error(err)
		}
		for id, names := range stories {
			if len(names) > 1 {
				t.Errorf("story %s holds %q", id, names)
			}
		}
		if len(ids["blast"]) != 1 || len(ids["blast-de"]) != 1 {
			t.Errorf("the event is in stories %q and %q, want one a language", ids["blast"], ids["blast-de"])
		}
		if got := w.told.String(); got != dayTold {
			t.Errorf("told:\n%s\nwant:\n%s", got, dayTold)
		}
		w.stop()
		w.web.Close()
		synctest.Wait()
	})
}
