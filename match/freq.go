package match

import (
	_ "embed"
	"strconv"
	"strings"
	"sync"
)

//go:embed frequency.txt
var frequencyText string

// newsWords is the table of matchtest/wordcount: in which part of news items a
// word stands. It leads to the rarest word of a rule; a stale table costs time
// and changes no result.
var newsWords = sync.OnceValue(func() map[string]float32 {
	m := make(map[string]float32, 12000)
	for line := range strings.Lines(frequencyText) {
		words := strings.Fields(line)
		n, _ := strconv.Atoi(words[0])
		for _, w := range words[1:] {
			m[w] = float32(n) / 10000
		}
	}
	return m
})

// newsFrequency looks words up in the shipped table.
func newsFrequency(word string) (float64, bool) {
	f, ok := newsWords()[word]
	return float64(f), ok
}
