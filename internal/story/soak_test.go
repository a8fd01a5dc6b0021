package story

import (
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"runtime/debug"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

// madeUp gives items of invented stories: a story has words of its own and
// words that all stories share, and is told one to four times.
type madeUp struct {
	r     *rand.Rand
	n     int
	at    time.Time
	words []string
	open  [][]string
}

func newMadeUp() *madeUp {
	m := &madeUp{r: rand.New(rand.NewPCG(1, 2)), at: noon}
	for i := range 60_000 {
		m.words = append(m.words, "w"+strconv.FormatInt(int64(i*7919%60_000+1_000_000), 36))
	}
	return m
}

func (m *madeUp) word() string {
	return m.words[min(len(m.words)-1, int(math.Exp(m.r.Float64()*math.Log(float64(len(m.words))))))]
}

func (m *madeUp) next() Item {
	m.n++
	m.at = m.at.Add(8 * time.Second)
	if len(m.open) < 200 || m.r.IntN(2) == 0 {
		own := make([]string, 12)
		for i := range own {
			own[i] = m.words[m.r.IntN(len(m.words))]
		}
		m.open = append(m.open, own)
		if len(m.open) > 2000 {
			m.open = m.open[1000:]
		}
	}
	own := m.open[len(m.open)-1-m.r.IntN(min(len(m.open), 200))]
	text := func(n int) string {
		var b strings.Builder
		for range n {
			if m.r.IntN(3) == 0 {
				b.WriteString(own[m.r.IntN(len(own))])
			} else {
				b.WriteString(m.word())
			}
			b.WriteByte(' ')
		}
		return b.String()
	}
	return Item{ID: strconv.Itoa(m.n), Publisher: "p" + strconv.Itoa(m.r.IntN(300)), Title: text(9), Text: text(40), Published: m.at, Seen: m.at}
}

// TestSoakHistory adds ten million items (or WATCHER_ITEMS), 10,800 a day, so
// that stories fall silent and texts leave the window, and compares the CPU time
// of an item after 10,000, 100,000, a million and all of them. Memory is the
// most that the process held.
func TestSoakHistory(t *testing.T) {
	if os.Getenv("WATCHER_SOAK") == "" {
		t.Skip("set WATCHER_SOAK=1 to add ten million items (WATCHER_ITEMS says otherwise)")
	}
	all := 10_000_000
	if n, err := strconv.Atoi(os.Getenv("WATCHER_ITEMS")); err == nil {
		all = n
	}
	defer debug.SetMemoryLimit(debug.SetMemoryLimit(400 << 20)) // as the verb does
	g, m := New(Default()), newMadeUp()
	const step = 10_000
	cost := func() time.Duration {
		items := make([]Item, step)
		for i := range items {
			items[i] = m.next()
		}
		begin := cpu()
		for _, it := range items {
			g.Add(it)
			g.Changes()
			g.Commit()
		}
		return (cpu() - begin) / step
	}
	var early, late time.Duration
	cost()
	for mark := step; ; mark *= 10 {
		for m.n < min(mark, all-step) {
			cost()
		}
		late = cost()
		if early == 0 {
			early = late
		}
		stories, prints := g.Active()
		t.Logf("after %8d items: %v an item, %.0f items/s; %d active stories, %d of them in the index, %d texts; at most %d MiB", m.n-step, late, 1/late.Seconds(), stories, g.indexed, prints, peak()>>20)
		if mark >= all {
			break
		}
	}
	if late > early*12/10 {
		t.Errorf("an item costs %v after %d items, %v after 10,000: more than a fifth more", late, m.n, early)
	}
	if peak() > 512<<20 {
		t.Errorf("%d MiB, want at most 512", peak()>>20)
	}
}

// peak is the most memory that the process held, in bytes.
func peak() int64 {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		panic(fmt.Sprint(err))
	}
	return u.Maxrss << 10
}

func cpu() time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		panic(fmt.Sprint(err))
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}
