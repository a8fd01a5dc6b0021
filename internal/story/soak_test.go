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

// history is a Grouper and the items that go through it.
type history struct {
	*Grouper
	m *madeUp
}

func newHistory() *history { return &history{New(Default()), newMadeUp()} }

// cost adds n items and gives the CPU time that one of them took.
func (h *history) cost(n int) time.Duration {
	items := make([]Item, n)
	for i := range items {
		items[i] = h.m.next()
	}
	begin := cpu()
	for _, it := range items {
		h.Add(it)
		h.Changes()
		h.Commit()
	}
	return (cpu() - begin) / time.Duration(n)
}

// TestSoakHistory adds ten million items (or WATCHER_ITEMS), 10,800 a day, so
// that stories fall silent and texts leave the window, and compares the CPU time
// of an item after all of them with that of one after 10,000. These are measured
// in turns, and the best of each counts: a machine is not as fast at any time.
// Memory is the most that the process held.
func TestSoakHistory(t *testing.T) {
	if os.Getenv("WATCHER_SOAK") == "" {
		t.Skip("set WATCHER_SOAK=1 to add ten million items (WATCHER_ITEMS says otherwise)")
	}
	all := 10_000_000
	if n, err := strconv.Atoi(os.Getenv("WATCHER_ITEMS")); err == nil {
		all = n
	}
	defer debug.SetMemoryLimit(debug.SetMemoryLimit(400 << 20)) // as the verb does
	const step = 10_000
	h := newHistory()
	for mark := step; mark < all; mark *= 10 {
		for h.m.n < mark {
			h.cost(step)
		}
		c := h.cost(step)
		stories, prints := h.Active()
		t.Logf("after %8d items: %v an item, %.0f items/s; %d active stories, %d of them in the index, %d texts; at most %d MiB", h.m.n-step, c, 1/c.Seconds(), stories, h.indexed, prints, peak()>>20)
	}
	for h.m.n < all {
		h.cost(step)
	}
	if peak() > 512<<20 {
		t.Errorf("%d MiB, want at most 512", peak()>>20)
	}
	early, late := time.Hour, time.Hour
	for range 4 {
		young := newHistory()
		young.cost(step)
		early, late = min(early, young.cost(step)), min(late, h.cost(step))
	}
	t.Logf("in turns: %v an item after 10,000, %v after %d (%+.0f %%)", early, late, h.m.n-4*step, 100*(late.Seconds()/early.Seconds()-1))
	if late > early*12/10 {
		t.Errorf("an item costs %v after %d items, %v after 10,000: more than a fifth more", late, h.m.n-4*step, early)
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
