package names

import (
	"sort"
	"strings"

	"golang.org/x/text/unicode/norm"
)

// Script is a group of writing systems that are read with one table.
type Script uint8

const (
	Latin Script = iota
	Cyrillic
	Arabic // with Persian, Urdu, Kurdish
	Hebrew
	Greek
	Indic // Devanagari, Bengali, Gujarati: the same letters in the same places
	Syllabic
	scripts        // how many there are
	unread  Script = 255
)

var scriptNames = [...]string{"Latn", "Cyrl", "Arab", "Hebr", "Grek", "Deva", "Kana"}

func (s Script) String() string {
	if int(s) < len(scriptNames) {
		return scriptNames[s]
	}
	return "Zzzz"
}

func scriptNamed(name string) Script {
	for i, n := range scriptNames {
		if n == name {
			return Script(i)
		}
	}
	return unread
}

// abjad tells whether short vowels go unwritten.
func (s Script) abjad() bool { return s == Arabic || s == Hebrew }

// A sound is one place of a key: a number of its script's alphabet that
// stands for a set of phonemes, the most likely first. At the end of a word it
// has the final bit, because a final letter is often silent.
type sound = byte

const (
	maxSounds = 96
	final     = 128
)

// alphabet reads one script: clusters of letters to sounds.
type alphabet struct {
	lo, hi   rune        // the letters that may start a cluster
	clusters [][]cluster // by first letter - lo, the longest first
	sounds   []string    // sound -> its phonemes
	numbers  map[string]sound
}

type cluster struct {
	start bool   // only at the head of a word
	rest  []rune // the letters after the first
	ahead string // and then one of these, which is not part of it; $ is the end
	out   []sound
}

// readAlphabet compiles a table of words "letters=phonemes", where + joins
// sounds and a cluster may stand for no sound at all ("ь="). ^ ties letters to
// the head of a word, "c>ei" is a c before e or i, "s>$" an s at the end.
func readAlphabet(lo, hi rune, table string) *alphabet {
	a := &alphabet{lo: lo, hi: hi, clusters: make([][]cluster, hi-lo+1), numbers: map[string]sound{}}
	for _, entry := range strings.Fields(table) {
		letters, phonemes, _ := strings.Cut(entry, "=")
		var out []sound
		if phonemes != "" {
			for _, p := range strings.Split(phonemes, "+") {
				out = append(out, a.number(p))
			}
		}
		for _, l := range strings.Split(letters, ",") {
			l, start := strings.CutPrefix(l, "^")
			l, ahead, _ := strings.Cut(l, ">")
			rs := []rune(l)
			a.clusters[rs[0]-lo] = append(a.clusters[rs[0]-lo], cluster{start, rs[1:], ahead, out})
		}
	}
	a.inherit()
	for _, c := range a.clusters {
		sort.SliceStable(c, func(i, j int) bool { return c[i].rank() > c[j].rank() })
	}
	return a
}

func (a *alphabet) number(phonemes string) sound {
	n, ok := a.numbers[phonemes]
	if !ok {
		n = sound(len(a.sounds))
		if n >= maxSounds {
			panic("names: an alphabet has too many sounds")
		}
		a.numbers[phonemes] = n
		a.sounds = append(a.sounds, phonemes)
	}
	return n
}

// sound finds a sound by its phonemes, with $ the one at the end of a word.
func (a *alphabet) sound(phonemes string) (sound, bool) {
	p, end := strings.CutSuffix(phonemes, "$")
	s, ok := a.numbers[p]
	if end {
		s |= final
	}
	return s, ok
}

// inherit lets a letter with marks that no line names sound like its base.
func (a *alphabet) inherit() {
	for i := range a.clusters {
		if len(a.clusters[i]) > 0 {
			continue
		}
		base, n := a.lo+rune(i), 0
		for _, r := range norm.NFD.String(string(base)) {
			if n == 0 {
				base = r
			}
			n++
		}
		if n > 1 && base >= a.lo && base <= a.hi {
			a.clusters[i] = a.clusters[base-a.lo]
		}
	}
}

// rank orders clusters of one first letter: the most particular first.
func (c *cluster) rank() int {
	n := 4 * len(c.rest)
	if c.ahead != "" {
		n += 2
	}
	if c.start {
		n++
	}
	return n
}

// follows tells whether what comes after the cluster is what it wants: one of
// the letters ahead, or the end of the word ($).
func (c *cluster) follows(rs []rune) bool {
	if len(rs) == 0 {
		return strings.HasSuffix(c.ahead, "$")
	}
	return strings.ContainsRune(c.ahead, rs[0])
}

// next reads the cluster at the head of rs: its sounds and its length.
func (a *alphabet) next(rs []rune, start bool) ([]sound, int) {
	if r := rs[0]; r >= a.lo && r <= a.hi {
	cluster:
		for i := range a.clusters[r-a.lo] {
			c := &a.clusters[r-a.lo][i]
			n := 1 + len(c.rest)
			if n > len(rs) || c.start && !start {
				continue
			}
			for j, q := range c.rest {
				if rs[j+1] != q {
					continue cluster
				}
			}
			if c.ahead != "" && !c.follows(rs[n:]) {
				continue
			}
			return c.out, n
		}
	}
	return nil, 1
}
