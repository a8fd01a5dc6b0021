package names

import (
	_ "embed"
	"slices"
	"strings"
	"sync"
	"unicode"
	"unicode/utf8"
)

// word is a word of a running text, ready to be compared.
type word struct {
	keys    Keys
	stem    Keys // without a case ending or joined particle, if it may have one
	cased   bool // its script has capitals
	latin   bool
	capital bool // and it begins with one
	common  bool
}

func readWord(s string) (w word) {
	first, _ := utf8.DecodeRuneInString(s)
	w.capital = unicode.IsUpper(first) || unicode.IsTitle(first)
	s = withoutPossessive(s)
	w.keys = KeysOf(s)
	if w.keys.n == 0 {
		return w
	}
	switch w.keys.key[0].script {
	case Latin, Cyrillic, Greek:
		w.cased = true
	}
	var l letters
	l.read(s)
	w.latin = l.script == Latin
	w.common = w.latin && isCommon(l.r[:l.n])
	if rs := cutInflection(l.script, l.r[:l.n]); len(rs) < l.n {
		w.stem.add(l.script, rs, withoutEnding)
	}
	return w
}

// withoutPossessive cuts what stands behind an apostrophe: Araghchi's,
// Arakçi'nin. In Hebrew the mark is part of a letter.
func withoutPossessive(s string) string {
	i := strings.LastIndexAny(s, "'’")
	if i < 4 {
		return s
	}
	_, size := utf8.DecodeRuneInString(s[i:])
	tail := s[i+size:]
	if r, _ := utf8.DecodeRuneInString(tail); utf8.RuneCountInString(tail) > 4 || r >= 0x590 {
		return s
	}
	return s[:i]
}

//go:embed words.txt
var wordList string

// commonWords are the words that news writes mostly in lower case. The list is
// part of the program, never of a store: every verb and replica must agree.
var commonWords = sync.OnceValue(func() map[string]bool {
	m := map[string]bool{}
	for _, line := range strings.Split(wordList, "\n") {
		if line == "" || line[0] == '#' {
			continue
		}
		m[line] = true
	}
	return m
})

func isCommon(rs []rune) bool {
	var b [2 * maxKey]byte
	for i, r := range rs {
		if r < 'a' || r > 'z' {
			return false
		}
		b[i] = byte(r)
	}
	return commonWords()[string(b[:len(rs)])]
}

// endings are the case endings of names, by script, the longest first; of those
// with a stroke what follows it stays. They come off only where four letters do.
var endings = [scripts][]string{
	Latin:    {"skiego/ski", "skiemu/ski", "skim/ski", "owej", "owie", "iego", "iemu", "owi", "ovi", "ego", "emu", "iem", "ami", "ach", "ová", "ovou", "ové", "ovej", "ovu", "em", "om", "ym", "im", "ie", "as", "is", "us", "ui", "ą", "ę", "u", "a", "o", "s", "y", "e"},
	Cyrillic: {"ого", "ому", "ами", "ями", "ові", "еві", "ою", "ою", "ой", "ою", "ым", "им", "ом", "ем", "ам", "ах", "ью", "ю", "у", "а", "е", "и", "і", "ы", "я"},
	Indic:    {"ेर", "ना", "नी", "नो", "ने", "नु", "के", "ते", "थी", "दे", "र", "े", "ए"},
}

// joined are particles written as one with the name after them.
var joined = [scripts][]string{
	Arabic: {"وب", "ول", "و", "ب", "ل", "ف", "ك"},
	Hebrew: {"וש", "ול", "וב", "שב", "של", "ו", "ה", "ב", "ל", "מ", "ש", "כ"},
}

const stemLetters = 4

func cutInflection(s Script, rs []rune) []rune {
	if s >= scripts {
		return rs
	}
	for _, e := range endings[s] {
		e, stays, _ := strings.Cut(e, "/")
		n := len(rs) - utf8.RuneCountInString(e)
		if n >= stemLetters && string(rs[n:]) == e {
			return rs[:n+len(stays)]
		}
	}
	for _, p := range joined[s] {
		if rest, ok := cutRunes(rs, p); ok && len(rest) >= stemLetters {
			return rest
		}
	}
	return rs
}

// common family names: one of them alone says little.
var families = strings.Fields(`
	smith jones brown johnson williams wilson taylor davis miller anderson martin thompson white lee clark lewis walker hall allen young king
	wright scott green baker adams nelson hill campbell mitchell roberts carter phillips evans turner parker collins edwards stewart morris murphy cook
	rogers morgan cooper reed bailey bell kelly howard ward cox richardson wood watson brooks bennett gray james hughes price
	garcia rodriguez martinez hernandez lopez gonzalez perez sanchez ramirez torres flores rivera gomez diaz cruz reyes morales silva santos souza oliveira
	müller schmidt schneider fischer weber meyer wagner becker schulz hoffmann dubois bernard petit durand moreau rossi russo ferrari esposito bianchi
	ivanov petrov smirnov kuznetsov popov novak kowalski nowak yilmaz kaya demir celik
	ahmed ahmad mohammed mohamed muhammad hassan hussein hussain ali khan hasan ibrahim mahmoud hosseini mohammadi ahmadi rezaei karimi abbasi rahimi
	singh kumar sharma patel gupta das rahman islam begum kim park choi nguyen tran wang li zhang liu chen yang huang tanaka suzuki sato cohen levy`)

func commonFamily(s string) bool {
	s = foldWord(s)
	for _, f := range families {
		if s == foldWord(f) {
			return true
		}
	}
	return false
}

// nameParticles stand before a family name and belong to it.
var nameParticles = strings.Fields(`al el ul as ash an ad ar az at bu bou abu abou bin ibn ben bint de da di du del della der den des dos das do la le van von zu ter ten
	аль эль ал ель аш ас бин ибн бен бу абу фон ван де ди да бен ал
	آل ال بن ابن بنت أبو ابو بو دي دو دا دی فون فان فن אל בן אבו בו דה פון ון αλ ελ μπιν μπου φον ντε`)

func isParticle(s string) bool {
	s = strings.ToLower(s)
	for _, p := range nameParticles {
		if s == p {
			return true
		}
	}
	return false
}

func isArticle(s string) bool {
	s = strings.ToLower(s)
	for _, list := range articles {
		if slices.Contains(list, s) {
			return true
		}
	}
	return false
}
