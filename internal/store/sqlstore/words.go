package sqlstore

import (
	"context"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"

	"watcher/feeds"
	"watcher/internal/store"
)

// Both databases index words that are cut and folded here, so that a search
// finds the same items on either: case and marks gone, compatibility forms
// unified, letters of scripts without blanks each a word.

// maxTokens bounds the words of one item; PostgreSQL keeps positions up to 16,383.
const maxTokens = 16000

// maxToken bounds one word, and maxWords all words of an item, in bytes.
const (
	maxToken = 200
	maxWords = 400_000
)

// Tokens cuts a text into folded words. They share the folded text's memory.
func Tokens(s string) []string {
	folded := foldText(s)
	out := make([]string, 0, len(folded)/6+1)
	start := -1 // of the word that is being read
	end := func(at int) {
		if start >= 0 {
			out = append(out, cutWord(folded[start:at]))
			start = -1
		}
	}
	for i, r := range folded {
		switch {
		case r < utf8.RuneSelf && !('a' <= r && r <= 'z' || '0' <= r && r <= '9'):
			end(i)
		case r < utf8.RuneSelf:
			if start < 0 {
				start = i
			}
		case r >= 0x0e00 && unicode.In(r, unicode.Han, unicode.Hiragana, unicode.Katakana, unicode.Thai, unicode.Lao, unicode.Khmer, unicode.Myanmar):
			end(i)
			if unicode.IsLetter(r) || unicode.IsNumber(r) {
				out = append(out, string(r))
			}
		case unicode.IsLetter(r) || unicode.IsNumber(r):
			if start < 0 {
				start = i
			}
		default:
			end(i)
		}
	}
	end(len(folded))
	return out
}

// cutWord bounds a word, at the end of a character.
func cutWord(w string) string {
	if len(w) <= maxToken {
		return w
	}
	w = w[:maxToken]
	for !utf8.ValidString(w) && len(w) > maxToken-utf8.UTFMax {
		w = w[:len(w)-1]
	}
	return w
}

// letters that compatibility forms do not unify but readers take for one.
var alike = map[rune]rune{
	'ي': 'ی', 'ى': 'ی', 'ك': 'ک', 'ة': 'ه', 'أ': 'ا', 'إ': 'ا', 'آ': 'ا', 'ٱ': 'ا', 'ß': 's', 'ı': 'i', 'ł': 'l', 'đ': 'd', 'ø': 'o', 'æ': 'a', 'œ': 'o', 'ё': 'е',
}

// foldText folds the runs of ASCII and of other characters each by itself:
// most texts are mostly ASCII, and what a mark stands on does not matter to it.
func foldText(s string) string {
	plain := 0
	for plain < len(s) && s[plain] < utf8.RuneSelf {
		plain++
	}
	if plain == len(s) {
		return strings.ToLower(s)
	}
	b := make([]byte, 0, len(s)+16)
	for i := 0; i < len(s); {
		for ; i < len(s) && s[i] < utf8.RuneSelf; i++ {
			c := s[i]
			if 'A' <= c && c <= 'Z' {
				c += 'a' - 'A'
			}
			b = append(b, c)
		}
		from := i
		for i < len(s) && s[i] >= utf8.RuneSelf {
			i++
		}
		for _, r := range norm.NFKD.String(s[from:i]) {
			if r = foldRune(r); r >= 0 {
				b = utf8.AppendRune(b, r)
			}
		}
	}
	return string(b)
}

// foldRune folds a character of a decomposed text; -1: it goes.
func foldRune(r rune) rune {
	switch {
	case unicode.IsMark(r), r == 'ـ', r == '\u200c', r == '\u200d': // marks, kashida, joiners stand inside words
		return -1
	case r >= '٠' && r <= '٩':
		return r - '٠' + '0'
	case r >= '۰' && r <= '۹':
		return r - '۰' + '0'
	}
	r = unicode.ToLower(r)
	if a, ok := alike[r]; ok {
		return a
	}
	return r
}

// itemTokens are the words under which an item is found.
func itemTokens(it feeds.Item) []string {
	words := Tokens(it.Title)
	for _, s := range []string{it.Summary, it.Content} {
		if s != "" && len(words) < maxTokens {
			words = append(words, Tokens(feeds.PlainText(s))...)
		}
	}
	words = words[:min(len(words), maxTokens)]
	for i, n := 0, 0; i < len(words); i++ {
		if n += len(words[i]); n > maxWords {
			return words[:i]
		}
	}
	return words
}

// Terms is a parsed search.
type Terms struct{ All, None []Term }

// Term is words that stand together; the last may be a prefix.
type Term struct {
	Words  []string
	Prefix bool
}

// ParseTerms reads a store.SearchQuery's text.
func ParseTerms(s string) Terms {
	var q Terms
	for s = strings.TrimSpace(s); s != ""; s = strings.TrimSpace(s) {
		not := false
		if len(s) > 1 && s[0] == '-' {
			not, s = true, s[1:]
		}
		var text string
		if s[0] == '"' {
			text, s, _ = strings.Cut(s[1:], `"`)
		} else if i := strings.IndexFunc(s, unicode.IsSpace); i >= 0 {
			text, s = s[:i], s[i:]
		} else {
			text, s = s, ""
		}
		prefix := strings.HasSuffix(text, "*")
		if rest, ok := strings.CutPrefix(s, "*"); ok {
			prefix, s = true, rest
		}
		t := Term{Words: Tokens(text), Prefix: prefix}
		switch {
		case len(t.Words) == 0:
		case not:
			q.None = append(q.None, t)
		default:
			q.All = append(q.All, t)
		}
	}
	return q
}

// defaultSearch is a page of search results where no limit is given.
const defaultSearch = 50

// Search implements store.ItemReader.
func (t *Tx) Search(ctx context.Context, s store.SearchQuery) (store.SearchResult, error) {
	terms := ParseTerms(s.Text)
	if len(terms.All) == 0 {
		return store.SearchResult{}, nil
	}
	limit := s.Limit
	if limit <= 0 {
		limit = defaultSearch
	}
	var q query
	q.WriteString(`SELECT ` + itemColumns + ` FROM ` + t.d.SearchFrom)
	q.and(t.d.SearchMatch, t.d.Query(terms))
	if s.Feed != "" {
		q.and(`i.feed = ?`, s.Feed)
	}
	q.window("i.seen_at", s.From, s.To)
	if s.Before > 0 {
		q.and(t.d.SearchID+` < ?`, s.Before)
	}
	q.WriteString(` ORDER BY ` + t.d.SearchID + ` DESC`)
	q.limit(limit + 1)
	its, err := t.items(ctx, &q)
	if len(its) > limit {
		return store.SearchResult{Items: its[:limit], More: true}, err
	}
	return store.SearchResult{Items: its}, err
}
