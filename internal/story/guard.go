package story

import (
	"hash/fnv"
	"slices"
	"strings"
	"unicode"
)

// What likeness alone must not join. A false merge claims that two newsrooms
// agree and hides an alert, so these rules speak only against, never for.

// guardWords of the text are looked at, after the headline.
const guardWords = 60

// thin tells that an item has too few words in common with a story. Two short
// texts on one topic ("Oman", "talks") look alike by weight, though most of
// what they say differs.
func (d *document) thin(s *cluster) bool {
	if len(d.body) == 0 {
		return false // a headline has no more to share
	}
	stems := make([]uint32, 0, len(d.title)+guardWords)
	for _, ts := range [][]token{d.title, d.body[:min(len(d.body), guardWords)]} {
		for _, t := range ts {
			if t.stem != 0 {
				stems = append(stems, t.stem)
			}
		}
	}
	slices.Sort(stems)
	stems = slices.Compact(stems)
	shared := 0
	for _, h := range stems {
		if s.vec.get(h) > 0 || s.title.get(h) > 0 {
			shared++
		}
	}
	return shared < min(1+(3*len(stems)+9)/10, guardShared)
}

// guardShared is how many words in common are enough for a text of any length.
const guardShared = 5

// maxLabels bounds the labels of a headline and of a story.
const maxLabels = 8

// labelsOf gives the words of a headline that tell one of a kind from the
// next: a number behind its noun ("round 3", "item 17"), and a word of letters
// and digits ("MH370", "3f2a1b"). A number before a noun ("19 dead"), or behind
// a small word ("rises to 19"), is an amount.
func labelsOf(headline string, ts []token) []uint32 {
	var out []uint32
	for i, t := range ts {
		label := false
		if t.flags&isNumber != 0 {
			behind := i > 0 && ts[i-1].stem != 0 && ts[i-1].flags&isNumber == 0
			before := i+1 < len(ts) && ts[i+1].stem != 0 && adjacent(headline, t, ts[i+1])
			label = behind && !before || mixed(headline[t.start:t.end])
		} else {
			label = mixed(headline[t.start:t.end])
		}
		// The word itself: shingles do not tell numbers apart.
		h := fnv.New32a()
		h.Write([]byte(strings.ToLower(headline[t.start:t.end])))
		if label && !slices.Contains(out, h.Sum32()) && len(out) < maxLabels {
			out = append(out, h.Sum32())
		}
	}
	slices.Sort(out)
	return out
}

// adjacent tells whether nothing but blanks stands between two words.
func adjacent(text string, a, b token) bool {
	for _, r := range text[a.end:b.start] {
		if !unicode.IsSpace(r) {
			return false
		}
	}
	return true
}

// mixed tells a word of letters and digits, of four characters or more.
func mixed(w string) bool {
	letters, digits, n := 0, 0, 0
	for _, r := range w {
		n++
		switch {
		case unicode.IsDigit(r):
			digits++
		case unicode.IsLetter(r):
			letters++
		default:
			return false
		}
	}
	return n >= 4 && letters > 0 && digits > 0
}

// apartByLabel tells that both name one of a kind, and not the same one.
func apartByLabel(a, b []uint32) bool {
	return len(a) > 0 && len(b) > 0 && common(a, b) == 0
}

// another tells that an item is the next of a kind and no more of a story:
// their headlines differ in a label, and in nothing else. Where other words
// differ too, a label proves nothing: one outlet says "MH370", another
// "flight 370".
func (d *document) another(s *cluster) bool {
	if !apartByLabel(d.print.labels, s.labels) {
		return false
	}
	for _, t := range d.title {
		if t.stem == 0 || t.flags&isNumber != 0 || mixed(d.item.Title[t.start:t.end]) {
			continue
		}
		if s.title.get(t.stem) == 0 {
			return false
		}
	}
	return true
}
