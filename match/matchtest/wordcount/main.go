// Command wordcount makes match/frequency.txt: in which part of news items each
// common word stands, from a corpus of {"title","body"} JSON lines, gzipped.
//
//	go run ./match/matchtest/wordcount CORPUS.jsonl.gz > match/frequency.txt
//
// A line holds a part, in items of ten thousand, and the words of that part or
// more. Single words with their counts are all that is kept of the corpus.
package main

import (
	"bufio"
	"fmt"
	"log"
	"os"
	"sort"

	"watcher/match/matchtest"
)

// steps are the parts that are told apart.
var steps = []int{6000, 4000, 2500, 1600, 1000, 700, 500, 350, 250, 180, 120, 80, 60, 40, 30, 20, 15, 10, 7, 5, 3}

func main() {
	items, err := matchtest.Read(os.Args[1])
	if err != nil {
		log.Fatal(err)
	}
	count := map[string]int{}
	for _, it := range items {
		seen := map[string]bool{}
		for _, w := range matchtest.Words(it.Text()) {
			if !seen[w] {
				seen[w] = true
				count[w]++
			}
		}
	}
	out := bufio.NewWriter(os.Stdout)
	defer out.Flush()
	most := len(items) + 1
	for _, s := range steps {
		least := (s*len(items) + 9999) / 10000
		var words []string
		for w, n := range count {
			if n >= least && n < most && plain(w) {
				words = append(words, w)
			}
		}
		most = least
		sort.Strings(words)
		fmt.Fprint(out, s)
		for _, w := range words {
			fmt.Fprint(out, " ", w)
		}
		fmt.Fprintln(out)
	}
}

func plain(w string) bool {
	for i := 0; i < len(w); i++ {
		if w[i] < 'a' || w[i] > 'z' {
			return false
		}
	}
	return len(w) > 1
}
