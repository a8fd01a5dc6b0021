package story

import (
	"cmp"
	"container/heap"
	"time"
)

// Which stories are in memory, and which of them words can reach.

// reach puts a story into the index unless it has been silent for too long.
func (g *Grouper) reach(s *cluster) {
	if s.indexed || g.clock-s.last > int64(g.p.Reach/time.Second) {
		return
	}
	s.indexed = true
	g.indexed++
	g.index.enter(s)
	heap.Push(&g.fading, due{s.last, s.number})
}

// unreach takes a story out of the index.
func (g *Grouper) unreach(s *cluster) {
	if s.indexed {
		s.indexed = false
		g.indexed--
		g.index.leave(s)
	}
}

// insert makes a story active.
func (g *Grouper) insert(s *cluster) {
	g.stories[s.number], g.byID[s.id] = s, s
	s.indexed = false
	g.reach(s)
	g.days[day(s.last)]++
	heap.Push(&g.queue, due{s.last, s.number})
}

// forget takes a story out of memory.
func (g *Grouper) forget(s *cluster) {
	g.unreach(s)
	delete(g.stories, s.number)
	if g.byID[s.id] == s {
		delete(g.byID, s.id)
	}
	g.days[day(s.last)]--
}

// due says that a story was last heard of then; a later entry outdates it.
type due struct {
	last   int64
	number int32
}

// queue is a heap of what is due, the longest silent first.
type queue []due

func (q queue) Len() int { return len(q) }
func (q queue) Less(i, j int) bool {
	return cmp.Or(cmp.Compare(q[i].last, q[j].last), cmp.Compare(q[i].number, q[j].number)) < 0
}
func (q queue) Swap(i, j int) { q[i], q[j] = q[j], q[i] }
func (q *queue) Push(x any)   { *q = append(*q, x.(due)) }
func (q *queue) Pop() any {
	old := *q
	x := old[len(old)-1]
	*q = old[:len(old)-1]
	return x
}

func day(t int64) int64 { return t / 86400 }

// tick moves the clock of the items and forgets stories that are silent.
func (g *Grouper) tick(at int64) {
	if at <= g.clock {
		at = g.clock
	}
	g.clock = at
	for len(g.fading) > 0 && at-g.fading[0].last > int64(g.p.Reach/time.Second) {
		q := heap.Pop(&g.fading).(due)
		if s := g.stories[q.number]; s != nil && s.last == q.last {
			g.unreach(s)
		}
	}
	silence := int64(g.p.Silence / time.Second)
	for len(g.queue) > 0 {
		q := g.queue[0]
		s := g.stories[q.number]
		stale := s == nil || s.last != q.last
		if !stale && g.clock-q.last <= silence && len(g.stories) <= g.p.MaxStories {
			break
		}
		heap.Pop(&g.queue)
		if !stale {
			g.forget(s)
		}
	}
}

// Expire moves the clock to now, and forgets stories that have been silent for
// Params.Silence and texts older than Params.Window. Their ids and texts stay in
// the store. Where the items of Add are not older than now, whoever calls it
// before each decision decides the same as a process that has just started.
func (g *Grouper) Expire(now time.Time) {
	at := now.Unix()
	g.tick(at)
	for len(g.prints.gens) > 1 && at-g.prints.gens[0].last > g.prints.window {
		g.prints.drop()
	}
}
