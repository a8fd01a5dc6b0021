package main

import (
	"fmt"
	"math/rand/v2"
	"os"
	"strings"
	"testing"
	"time"

	"watcher/internal/store/pgtest"
)

// made gives a headline and a text of made-up words, so that no two are one
// story.
func made(r *rand.Rand, n int) (title, text string) {
	word := func() string {
		var b strings.Builder
		for range 2 + r.IntN(3) {
			b.WriteByte("bcdfghklmnprstvz"[r.IntN(16)])
			b.WriteByte("aeiou"[r.IntN(5)])
		}
		return b.String()
	}
	words := func(k int) string {
		ws := make([]string, k)
		for i := range ws {
			ws[i] = word()
		}
		return strings.Join(ws, " ")
	}
	return fmt.Sprintf("Oman talks: %s item%d", words(5), n), words(40)
}

// killed runs the daemon while items flow and kills it at random moments.
// Every item must be told, and told again only under the same id.
func killed(t *testing.T, address string, items, kills int) {
	seed := uint64(time.Now().UnixNano())
	t.Logf("seed %d", seed)
	r := rand.New(rand.NewPCG(seed, 1))
	d := newDesk(t)
	d.store = address
	feeds := []string{"/one", "/two", "/three"}
	for _, f := range feeds {
		d.publish(f, "old", "Nothing of note", "An empty day.")
	}
	d.set(func() { d.delay = 5 * time.Millisecond })
	file := d.config("@every 1s", feeds...)
	p := start(t, "run", "-c", file)
	d.polledAgain(feeds...)

	// Publishing is spread over the kills.
	perKill := (items + kills - 1) / kills
	published := 0
	for range kills {
		for range perKill {
			if published < items {
				title, text := made(r, published)
				d.publish(feeds[published%3], fmt.Sprintf("n%d", published), title, text)
				published++
			}
		}
		time.Sleep(time.Duration(r.IntN(1500)) * time.Millisecond) // the random moment is the point
		p.kill()
		p = start(t, "run", "-c", file)
	}
	wait(t, fmt.Sprintf("%d alerts", items), 2*time.Minute, func() bool { return len(titles(d.accepted())) >= items })
	d.polledAgain(feeds...) // the last process is up
	if code, _ := p.stop(); code != 0 {
		t.Errorf("exit %d", code)
	}
	ids := map[string]string{}
	repeats := 0
	for _, post := range d.accepted() {
		title := post.body.Story.Title
		if id, ok := ids[title]; !ok {
			ids[title] = post.id
		} else if id == post.id {
			repeats++
		} else {
			t.Errorf("%q was told as %s and as %s", title, id, post.id)
		}
	}
	t.Logf("%d items, %d kills: %d lost, %d repeats under the same id", items, kills, items-len(ids), repeats)
	if len(ids) != items {
		t.Errorf("%d stories were told, want %d", len(ids), items)
	}
	if limit := 4 * kills; repeats > limit {
		t.Errorf("%d repeats, want at most %d: those in flight at a kill", repeats, limit)
	}
}

func titles(posts []post) map[string]bool {
	out := map[string]bool{}
	for _, p := range posts {
		out[p.body.Story.Title] = true
	}
	return out
}

func TestKill(t *testing.T) {
	t.Parallel()
	killed(t, "", 60, 6)
}

// The same on PostgreSQL, where the process that follows is another replica.
func TestKillOnPostgreSQL(t *testing.T) {
	t.Parallel()
	killed(t, pgtest.URL(t), 20, 2)
}

func TestSoakKill(t *testing.T) {
	if os.Getenv("WATCHER_SOAK") == "" {
		t.Skip("set WATCHER_SOAK=1 to kill the daemon 50 times")
	}
	killed(t, "", 500, 50)
}
