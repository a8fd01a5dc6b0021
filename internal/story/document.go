package story

import (
	"math"
	"slices"
	"strings"

	"watcher/feeds"
)

// A document is an item being decided on.
type document struct {
	item     Item
	lang     *language
	title    []token // of item.Title
	body     []token // of item.Text
	text     string  // what is compared with other texts: item.Text, with the headline before a short one
	words    []token // of text
	shingles []uint32
	common   []bool   // shingles that many stories hold
	heads    []figure // figures of the headline and the first lines
	events   []string // events that the headline and the first lines tell
	print    *print
	terms    int      // words that carry meaning
	names    []uint32 // sorted
	probe    *probe   // print.vec and print.title, laid out for comparing
}

const (
	ownText   = 15 // a text of fewer words is compared together with its headline
	headWords = 45
	dayWords  = 120 // in which a text says on which day of the week things happened
)

// read analyses an item. What it finds depends on the item alone, but for the
// weights of its terms.
func (g *Grouper) read(it Item) *document {
	d := &document{item: it}
	g.tokenize(d)
	d.shingles = shinglesOf(d.words)
	d.print = &print{item: it.ID, at: moment(it), publisher: it.Publisher, voice: voice(it), shingles: sample(d.shingles), text: textHash(d.title, d.body)}
	d.print.labels = labelsOf(it.Title, d.title)
	d.print.opening = opening(d.words)
	g.readFigures(d)
	d.events = g.lex.eventsOf(g.lex.eventsOf(nil, d.title), d.body[:min(len(d.body), dayWords)])
	d.readNames()
	d.print.days = g.lex.weekdaysOf(d.title) | g.lex.weekdaysOf(d.body[:min(len(d.body), dayWords)])
	return d
}

// tokenize cuts an item into words, in its language: most items whose feed does
// not say it are read in the right one at once.
func (g *Grouper) tokenize(d *document) {
	it := &d.item
	d.lang = g.langs.tagged(it.Lang)
	guess := d.lang == nil
	if guess {
		d.lang = g.langs.byName["en"]
	}
	cut := func() {
		z := tokenizer{lang: d.lang}
		d.title, d.body = z.append(g.room[0][:0], it.Title), z.append(g.room[1][:0], it.Text)
		g.room[0], g.room[1] = d.title, d.body
	}
	cut()
	if guess {
		if l := g.langs.guess(d.title, d.body); l != d.lang {
			d.lang = l
			cut()
		}
	}
	d.text, d.words = it.Text, d.body
	if len(d.body) < ownText {
		d.text = it.Title + "\n" + it.Text
		z := tokenizer{lang: d.lang}
		d.words = z.append(g.room[2][:0], d.text)
		g.room[2] = d.words
	}
}

// readFigures keeps all figures for the comparison with copies, and apart those
// that the headline and the first lines give.
func (g *Grouper) readFigures(d *document) {
	figs := g.lex.figuresOf(nil, d.item.Title, d.title)
	for i := range figs {
		figs[i].at = -1 - figs[i].at
	}
	d.heads = append(d.heads, figs...)
	all := g.lex.figuresOf(figs, d.item.Text, d.body)
	end := int32(math.MaxInt32)
	if len(d.body) > headWords {
		end = d.body[headWords].start
	}
	for _, f := range all[len(d.heads):] {
		if f.at < end {
			d.heads = append(d.heads, f)
		}
	}
	d.print.figures = all
}

// opening gives the stems of the first words of a text, sorted.
func opening(words []token) []uint32 {
	var out []uint32
	for _, t := range words[:min(len(words), headWords)] {
		if t.stem != 0 {
			out = append(out, t.stem)
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// around gives a figure with the words after it, as they stand.
func (d *document) around(f figure) string {
	text, at := d.item.Text, f.at
	if at < 0 {
		text, at = d.item.Title, -1-at
	}
	end, words := int(at), 0
	for end < len(text) && words < 3 {
		if text[end] == '\n' || text[end] == '.' && (end+1 == len(text) || text[end+1] == ' ') {
			break
		}
		if text[end] == ' ' {
			if words++; words == 3 {
				break
			}
		}
		end++
	}
	return strings.TrimRight(text[at:end], " ,;:")
}

// readNames collects what two languages may share: capitalised words inside a
// sentence, and numbers. A headline In Title Case names nobody.
func (d *document) readNames() {
	add := func(toks []token) {
		for _, t := range toks {
			if t.stem != 0 && t.flags&(isCapital|isNumber) != 0 && (t.flags&isNumber == 0 || t.end-t.start > 1) && !slices.Contains(d.names, t.stem) && len(d.names) < 40 {
				d.names = append(d.names, t.stem)
			}
		}
	}
	add(d.title)
	add(d.body[:min(len(d.body), 150)])
	slices.Sort(d.names)
}

// moment is the time at which an item counts.
func moment(it Item) int64 {
	t := feeds.Moment(it.Published, it.Seen)
	if t.IsZero() {
		return 0
	}
	return t.Unix()
}

func textHash(title, body []token) uint64 {
	h := uint64(14695981039346656037)
	for _, toks := range [][]token{title, body} {
		for _, t := range toks {
			h = (h ^ uint64(t.raw)) * 1099511628211
		}
		h = (h ^ 0xff) * 1099511628211
	}
	return h
}

// weigh makes the vectors of a document: stems of headline and text and pairs
// of neighbours, weighed by how rare they are in news at large and among the
// active stories.
func (g *Grouper) weigh(d *document) {
	p := &g.p
	title, titlePairs := terms(d.title, len(d.title), 1)
	body, bodyPairs := terms(d.body, p.BodyWords, float32(p.LeadFactor))
	d.terms = len(title) + len(body)
	words := body.fold()
	for i := range words {
		words[i].w = float32(p.BodyWord * (1 + math.Log(float64(words[i].w))))
	}
	title = title.fold()
	words = sum(words, title, float32(p.TitleWord), math.MaxInt)
	rarity := g.rarities(words)
	j := 0
	for i, r := range rarity {
		w := float32(math.Exp(p.Rarity * math.Log(float64(r.w)))) // twice as fast as math.Pow
		words[i].w *= w
		if j < len(title) && title[j].h == r.h { // a word of the headline is one of all
			title[j].w *= w
			j++
		}
	}
	two := math.Pow(math.Log((g.bg.items+p.Adapt*float64(g.indexed))/5), p.Rarity)
	pairs := make(vector, 0, len(titlePairs)+len(bodyPairs))
	for i, list := range [][]pair{titlePairs, bodyPairs} {
		w := float32(two * [2]float64{p.TitlePair, p.BodyPair}[i])
		for _, x := range list {
			h := pairHash(x.a, x.b)
			pairs = append(pairs, term{h, w})
		}
	}
	pairs = pairs.fold()
	d.print.vec = heaviest(append(words, pairs...), p.ItemTerms).unit() // pairs sort after words
	d.print.title = slices.Clone(title.unit())
	g.probe.set(d.print.vec, d.print.title, rarity)
	d.probe = g.probe // of all terms: what of them a story has is told apart from what it has not
	d.print.vec = slices.Clone(heaviest(d.print.vec, printTerms))
	d.print.vec.coarse()
	d.print.title.coarse()
}

type pair struct{ a, b uint32 }

// pairWords are the first words of a text whose pairs count.
const pairWords = 30

// terms gives the first limit stems of a text, those among the first 30 words
// weighing lead, and the neighbours among them.
func terms(toks []token, limit int, lead float32) (words vector, pairs []pair) {
	words, pairs = make(vector, 0, min(len(toks), limit)), make([]pair, 0, min(len(toks), limit))
	prev := uint32(0)
	for i, t := range toks {
		if t.stem == 0 {
			continue
		}
		if len(words) >= limit {
			break
		}
		w := float32(1)
		if i < 30 {
			w = lead
		}
		words = append(words, term{t.stem, w})
		if prev != 0 && len(words) <= pairWords {
			pairs = append(pairs, pair{prev, t.stem})
		}
		prev = t.stem
	}
	return words, pairs
}

// rarities gives how rare each word is, until it is asked again.
func (g *Grouper) rarities(words vector) vector {
	g.rare = g.rare[:0]
	for _, t := range words {
		active, large := g.index.count(t.h)
		g.rare = append(g.rare, term{t.h, float32(g.bg.rarity(large, active, g.indexed, g.p.Adapt))})
	}
	return g.rare
}

func pairHash(a, b uint32) uint32 { return mix(a*31+b) | pairBit }

// wordOf finds the word or pair of words of the item behind a term.
func (d *document) wordOf(h uint32) string {
	for _, part := range []struct {
		text string
		toks []token
	}{{d.item.Title, d.title}, {d.item.Text, d.body}} {
		prev := token{}
		for _, t := range part.toks {
			if t.stem == 0 {
				continue
			}
			if t.stem == h {
				return part.text[t.start:t.end]
			}
			if prev.stem != 0 && pairHash(prev.stem, t.stem) == h {
				return feeds.OneLine(part.text[prev.start:t.end])
			}
			prev = t
		}
	}
	return ""
}
