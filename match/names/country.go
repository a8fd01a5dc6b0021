package names

import (
	_ "embed"
	"fmt"
	"slices"
	"strings"
	"sync"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/language"
	"golang.org/x/text/language/display"
	"golang.org/x/text/unicode/norm"
)

// pressLanguages are those whose country names are taken, English first.
var pressLanguages = strings.Fields(`en ar fa tr es pt fr de it nl pl cs sk uk ru be bg sr hr sl mk sq ro hu el he
	hi bn gu mr ta te ur ps az hy ka kk uz id ms vi th zh zh-Hant ja ko sv da nb fi et lv lt sw`)

//go:embed countries.txt
var countryList string

// A CountryForms is what a country is called.
type CountryForms struct {
	Code  string
	Name  string   // in English
	Forms []string // in the form of aliases: words, phrases, prefix*, case:US
}

// Country gives the forms of a country by its two-letter code: the names of CLDR
// in the languages of the press, and ours of newer names and adjectives. CLDR's
// names of fewer than four Latin letters are left out: too many are words.
func Country(code string) (CountryForms, error) {
	region, err := language.ParseRegion(code)
	own, listed := countryTable()[strings.ToUpper(code)]
	if err != nil || len(code) != 2 || !region.IsCountry() || region.Canonicalize() != region && !listed {
		return CountryForms{}, unknownCountry(code)
	}
	english := display.Regions(language.English)
	c := CountryForms{Code: region.String(), Name: english.Name(region)}
	out, seen := map[string]bool{}, map[string]bool{}
	for _, f := range own {
		if name, ok := strings.CutPrefix(f, "-"); ok {
			out[unaccented(name)] = true
		}
	}
	add := func(form string) {
		if form != "" && !seen[form] {
			seen[form] = true
			c.Forms = append(c.Forms, form)
		}
	}
	for _, l := range pressLanguages {
		namer := display.Regions(language.Make(l))
		if namer == nil {
			continue
		}
		name := namer.Name(region)
		if out[unaccented(name)] {
			continue
		}
		if asides[c.Code] {
			name, _, _ = strings.Cut(strings.NewReplacer("（", "(", "[", "(").Replace(name), "(")
		}
		for _, form := range nameForms(name) {
			if out[unaccented(form)] {
				continue
			}
			add(form)
			for _, f := range formsIn(l, form) {
				if !out[unaccented(f)] {
					add(f)
				}
			}
		}
	}
	for _, f := range own {
		if !strings.HasPrefix(f, "-") {
			add(f)
		}
	}
	c.Forms = withoutCovered(c.Forms)
	return c, nil
}

// unaccented is a form in lower case without accents, as texts are read.
func unaccented(form string) string {
	return strings.Map(func(r rune) rune {
		if r >= 0x300 && r <= 0x36f {
			return -1
		}
		return unicode.ToLower(r)
	}, norm.NFD.String(form))
}

// asides are the regions whose names say of which country they are in brackets:
// Hong Kong (SAR, China).
var asides = map[string]bool{"HK": true, "MO": true, "CC": true, "MF": true, "SX": true, "VG": true, "VI": true, "UM": true}

// withoutCovered drops the words that a prefix among the forms meets anyway.
func withoutCovered(forms []string) []string {
	var prefixes []string
	for _, f := range forms {
		if p, ok := strings.CutSuffix(f, "*"); ok {
			prefixes = append(prefixes, strings.ToLower(p))
		}
	}
	return slices.DeleteFunc(forms, func(f string) bool {
		return !strings.ContainsAny(f, "*: ") && slices.ContainsFunc(prefixes, func(p string) bool { return strings.HasPrefix(strings.ToLower(f), p) })
	})
}

// nameForms takes "Myanmar (Burma)" apart and leaves out what is too short.
func nameForms(name string) (out []string) {
	for _, f := range strings.FieldsFunc(name, func(r rune) bool { return strings.ContainsRune("()（）[]", r) }) {
		f = strings.Trim(f, " ,;/-–")
		r, _ := utf8.DecodeRuneInString(f)
		if f == "" || r < 0x250 && utf8.RuneCountInString(f) < 4 || r >= 0x80 && utf8.RuneCountInString(f) < 2 {
			continue
		}
		out = append(out, f)
	}
	return out
}

var countryTable = sync.OnceValue(func() map[string][]string {
	t := map[string][]string{}
	for _, line := range strings.Split(countryList, "\n") {
		code, forms, ok := strings.Cut(line, ":")
		if !ok || line[0] == '#' {
			continue
		}
		for _, f := range strings.Split(forms, ",") {
			t[code] = append(t[code], strings.TrimSpace(f))
		}
	}
	return t
})

// countryNames are all forms of all countries in lower case, prefix* among them,
// each with its country as countryOf says it.
var countryNames = sync.OnceValue(func() map[string]string {
	of := map[string]string{}
	for a := 'A'; a <= 'Z'; a++ {
		for b := 'A'; b <= 'Z'; b++ {
			c, err := Country(string([]rune{a, b}))
			if err != nil {
				continue
			}
			for _, form := range c.Forms {
				of[strings.ToLower(strings.TrimPrefix(form, "case:"))] = fmt.Sprintf("%s (%s)", c.Code, c.Name)
			}
		}
	}
	return of
})

// countryOf says which country a text is a name or an adjective of, in any
// language of the press: "OM (Oman)", or "".
func countryOf(text string) string {
	word := strings.ToLower(strings.TrimSpace(text))
	if c, ok := countryNames()[word]; ok {
		return c
	}
	for i := range word {
		if c, ok := countryNames()[word[:i]+"*"]; ok && i > 0 {
			return c
		}
	}
	return countryNames()[word+"*"]
}

// unknownCountry proposes the country whose name, adjective or usual short form
// was meant.
func unknownCountry(code string) error {
	english := display.Regions(language.English)
	want := strings.ToLower(code)
	best, guess := 3, ""
	codes := make([]string, 0, len(countryTable()))
	for c := range countryTable() {
		codes = append(codes, c)
	}
	slices.Sort(codes)
	for _, c := range codes {
		name := english.Name(language.MustParseRegion(c))
		for _, f := range append([]string{name}, countryTable()[c]...) {
			f = strings.ToLower(strings.ReplaceAll(strings.TrimPrefix(f, "case:"), ".", ""))
			if len(f) > 1 && len(want) > 1 && editsWithin(f, want, best-1) {
				best = min(best-1, edits(f, want))
				guess = fmt.Sprintf(", did you mean %s (%s)?", c, name)
			}
			if best == 0 {
				break
			}
		}
	}
	return fmt.Errorf("unknown country %q: a two-letter ISO 3166 code is wanted, such as IR or US%s", code, guess)
}

func editsWithin(a, b string, most int) bool {
	if most < 0 || len(b) <= 2 && a != b {
		return false
	}
	return edits(a, b) <= most
}

// edits is the Levenshtein distance of two short strings.
func edits(a, b string) int {
	x, y := []rune(a), []rune(b)
	row := make([]int, len(y)+1)
	for j := range row {
		row[j] = j
	}
	for i := range x {
		diagonal := row[0]
		row[0] = i + 1
		for j := range y {
			v := diagonal
			if x[i] != y[j] {
				v++
			}
			diagonal = row[j+1]
			row[j+1] = min(v, row[j]+1, row[j+1]+1)
		}
	}
	return row[len(y)]
}
