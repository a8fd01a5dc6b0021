package story

import (
	"encoding/binary"
	"errors"
	"fmt"
	"math"
)

// The form of the blobs: a version, then fixed and variable-length integers.
// Version 1 did not have the days of the week, the last byte. Up to version 2
// every story's record held its words; now they are the sum of its prints, and
// few records need them. A print's weights had four bytes.
const blobVersion = 3

// The marks of a story.
const (
	markByHand = 1 << iota
	markWhole
)

func (s *cluster) encode() []byte {
	b := make([]byte, 0, 512)
	b = append(b, blobVersion)
	b = binary.AppendUvarint(b, uint64(s.number))
	b = binary.AppendUvarint(b, uint64(s.size))
	b = binary.AppendVarint(b, s.first)
	b = binary.AppendVarint(b, s.last)
	b = binary.AppendUvarint(b, uint64(s.langs))
	b = append(b, byte(markByHand*boolInt(s.byHand)|markWhole*boolInt(s.whole)))
	if s.whole {
		b = appendVector(b, s.vec)
		b = appendVector(b, s.title)
	} else {
		b = binary.AppendUvarint(b, uint64(s.from))
	}
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
	s := &cluster{id: rec.ID, number: int32(r.uint()), size: int(r.uint()), first: r.int(), last: r.int(), langs: uint32(r.uint())}
	marks := r.uint()
	s.byHand, s.whole = marks&markByHand != 0, marks&markWhole != 0 || r.v < 3
	if s.whole {
		s.vec, s.title = r.vector(), r.vector()
	} else {
		s.from = int32(r.uint())
	}
	s.names, s.figures, s.events, s.labels, s.apart = r.hashes(), r.figures(), r.strings(), r.hashes(), r.strings()
	s.days = r.days()
	s.norm, s.tnorm = s.vec.norm(), s.title.norm()
	if r.err != nil {
		return nil, fmt.Errorf("record of story %s: %w", rec.ID, r.err)
	}
	return s, nil
}

func (p *print) encode() []byte {
	b := make([]byte, 0, 4*(len(p.shingles)+len(p.opening)+len(p.labels))+6*(len(p.vec)+len(p.title))+32*len(p.figures)+128)
	b = append(b, blobVersion)
	b = binary.AppendUvarint(b, uint64(p.number))
	b = binary.AppendVarint(b, p.at)
	b = binary.BigEndian.AppendUint64(b, p.text)
	b = appendStrings(b, []string{p.voice, p.publisher})
	b = appendHashes(b, p.shingles)
	b = appendHashes(b, p.opening)
	b = appendFigures(b, p.figures)
	b = appendCoarse(b, p.vec)
	b = appendHashes(b, p.labels)
	b = appendCoarse(b, p.title)
	b = append(b, byte(p.days))
	b = binary.AppendUvarint(b, uint64(p.gen))
	return appendStrings(b, []string{string(p.crowded)})
}

func decodePrint(rec PrintRecord) (*print, error) {
	r := blob{b: rec.Data}
	r.version()
	p := &print{item: rec.Item, story: rec.Story, number: int32(r.uint()), at: r.int(), text: r.fixed64()}
	if v := r.strings(); len(v) == 2 {
		p.voice, p.publisher = v[0], v[1]
	}
	p.shingles, p.opening, p.figures, p.vec, p.labels, p.title = r.hashes(), r.hashes(), r.figures(), r.coarse(), r.hashes(), r.coarse()
	p.days = r.days()
	if len(r.b) > 0 { // earlier programs did not have these, and pass them over
		p.gen = int32(r.uint())
		if v := r.strings(); len(v) == 1 && v[0] != "" {
			p.crowded = bitset(v[0])
		}
	}
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

func appendCoarse(b []byte, v vector) []byte {
	b = binary.AppendUvarint(b, uint64(len(v)))
	for _, t := range v {
		b = binary.BigEndian.AppendUint32(b, t.h)
		b = binary.BigEndian.AppendUint16(b, stepsOf(t.w))
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
	d := weekdays(r.b[0])
	r.b = r.b[1:]
	return d
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

func (r *blob) fixed16() uint16 {
	if len(r.b) < 2 {
		r.fail()
		return 0
	}
	v := binary.BigEndian.Uint16(r.b)
	r.b = r.b[2:]
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

// coarse reads the vector of a print.
func (r *blob) coarse() vector {
	if r.v < 3 {
		return r.vector()
	}
	v := make(vector, r.count(6))
	for i := range v {
		v[i] = term{r.fixed32(), weightOf(r.fixed16())}
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
