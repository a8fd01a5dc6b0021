package names

import (
	"bufio"
	"compress/gzip"
	"encoding/json"
	"os"
	"sort"
	"strings"
	"testing"
	"unicode"
)

type newsItem struct{ Title, Body string }

// newswire calls f with every item of the corpus.
func newswire(t testing.TB, f func(newsItem)) {
	file, err := os.Open(dataPath(t, "newswire", "corpus.jsonl.gz"))
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	z, err := gzip.NewReader(file)
	if err != nil {
		t.Fatal(err)
	}
	sc := bufio.NewScanner(z)
	sc.Buffer(nil, 1<<22)
	for sc.Scan() {
		var it newsItem
		if err := json.Unmarshal(sc.Bytes(), &it); err != nil {
			t.Fatal(err)
		}
		f(it)
	}
}

// wordsOf cuts a text into words and the marks that end sentences.
func wordsOf(text string) (out []string) {
	start := -1
	for i, r := range text {
		if unicode.IsLetter(r) || unicode.IsMark(r) {
			if start < 0 {
				start = i
			}
			continue
		}
		if start >= 0 {
			out = append(out, text[start:i])
			start = -1
		}
		if strings.ContainsRune(".!?:\"", r) {
			out = append(out, string(r))
		}
	}
	if start >= 0 {
		out = append(out, text[start:])
	}
	return out
}

// TestWords keeps words.txt the words that the newswire writes mostly in lower
// case, of those that it has at least twice.
func TestWords(t *testing.T) {
	lower, upper := map[string]int{}, map[string]int{}
	newswire(t, func(it newsItem) {
		begin := true
		for _, w := range wordsOf(it.Body) {
			r := rune(w[0])
			switch {
			case !unicode.IsLetter(r):
				begin = true
				continue
			case unicode.IsLower(r):
				lower[w]++
			case !begin && w != strings.ToUpper(w):
				upper[strings.ToLower(w)]++
			}
			begin = false
		}
	})
	var words []string
	for w, n := range lower {
		if n >= 2 && n > upper[w] && len(w) > 1 && isASCII(w) {
			words = append(words, w)
		}
	}
	sort.Strings(words)
	text := "# Words that English news writes mostly in lower case.\n" +
		"# Made from counts of single words by: go test ./match/names -run TestWords -update\n" + strings.Join(words, "\n") + "\n"
	if *update {
		if err := os.WriteFile("words.txt", []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	if text != wordList {
		t.Error("words.txt is out of date: run go test ./match/names -run TestWords -update")
	}
}

func isASCII(s string) bool {
	for i := range len(s) {
		if s[i] >= 0x80 {
			return false
		}
	}
	return true
}
