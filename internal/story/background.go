package story

import (
	_ "embed"
	"math"
	"strconv"
	"strings"
	"sync"
)

// background.txt says in how many of a number of news items each stem stood:
// the first line is the number of items, each other line a stem and its count.
// TestBackground writes it.
//
//go:embed background.txt
var backgroundText string

// background knows how common a word is in news at large, so that the first
// items of a new watcher are weighed as well as later ones.
type background struct {
	items float64
	count map[uint32]float32
}

var shipped = sync.OnceValue(func() *background { return readBackground(backgroundText) })

func readBackground(text string) *background {
	head, rest, _ := strings.Cut(text, "\n")
	items, _ := strconv.ParseFloat(head, 64)
	b := &background{items: items, count: make(map[uint32]float32, 24<<10)}
	for line := range strings.Lines(rest) {
		word, n, ok := strings.Cut(strings.TrimSuffix(line, "\n"), " ")
		if !ok {
			continue
		}
		c, _ := strconv.ParseFloat(n, 32)
		b.count[hashRunes([]rune(word))] = float32(c)
	}
	b.group()
	return b
}

// group counts words that stand for each other together.
func (b *background) group() {
	for line := range strings.Lines(sameWords) {
		words := strings.Fields(line)
		if len(words) == 0 {
			continue
		}
		seen, n := map[uint32]bool{}, float32(0)
		for _, w := range words {
			if h := hashRunes(englishStem([]rune(w))); !seen[h] {
				seen[h] = true
				n += b.count[h]
			}
		}
		b.count[hashWord("="+words[0])] = n
	}
}

// rarity is the inverse document frequency of a stem that stands in count items
// of the background and in active of n active stories: what news at large says
// of it, counted as weight stories, and the stories at hand but for the one
// that it is looked up for. In a stream about one topic the words of the topic
// are soon common.
func (b *background) rarity(count float32, active, n int, weight float64) float64 {
	large := (float64(count) + .5) / (b.items + 2)
	p := (float64(max(0, active-1)) + weight*large) / (float64(max(0, n-1)) + weight)
	return max(-math.Log(p), .1)
}
