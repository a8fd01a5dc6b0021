package digest

import (
	"strings"
	"unicode"
)

// rtl are the languages that are written from right to left.
var rtl = map[string]bool{
	"ar": true, "arc": true, "azb": true, "ckb": true, "dv": true, "fa": true, "he": true, "iw": true, "ks": true,
	"ku-arab": true, "mzn": true, "nqo": true, "prs": true, "ps": true, "sd": true, "syr": true, "ug": true, "ur": true, "yi": true,
}

var rtlScripts = []*unicode.RangeTable{unicode.Arabic, unicode.Hebrew, unicode.Syriac, unicode.Thaana, unicode.Nko}

// Dir is the direction of a text, rtl or ltr: that of most of its letters, or
// of its language where it has none.
func Dir(lang, text string) string {
	right, left := 0, 0
	for _, r := range text {
		switch {
		case !unicode.IsLetter(r):
		case unicode.In(r, rtlScripts...):
			right++
		default:
			left++
		}
	}
	lang = strings.ToLower(lang)
	base, _, _ := strings.Cut(lang, "-")
	switch {
	case right > left, right == left && (rtl[lang] || rtl[base]):
		return "rtl"
	}
	return "ltr"
}
