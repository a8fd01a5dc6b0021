package sqlstore

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"

	"watcher/feeds"
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

// Tokens cuts a text into folded words.
func Tokens(s string) []string { return strings.Fields(string(appendWords(nil, s))) }

// appendWords appends the folded words of a text, a blank before each. Most
// texts are mostly ASCII.
func appendWords(b []byte, s string) []byte {
	w := wordWriter{out: b}
	for i := 0; i < len(s); {
		if c := s[i]; c < utf8.RuneSelf {
			w.ascii(c)
			i++
			continue
		}
		i += w.folded(s[i:])
	}
	w.end()
	return w.out
}

// wordWriter writes words, a blank before each.
type wordWriter struct {
	out   []byte
	start int // of the word that is being written; 0: none is
}

func (w *wordWriter) begin() {
	if w.start == 0 {
		w.out = append(w.out, ' ')
		w.start = len(w.out)
	}
}

// end ends a word and bounds it, at the end of a character.
func (w *wordWriter) end() {
	if w.start > 0 && len(w.out)-w.start > maxToken {
		n := w.start + maxToken
		for !utf8.RuneStart(w.out[n]) {
			n--
		}
		w.out = w.out[:n]
	}
	w.start = 0
}

func (w *wordWriter) ascii(c byte) {
	if 'A' <= c && c <= 'Z' {
		c += 'a' - 'A'
	}
	if 'a' <= c && c <= 'z' || '0' <= c && c <= '9' {
		w.begin()
		w.out = append(w.out, c)
		return
	}
	w.end()
}

// folded writes the first character of s, in its compatibility form, and gives
// its length. Each is decomposed by itself: the order of marks is what a whole
// text's normal form adds, and they go.
func (w *wordWriter) folded(s string) int {
	r, n := utf8.DecodeRuneInString(s)
	if r >= 0xac00 && r <= 0xd7a3 { // Hangul syllables are in no table
		for _, r := range norm.NFKD.String(s[:n]) {
			w.rune(foldRune(r))
		}
		return n
	}
	parts := norm.NFKD.PropertiesString(s).Decomposition()
	if parts == nil {
		w.rune(foldRune(r))
	}
	for len(parts) > 0 {
		r, n := utf8.DecodeRune(parts)
		parts = parts[n:]
		w.rune(foldRune(r))
	}
	return n
}

func (w *wordWriter) rune(r rune) {
	switch {
	case r < 0: // gone, without a gap
	case r < utf8.RuneSelf:
		w.ascii(byte(r))
	case !unicode.IsLetter(r) && !unicode.IsNumber(r):
		w.end()
	case r >= 0x0e00 && unicode.In(r, unicode.Han, unicode.Hiragana, unicode.Katakana, unicode.Thai, unicode.Lao, unicode.Khmer, unicode.Myanmar):
		w.end()
		w.begin()
		w.out = utf8.AppendRune(w.out, r)
		w.end()
	default:
		w.begin()
		w.out = utf8.AppendRune(w.out, r)
	}
}

// letters that compatibility forms do not unify but readers take for one.
var alike = map[rune]rune{
	'ي': 'ی', 'ى': 'ی', 'ك': 'ک', 'ة': 'ه', 'أ': 'ا', 'إ': 'ا', 'آ': 'ا', 'ٱ': 'ا', 'ß': 's', 'ı': 'i', 'ł': 'l', 'đ': 'd', 'ø': 'o', 'æ': 'a', 'œ': 'o', 'ё': 'е',
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

// itemWords are the words under which an item is found.
func itemWords(it feeds.Item) string { return string(appendItem(nil, it)) }

// appendItem writes an item's words into a buffer that is empty.
func appendItem(b []byte, it feeds.Item) []byte {
	b = appendWords(b, it.Title)
	for _, s := range [...]string{it.Summary, it.Content} {
		if s != "" {
			b = appendWords(b, feeds.PlainText(s))
		}
	}
	if len(b) > maxTokens {
		b = bound(b)
	}
	return b
}

// bound cuts words at the bounds of an item.
func bound(b []byte) []byte {
	n := 0
	for i, c := range b {
		if c != ' ' {
			continue
		}
		if n++; n > maxTokens || i > maxWords {
			return b[:i]
		}
	}
	return b
}
