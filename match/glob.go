package match

import (
	"strings"
	"unicode/utf8"
)

// glob compares a whole value, its case aside; * stands for any characters and
// ? for one. The pattern is in lower case.
func glob(pattern, value string) bool {
	p, v, star, mark := 0, 0, -1, 0
	for v < len(value) {
		r, w := utf8.DecodeRuneInString(value[v:])
		if p < len(pattern) {
			q, pw := utf8.DecodeRuneInString(pattern[p:])
			if q == '*' {
				star, mark = p, v
				p++
				continue
			}
			if q == '?' || q == r || q == lowerRune(r) {
				p, v = p+pw, v+w
				continue
			}
		}
		if star < 0 {
			return false
		}
		p = star + 1
		_, w = utf8.DecodeRuneInString(value[mark:])
		mark += w
		v = mark
	}
	return strings.Trim(pattern[p:], "*") == ""
}

func lowerRune(r rune) rune {
	if r < utf8.RuneSelf {
		if r >= 'A' && r <= 'Z' {
			return r + 'a' - 'A'
		}
		return r
	}
	return []rune(strings.ToLower(string(r)))[0]
}

// speaks tells whether an item's language is the one wanted: "en" takes
// "en-GB" as well.
func speaks(pattern, lang string) bool {
	if glob(pattern, lang) {
		return true
	}
	return len(lang) > len(pattern) && (lang[len(pattern)] == '-' || lang[len(pattern)] == '_') && strings.EqualFold(lang[:len(pattern)], pattern)
}
