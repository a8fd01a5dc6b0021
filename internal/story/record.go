package story

import (
	"cmp"
	"encoding/binary"
	"errors"
	"fmt"
	"maps"
	"math"
	"slices"
	"time"
)

// Records are what the caller keeps beside the items: opaque, small, and enough
// to go on as if nothing had happened.
type Records struct {
	Stories []StoryRecord
	Prints  []PrintRecord
	Aliases []Alias
}

// StoryRecord is an active story. Gone says that it was merged into another one
// and that its record may be deleted.
type StoryRecord struct {
	ID   string
	Last time.Time
	Data []byte
	Gone bool
}

// PrintRecord is what is remembered of an item's text; Story is where the item
// is now.
type PrintRecord struct {
	Item  string
	Story string
	Seen  time.Time
	Data  []byte
}

// Alias is the id that a merged story had, and the story it is part of.
type Alias struct{ From, To string }

// Changes gives the records touched since the last Commit. It may be called
// inside the caller's transaction as often as needed.
func (g *Grouper) Changes() Records {
	var r Records
	j := g.journal
	for _, id := range slices.Sorted(maps.Keys(j.stories)) {
		if s := g.byID[id]; s != nil {
			r.Stories = append(r.Stories, StoryRecord{ID: id, Last: stamp(s.last), Data: s.encode()})
		} else if g.aliases[id] != "" {
			r.Stories = append(r.Stories, StoryRecord{ID: id, Gone: true})
		}
	}
	for _, n := range slices.Sorted(maps.Keys(j.prints)) {
		if p := g.prints.get(n); p != nil {
			r.Prints = append(r.Prints, PrintRecord{Item: p.item, Story: g.alias(p.story), Seen: stamp(p.at), Data: p.encode()})
		}
	}
	for _, from := range j.aliases {
		r.Aliases = append(r.Aliases, Alias{from, g.aliases[from]})
	}
	return r
}

// Commit says that the changes are kept.
func (g *Grouper) Commit() { g.journal = newJournal() }

// Rollback undoes what was decided since the last Commit.
func (g *Grouper) Rollback() {
	j := g.journal
	for _, n := range slices.Backward(slices.Sorted(maps.Keys(j.prints))) {
		if before := j.prints[n]; before != nil {
			if p := g.prints.get(n); p != nil {
				*p = *before
			}
			continue
		}
		g.prints.undo(n)
	}
	for _, from := range j.aliases {
		delete(g.aliases, from)
	}
	for id, before := range j.stories {
		if s := g.byID[id]; s != nil {
			g.forget(s)
		}
		if before != nil {
			g.insert(before)
			g.next = max(g.next, before.number+1)
		}
	}
	if j.next != 0 {
		g.next = j.next
	}
	g.journal = newJournal()
}

// Load takes records that were kept: all of them at the start, newer ones when
// another replica wrote them. A record of a known id replaces it. After the
// first Load call Expire.
func (g *Grouper) Load(r Records) error {
	for _, a := range r.Aliases {
		g.aliases[a.From] = a.To
		if s := g.byID[a.From]; s != nil {
			g.forget(s)
		}
	}
	for _, rec := range r.Stories {
		if old := g.byID[rec.ID]; old != nil {
			g.forget(old)
		}
		if rec.Gone {
			continue
		}
		s, err := decodeStory(rec)
		if err != nil {
			return err
		}
		g.insert(s)
		g.next = max(g.next, s.number+1)
		g.clock = max(g.clock, s.last)
	}
	ps := make([]*print, 0, len(r.Prints))
	for _, rec := range r.Prints {
		p, err := decodePrint(rec)
		if err != nil {
			return err
		}
		ps = append(ps, p)
	}
	slices.SortFunc(ps, func(a, b *print) int { return cmp.Compare(a.number, b.number) })
	for _, p := range ps {
		g.clock = max(g.clock, p.at)
		if old := g.prints.get(p.number); old != nil && old.item == p.item {
			*old = *p
			continue
		}
		if p.number < g.prints.next {
			continue // forgotten here, before another replica moved it to another story
		}
		g.prints.add(p)
	}
	g.tick(g.clock)
	return nil
}

// journal holds what the stories and prints touched since the last Commit were
// before; nil for those that were not there.
type journal struct {
	stories map[string]*cluster
	prints  map[int32]*print
	aliases []string
	next    int32 // number of the first story made since then
}

func newJournal() *journal {
	return &journal{stories: map[string]*cluster{}, prints: map[int32]*print{}}
}

func (j *journal) story(g *Grouper, id string) {
	if _, ok := j.stories[id]; ok {
		return
	}
	var before *cluster
	if s := g.byID[id]; s != nil {
		c := *s
		before = &c
	}
	j.stories[id] = before
	if j.next == 0 {
		j.next = g.next
	}
}

// print notes a print that is about to come.
func (j *journal) print(p *print) { j.prints[p.number] = nil }

// moved notes a print that is about to change its story.
func (j *journal) moved(p *print) {
	if _, ok := j.prints[p.number]; !ok {
		before := *p
		j.prints[p.number] = &before
	}
}

func stamp(t int64) time.Time {
	if t == 0 {
		return time.Time{}
	}
	return time.Unix(t, 0).UTC()
}

// The form of the blobs: a version, then fixed and variable-length integers.
// Version 1 did not have the days of the week, the last byte.
const blobVersion = 2

func (s *cluster) encode() []byte {
	b := make([]byte, 0, 8*(len(s.vec)+len(s.title))+64)
	b = append(b, blobVersion)
	b = binary.AppendUvarint(b, uint64(s.number))
	b = binary.AppendUvarint(b, uint64(s.size))
	b = binary.AppendVarint(b, s.first)
	b = binary.AppendVarint(b, s.last)
	b = binary.AppendUvarint(b, uint64(s.langs))
	b = append(b, byte(boolInt(s.byHand)))
	b = appendVector(b, s.vec)
	b = appendVector(b, s.title)
	b = appendHashes(b, s.names)
	b = appendFigures(b, s.figures)
	b = appendStrings(b, s.events)
	b = appendHashes(b, s.labels)
	b = appendStrings(b, s.apart)
	return append(b, byte(s.days))
}

func decodeStory(rec StoryRecord) (*cluster, error) {
	r := blob{b: rec.Data}
	r.version()
	s := &cluster{id: rec.ID, number: int32(r.uint()), size: int(r.uint()), first: r.int(), last: r.int(), langs: uint32(r.uint()), byHand: r.uint() != 0}
	s.vec, s.title, s.names, s.figures, s.events, s.labels, s.apart = r.vector(), r.vector(), r.hashes(), r.figures(), r.strings(), r.hashes(), r.strings()
	s.days = r.days()
	s.norm, s.tnorm = s.vec.norm(), s.title.norm()
	if r.err != nil {
		return nil, fmt.Errorf("record of story %s: %w", rec.ID, r.err)
	}
	return s, nil
}

func (p *print) encode() []byte {
	b := make([]byte, 0, 4*len(p.shingles)+8*len(p.vec)+64)
	b = append(b, blobVersion)
	b = binary.AppendUvarint(b, uint64(p.number))
	b = binary.AppendVarint(b, p.at)
	b = binary.BigEndian.AppendUint64(b, p.text)
	b = appendStrings(b, []string{p.voice, p.publisher})
	b = appendHashes(b, p.shingles)
	b = appendHashes(b, p.opening)
	b = appendFigures(b, p.figures)
	b = appendVector(b, p.vec)
	b = appendHashes(b, p.labels)
	b = appendVector(b, p.title)
	return append(b, byte(p.days))
}

func decodePrint(rec PrintRecord) (*print, error) {
	r := blob{b: rec.Data}
	r.version()
	p := &print{item: rec.Item, story: rec.Story, number: int32(r.uint()), at: r.int(), text: r.fixed64()}
	if v := r.strings(); len(v) == 2 {
		p.voice, p.publisher = v[0], v[1]
	}
	p.shingles, p.opening, p.figures, p.vec, p.labels, p.title = r.hashes(), r.hashes(), r.figures(), r.vector(), r.hashes(), r.vector()
	p.days = r.days()
	if r.err != nil {
		return nil, fmt.Errorf("record of item %s: %w", rec.Item, r.err)
	}
	return p, nil
}

func boolInt(b bool) int {
	if b {
		return 1
	}
	return 0
}

func appendVector(b []byte, v vector) []byte {
	b = binary.AppendUvarint(b, uint64(len(v)))
	for _, t := range v {
		b = binary.BigEndian.AppendUint32(b, t.h)
		b = binary.BigEndian.AppendUint32(b, math.Float32bits(t.w))
	}
	return b
}

func appendHashes(b []byte, v []uint32) []byte {
	b = binary.AppendUvarint(b, uint64(len(v)))
	for _, h := range v {
		b = binary.BigEndian.AppendUint32(b, h)
	}
	return b
}

func appendFigures(b []byte, v []figure) []byte {
	b = binary.AppendUvarint(b, uint64(len(v)))
	for _, f := range v {
		for _, h := range [...]uint32{f.narrow, f.wide, f.noun} {
			b = binary.BigEndian.AppendUint32(b, h)
		}
		b = append(b, byte(boolInt(f.class)))
		b = binary.BigEndian.AppendUint64(b, math.Float64bits(f.value))
	}
	return b
}

func appendStrings(b []byte, v []string) []byte {
	b = binary.AppendUvarint(b, uint64(len(v)))
	for _, s := range v {
		b = binary.AppendUvarint(b, uint64(len(s)))
		b = append(b, s...)
	}
	return b
}

// blob reads a record; after the first mistake everything it gives is zero.
type blob struct {
	v   byte
	b   []byte
	err error
}

var errBlob = errors.New("damaged, or written by a newer version")

func (r *blob) fail() { r.b, r.err = nil, errBlob }

func (r *blob) version() {
	if len(r.b) == 0 || r.b[0] < 1 || r.b[0] > blobVersion {
		r.fail()
		return
	}
	r.v, r.b = r.b[0], r.b[1:]
}

func (r *blob) uint() uint64 {
	v, n := binary.Uvarint(r.b)
	if n <= 0 {
		r.fail()
		return 0
	}
	r.b = r.b[n:]
	return v
}

func (r *blob) int() int64 {
	v, n := binary.Varint(r.b)
	if n <= 0 {
		r.fail()
		return 0
	}
	r.b = r.b[n:]
	return v
}

// days reads what version 1 did not have.
func (r *blob) days() weekdays {
	switch {
	case r.v < 2:
		return 0
	case len(r.b) == 0:
		r.fail()
		return 0
	}
	return weekdays(r.b[0])
}

// count reads how many elements of at least size bytes follow.
func (r *blob) count(size int) int {
	n := r.uint()
	if n > uint64(len(r.b)/size) {
		r.fail()
		return 0
	}
	return int(n)
}

func (r *blob) fixed32() uint32 {
	if len(r.b) < 4 {
		r.fail()
		return 0
	}
	v := binary.BigEndian.Uint32(r.b)
	r.b = r.b[4:]
	return v
}

func (r *blob) fixed64() uint64 { return uint64(r.fixed32())<<32 | uint64(r.fixed32()) }

func (r *blob) vector() vector {
	v := make(vector, r.count(8))
	for i := range v {
		v[i] = term{r.fixed32(), math.Float32frombits(r.fixed32())}
	}
	return v
}

func (r *blob) hashes() []uint32 {
	v := make([]uint32, r.count(4))
	for i := range v {
		v[i] = r.fixed32()
	}
	return v
}

func (r *blob) figures() []figure {
	v := make([]figure, r.count(21))
	for i := range v {
		v[i] = figure{narrow: r.fixed32(), wide: r.fixed32(), noun: r.fixed32(), class: r.uint() != 0, value: math.Float64frombits(r.fixed64())}
	}
	return v
}

func (r *blob) strings() []string {
	var v []string
	for range r.count(1) {
		n := r.count(1)
		v = append(v, string(r.b[:n]))
		r.b = r.b[n:]
	}
	return v
}
