package names

import (
	"slices"
	"strings"
	"testing"
)

func TestCountry(t *testing.T) {
	for _, tc := range []struct {
		code string
		with string // forms, | between
		not  string
	}{
		{"IR", "Iran|Irán|İran|иран*|ایران|إيران|איראן|ईरान*|ইরান*|ઈરાન*|Iranian|ایرانی|إيراني|İranlı", "Ira"},
		{"OM", "Oman|Omán|Umman|Оман|عمان|عُمان|ओमान*|Omani", "Man"},
		{"US", "United States|Estados Unidos|Vereinigte Staaten|США|آمریکا|American|case:US|U.S.", "us|US|USA"},
		{"TR", "case:Turkey|Türkiye|Türkei|Turkish|تركيا|وتركيا|Türkiyeli", "Turkey"},
		{"MK", "North Macedonia|Macedonia", ""},
		{"SZ", "Eswatini|Swaziland", ""},
		{"TD", "Chad|Chadian", ""},
		{"MM", "Myanmar|Burma|Burmese", "Myanmar (Burma)"},
		{"gb", "United Kingdom|Britain|British|case:UK", "UK"},
	} {
		c, err := Country(tc.code)
		if err != nil {
			t.Errorf("%s: %v", tc.code, err)
			continue
		}
		for _, f := range strings.Split(tc.with, "|") {
			if !slices.Contains(c.Forms, f) {
				t.Errorf("%s lacks %q: %q", tc.code, f, c.Forms)
			}
		}
		for _, f := range strings.Split(tc.not, "|") {
			if slices.Contains(c.Forms, f) {
				t.Errorf("%s has %q", tc.code, f)
			}
		}
	}
}

func TestCountryUnknown(t *testing.T) {
	for code, want := range map[string]string{"Iran": "did you mean IR", "UK": "did you mean GB", "Omann": "did you mean OM", "ZZ": "unknown country", "": "unknown country", "840": "unknown country", "XX": "unknown country"} {
		_, err := Country(code)
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v, want %q", code, err, want)
		}
	}
}
