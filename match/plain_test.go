package match

import (
	"fmt"
	"math/rand/v2"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode"

	"watcher/feeds"
	"watcher/match/query"
)

// The plain evaluator: the rule language as the design tells it, one word after
// the other, without program, cache, postings or memo. With the engine it shares
// what a word is (nextToken, fold, stem, forms) and the parser.

type plainWord struct {
	raw, form  string
	start, end int
	last       int // place of its last part: a word of several parts is there twice
	block      bool
}

type plainHit struct{ field, a, b int }

type plain struct {
	item     feeds.Item
	text     [fieldCount]string
	words    [fieldCount][][]plainWord // the readings at each place
	entities map[string]*Entity
	masked   map[[2]int]bool
}

type plainScope struct {
	fields       []int
	first        int
	cased, exact bool
	meta         string
}

func newPlain(it feeds.Item, entities []Entity) *plain {
	p := &plain{item: it, entities: map[string]*Entity{}, masked: map[[2]int]bool{}}
	for i := range entities {
		p.entities[entities[i].ID] = &entities[i]
	}
	var authors []string
	for _, a := range it.Authors {
		authors = append(authors, a.Name)
	}
	p.text = [fieldCount]string{it.Title, feeds.PlainText(it.Summary), feeds.PlainText(it.Content), strings.Join(authors, "\n"), strings.Join(it.Categories, "\n"), it.Link}
	for f, text := range p.text {
		for i := 0; i < len(text); {
			t := nextToken(text, i)
			if t.start >= len(text) {
				break
			}
			i = t.next
			raw := text[t.start:t.end]
			at := len(p.words[f])
			if !t.split {
				p.words[f] = append(p.words[f], []plainWord{{raw, folded(raw), t.start, t.end, at, t.block}})
				continue
			}
			from := t.start
			for k, part := range parts(raw) {
				p.words[f] = append(p.words[f], []plainWord{{part, folded(part), from, from + len(part), len(p.words[f]), t.block && k == 0}})
				from += len(part) + 3
			}
			p.words[f][at] = append(p.words[f][at], plainWord{raw, folded(raw), t.start, t.end, len(p.words[f]) - 1, t.block})
		}
	}
	return p
}

var everywhere = plainScope{fields: []int{Title, Summary, Body}}

// meets tells whether a word of the text meets a word of a rule.
func (p *plain) meets(w plainWord, q string, t token, mark byte, c plainScope) bool {
	form := folded(q)
	alone := false
	for _, r := range q {
		alone = classOf(r) == alone1
		break
	}
	switch {
	case mark == '*' && !alone && c.cased:
		return strings.HasPrefix(w.raw, q)
	case mark == '*' && !alone:
		return strings.HasPrefix(w.form, form)
	case mark == '~':
		lang := baseLang(p.item.Lang)
		return !strings.Contains(w.raw, ".") && stem(w.raw, lang) == stem(strings.ToLower(q), lang)
	case c.cased:
		return w.raw == q
	case t.dotted:
		upper := len([]rune(w.raw)) > 1
		for _, r := range w.raw {
			upper = upper && unicode.IsUpper(r)
		}
		return w.form == form && (strings.Contains(w.raw, ".") || upper)
	}
	if w.form == form {
		return true
	}
	if c.exact || form != q || len(q) < 4 {
		return false
	}
	return slices.Contains(forms(nil, q), w.form)
}

const alone1 = alone

type plainQuery struct {
	text string
	t    token
	mark byte
	c    plainScope
}

// run finds places where words stand one after the other.
func (p *plain) run(qs []plainQuery, c plainScope) (out []plainHit) {
	var follow func(f, at int, qs []plainQuery) []int
	follow = func(f, at int, qs []plainQuery) (ends []int) {
		if at >= len(p.words[f]) {
			return nil
		}
		for _, w := range p.words[f][at] {
			if !p.meets(w, qs[0].text, qs[0].t, qs[0].mark, qs[0].c) {
				continue
			}
			if len(qs) == 1 {
				ends = append(ends, w.last)
			} else if next := w.last + 1; next < len(p.words[f]) && !p.words[f][next][0].block {
				ends = append(ends, follow(f, next, qs[1:])...)
			}
		}
		return ends
	}
	for _, f := range c.fields {
		for at := range p.words[f] {
			for _, end := range follow(f, at, qs) {
				out = append(out, plainHit{f, at, end})
			}
		}
	}
	return p.within(out, c)
}

// within leaves out hits beyond FIRST and those that are masked.
func (p *plain) within(hits []plainHit, c plainScope) (out []plainHit) {
next:
	for _, h := range hits {
		if c.first > 0 && h.a >= c.first {
			continue
		}
		for k := h.a; k <= h.b; k++ {
			if p.masked[[2]int{h.field, k}] {
				continue next
			}
		}
		out = append(out, h)
	}
	return out
}

func (p *plain) wordHits(text string, mark byte, c plainScope) []plainHit {
	var whole, apart []plainQuery
	split := false
	for i := 0; i < len(text); {
		t := nextToken(text, i)
		if t.start >= len(text) {
			break
		}
		i = t.next
		k, m := c, byte(0)
		if t.start > 0 && text[t.start-1] == '=' {
			k.exact = true
		}
		if i < len(text) && (text[i] == '*' || text[i] == '~') {
			m = text[i]
		} else if i == len(text) {
			m = mark
		}
		q := plainQuery{text[t.start:t.end], t, m, k}
		whole = append(whole, q)
		if !t.split {
			apart = append(apart, q)
			continue
		}
		split = true
		for _, part := range parts(q.text) {
			apart = append(apart, plainQuery{part, token{}, m, k})
		}
	}
	out := p.run(whole, c)
	if split {
		out = append(out, p.run(apart, c)...)
	}
	return out
}

// hits finds where a word, phrase, entity, expression or an OR of them stands.
func (p *plain) hits(n *query.Node, c plainScope) (out []plainHit) {
	switch n.Op {
	case query.Word, query.Phrase:
		return p.wordHits(n.Text, n.Mark, c)
	case query.Entity:
		e := p.entities[n.Text]
		for i := range e.Alias {
			a, _ := query.ParseList(&e.Alias[i])
			out = append(out, p.hits(a, c)...)
		}
		return out
	case query.Regexp:
		re := regexp.MustCompile(strings.ReplaceAll(n.Text, `\/`, "/"))
		for _, f := range c.fields {
			for _, m := range re.FindAllStringIndex(p.text[f], -1) {
				h := plainHit{f, len(p.words[f]), 0}
				for k := range p.words[f] {
					if w := p.words[f][k][0]; w.end > m[0] {
						h.a, h.b = k, k
						break
					}
				}
				h.b = h.a
				for k := h.a + 1; k < len(p.words[f]); k++ {
					if p.words[f][k][0].start < m[1] {
						h.b = k
					}
				}
				out = append(out, h)
			}
		}
		return p.within(out, c)
	case query.Or:
		for _, k := range n.Kids {
			out = append(out, p.hits(k, c)...)
		}
		return out
	}
	k, c := p.into(n, c)
	return p.hits(k, c)
}

// into steps through a node that only narrows what stands below it.
func (p *plain) into(n *query.Node, c plainScope) (*query.Node, plainScope) {
	switch n.Op {
	case query.Case:
		c.cased = true
	case query.Exact:
		c.exact = true
	case query.First:
		if c.first == 0 || n.N < c.first {
			c.first = n.N
		}
	case query.Field:
		c.meta = n.Text
		if i := slices.Index(fieldNames[:], n.Text); i >= 0 {
			c.fields = []int{i}
		}
	default:
		panic(n.Op)
	}
	return n.Kids[0], c
}

func (p *plain) holds(n *query.Node, c plainScope) bool {
	switch n.Op {
	case query.And:
		for _, k := range n.Kids {
			if !p.holds(k, c) {
				return false
			}
		}
		return true
	case query.Or:
		for _, k := range n.Kids {
			if p.holds(k, c) {
				return true
			}
		}
		return false
	case query.Not:
		return !p.holds(n.Kids[0], c)
	case query.Of:
		held, seen := 0, map[string]bool{}
		for _, k := range n.Kids {
			if !seen[k.String()] && p.holds(k, c) {
				held++
			}
			seen[k.String()] = true
		}
		return held >= n.N
	case query.AtLeast:
		hits := p.hits(n.Kids[0], c)
		slices.SortFunc(hits, func(x, y plainHit) int { return 1000000*(x.field-y.field) + 1000*(x.a-y.a) + x.b - y.b })
		count, last := 0, plainHit{-1, -1, -1}
		for _, h := range hits {
			if h.field != last.field || h.a > last.b {
				count++
				last = h
			}
		}
		return count >= n.N
	case query.Near:
		return p.chain(n, c, 0, nil)
	case query.Word, query.Phrase, query.Entity, query.Regexp:
		switch c.meta {
		case "source":
			return plainGlob(n.Text, p.item.Source) || plainGlob(n.Text, p.item.Feed)
		case "lang":
			return p.item.Lang != "" && (plainGlob(n.Text, p.item.Lang) || plainGlob(n.Text+"-*", p.item.Lang))
		}
		return len(p.hits(n, c)) > 0
	}
	k, c := p.into(n, c)
	return p.holds(k, c)
}

// chain tries every hit of each side of a NEAR.
func (p *plain) chain(n *query.Node, c plainScope, i int, before *plainHit) bool {
	for _, h := range p.hits(n.Kids[i], c) {
		if before != nil {
			g := n.Gaps[i-1]
			ahead, behind := h.a-before.b, before.a-h.b
			if h.field != before.field || !(ahead > 0 && ahead <= g.N || !g.Ordered && behind > 0 && behind <= g.N) {
				continue
			}
		}
		if i == len(n.Kids)-1 || p.chain(n, c, i+1, &h) {
			return true
		}
	}
	return false
}

func plainGlob(pattern, value string) bool {
	var b strings.Builder
	b.WriteString("(?is)^")
	for _, r := range pattern {
		switch r {
		case '*':
			b.WriteString(".*")
		case '?':
			b.WriteString(".")
		default:
			b.WriteString(regexp.QuoteMeta(string(r)))
		}
	}
	return regexp.MustCompile(b.String() + "$").MatchString(value)
}

// judge tells whether a topic holds for an item.
func (p *plain) judge(t Topic) bool {
	p.masked = map[[2]int]bool{}
	masked := map[[2]int]bool{}
	for i := range t.Ignore {
		n, _ := query.ParseList(&t.Ignore[i])
		for _, h := range p.hits(n, everywhere) {
			for k := h.a; k <= h.b; k++ {
				masked[[2]int{h.field, k}] = true
			}
		}
	}
	p.masked = masked
	rule := func(s query.Source) bool {
		n, errs := query.Parse(&s)
		if errs != nil {
			panic(errs[0])
		}
		return p.holds(n, everywhere)
	}
	if !rule(t.Match) || t.Unless.Text != "" && rule(t.Unless) {
		return false
	}
	score := 0.0
	for _, s := range t.Score {
		if rule(s.Query) {
			score += s.Add
		}
	}
	return score+1e-9 >= t.Threshold // .7 and .1 make .8
}

// maker makes rules and items by chance, of few words, so that they meet.
type maker struct{ *rand.Rand }

func (m maker) pick(s ...string) string { return s[m.IntN(len(s))] }

func (m maker) operand() string {
	return m.pick("talk", "talks", "Talk", "=talk", "oman", "Oman", "iran", "us", "case:US", "U.S.", "U.N.", "nuclear", "policy", "policies", "negotiat*", "mediator~",
		"mediate~", `"nuclear deal"`, `"the nuclear"`, `"nuclear deal talk"`, `="nuclear deals"`, `"negotiat* in"`, "@iran", "@us", "@talks", "@all", "erdogan", "Erdoğan", "case:Oman*",
		"میرود", "می\u200cرود", `"او می\u200cرود"`, `"می رود خانه"`, "خانه", "北京", "京", "北*", "al-busaidi", "news", "new", "ir*", "strasse", "١٢", `"=talks in"`, "case:(US OR Oman)", "=@talks")
}

func (m maker) or() string {
	if m.IntN(3) > 0 {
		return m.operand()
	}
	return "(" + m.operand() + " OR " + m.operand() + ")"
}

// part makes a prim, positive unless not is set.
func (m maker) part(depth int, positive bool) string {
	switch k := m.IntN(16); {
	case k < 6 || depth <= 0:
		return m.operand()
	case k == 6:
		return m.pick("title:", "summary:", "body:", "tag:", "url:", "author:") + "(" + strings.ReplaceAll(m.or(), ":", ":") + ")"
	case k == 7:
		return fmt.Sprintf("ATLEAST/%d %s", 1+m.IntN(3), m.pick(m.or(), "/[aeiou]m/"))
	case k == 8:
		return fmt.Sprintf("FIRST/%d(%s)", 1+m.IntN(6), m.rule(depth-1))
	case k == 9:
		return fmt.Sprintf("%d OF (%s, %s, %s)", 1+m.IntN(2), m.part(depth-1, true), m.part(depth-1, true), "qatar")
	case k == 10:
		return m.pick("/[Oo]man/", "/nucl.*deal/", "/(?i)TALKS?/", "/k[si]/", "source:wire*", "lang:en", `source:"Other One"`, "lang:fa")
	case k < 14:
		text := "(" + m.or()
		for i := 0; i <= m.IntN(2); i++ {
			text += fmt.Sprintf(" %s/%d %s", m.pick("NEAR", "ONEAR"), 1+m.IntN(6), m.or())
		}
		return text + ")"
	}
	return "(" + m.rule(depth-1) + ")"
}

func (m maker) rule(depth int) string {
	a, b := m.part(depth, true), m.part(depth, true)
	switch m.IntN(5) {
	case 0:
		return a
	case 1:
		return a + " OR " + b
	case 2:
		return a + " AND NOT " + b
	}
	return a + " AND " + b
}

func (m maker) text(html bool) string {
	var b strings.Builder
	for range m.IntN(14) {
		b.WriteString(m.pick("talk", "talks", "Talks", "Oman", "OMAN", "oman", "Iran", "Iran’s", "iran", "U.S.", "U.S", "US", "us", "UN", "nuclear", "nuclear deal", "nuclear deals",
			"deal", "policy", "policies", "negotiators in", "mediation", "mediates", "the", "in", "Erdoğan", "Erdoğan", "Tehran", "White House", "می\u200cرود", "می رود", "میرود", "او", "خانه", "خانهٔ",
			"北京", "京北", "in北京", "al-Busaidi", "Al‑Busaidi", "news", "new", "Straße", "12", "۱۲", "qatar", "soft\u00adware", "Gulf of Oman", "(Oman)", "a.m.", "J. Smith", "x"))
		b.WriteString(m.pick(" ", " ", " ", ", ", ". ", " — "))
		if html && m.IntN(6) == 0 {
			b.WriteString(m.pick("<p>", "<br>", "<b>", "</b>", "&amp;", "\n"))
		}
	}
	return b.String()
}

func (m maker) item() feeds.Item {
	it := feeds.Item{GUID: "1", Title: feeds.PlainTitle(m.text(false)), Summary: m.text(true), Content: m.text(true), Lang: m.pick("", "en", "en-GB", "fa", "de"),
		Source: m.pick("Wire News", "Other One", ""), Feed: m.pick("", "wires", "b"), Link: "https://example.org/" + m.pick("oman", "talks-in-iran", "x")}
	if m.IntN(3) == 0 {
		it.Categories = []string{m.pick("Oman", "Nuclear deal"), "x"}
		it.Authors = []feeds.Author{{Name: m.pick("Al Busaidi", "Iran Oman")}, {Name: "Talk"}}
	}
	return it
}

func (m maker) topic(id int) Topic {
	t := Topic{ID: fmt.Sprint(id), Match: src(m.rule(3))}
	if m.IntN(4) == 0 {
		t.Unless = src(m.rule(2))
	}
	for range m.IntN(3) - 1 {
		t.Ignore = append(t.Ignore, src(m.pick("Gulf of Oman", "nuclear deal", "@us", "talks OR in", "case:Oman", "/U.S/")))
	}
	for range m.IntN(3) - 1 {
		t.Score = append(t.Score, Score{float64(m.IntN(4) - 1), src(m.rule(1))})
		t.Threshold = float64(m.IntN(2))
	}
	return t
}

// everyone is an entity of all kinds of aliases.
var everyone = Entity{ID: "all", Alias: list("@iran", "@talks OR news", "/Erdo./")}

// comparePlain compares the engine and the plain evaluator on rules and items
// made from a seed; it gives the number of pairs and of hits.
func comparePlain(t *testing.T, seed uint64, items int, extra string) (pairs, hits int) {
	m := maker{rand.New(rand.NewPCG(seed, 1))}
	entities := append(slices.Clone(sample), everyone)
	var topics []Topic
	for len(topics) < 24 {
		topic := m.topic(len(topics))
		if _, errs, _ := Compile(Config{Topics: []Topic{topic}, Entities: entities}); errs == nil {
			topics = append(topics, topic)
		}
	}
	s, errs, _ := Compile(Config{Topics: topics, Entities: entities})
	if errs != nil {
		t.Fatal(Join(errs))
	}
	matcher := s.NewMatcher()
	for range items {
		it := m.item()
		if extra != "" && m.IntN(2) == 0 {
			it.Title, it.Content = feeds.PlainTitle(extra), extra
		}
		pairs += len(topics)
		hits += compareItem(t, matcher, topics, entities, it, func() bool { return m.IntN(20) == 0 })
	}
	return pairs, hits
}

// compareItem compares what the engine and the plain evaluator say of one item,
// and explanations of those topics for which explain says so. It gives the number
// of hits.
func compareItem(t *testing.T, matcher *Matcher, topics []Topic, entities []Entity, it feeds.Item, explain func() bool) int {
	t.Helper()
	p := newPlain(it, entities)
	got := map[int]Hit{}
	for _, h := range matcher.Match(it, time.Time{}) {
		got[h.Index] = h
		checkSpans(t, p, topics[h.Index], h)
	}
	for i, topic := range topics {
		h, ok := got[i]
		if want := p.judge(topic); ok != want {
			t.Fatalf("topic %+v\nitem %+v\nengine %v, plain %v", rulesOf(topic), it, ok, want)
		}
		if !explain() {
			continue
		}
		if x, _ := matcher.Explain(topic.ID, it, time.Time{}); x.Match != ok || x.Score != h.Score && ok || !ok && len(x.Missing) == 0 {
			t.Fatalf("topic %+v\nitem %+v\nhit %v %v, explained as %v %v %q", rulesOf(topic), it, ok, h.Score, x.Match, x.Score, x.Missing)
		}
	}
	return len(got)
}

func rulesOf(t Topic) string {
	out := "match " + t.Match.Text + " unless " + t.Unless.Text
	for _, i := range t.Ignore {
		out += " ignore " + i.Text
	}
	for _, s := range t.Score {
		out += fmt.Sprintf(" score %g %s", s.Add, s.Query.Text)
	}
	return fmt.Sprintf("%s threshold %g", out, t.Threshold)
}

func checkSpans(t *testing.T, p *plain, topic Topic, h Hit) {
	t.Helper()
	for _, sp := range h.Hits {
		if f := slices.Index(fieldNames[:], sp.Field); f >= 0 && (sp.End > len(p.text[f]) || p.text[f][sp.Start:sp.End] != sp.Text) || sp.Text == "" || sp.Form == "" || !strings.Contains(topic.Match.Text, sp.Clause) {
			t.Fatalf("%s: span %+v", topic.Match.Text, sp)
		}
	}
}

func TestPlain(t *testing.T) {
	pairs, hits := 0, 0
	for seed := range uint64(25) {
		p, h := comparePlain(t, seed, 25, "")
		pairs, hits = pairs+p, hits+h
	}
	t.Logf("%d pairs, %d hits, no difference", pairs, hits)
	if hits < pairs/20 {
		t.Errorf("only %d hits of %d pairs: the words hardly meet", hits, pairs)
	}
}

func TestSoakPlain(t *testing.T) {
	if os.Getenv("WATCHER_SOAK") == "" {
		t.Skip("set WATCHER_SOAK=1 for a million pairs")
	}
	pairs, hits := 0, 0
	for seed := range uint64(1600) {
		p, h := comparePlain(t, 1000+seed, 30, "")
		pairs, hits = pairs+p, hits+h
	}
	t.Logf("%d pairs, %d hits, no difference", pairs, hits)
}
