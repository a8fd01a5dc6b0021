package match

import "strings"

// noPlural holds words that end like a plural or like its singular and are
// something else; neither meets the other form.
var noPlural = map[string]bool{
	"news": true, "always": true, "perhaps": true, "besides": true, "does": true, "goes": true, "means": true, "mean": true, "goods": true, "good": true,
	"series": true, "species": true, "lens": true, "economics": true, "economic": true, "politics": true, "politic": true, "physics": true, "ethics": true,
	"ethic": true, "mathematics": true, "athletics": true, "athletic": true, "electronics": true, "electronic": true, "dynamics": true, "dynamic": true,
	"genetics": true, "genetic": true, "basics": true, "basic": true, "academics": true, "logistics": true, "logistic": true, "olympics": true,
	"olympic": true, "diabetes": true, "rabies": true, "measles": true, "whereas": true, "towards": true, "afterwards": true, "sometimes": true,
	"sometime": true, "else": true, "this": true, "these": true, "thus": true, "across": true, "gross": true, "yours": true, "your": true, "ours": true,
	"hers": true, "theirs": true, "their": true, "every": true, "with": true, "customs": true, "custom": true, "texas": true, "arkansas": true,
	"kansas": true, "paris": true, "jesus": true, "james": true, "mars": true, "christmas": true, "atlas": true, "canvas": true, "bias": true, "alias": true, "chaos": true, "ethos": true,
}

// forms gives the regular singular or plural of a lower-case English word of
// four letters or more, appended to dst. Of two possible forms both are given:
// the wrong one is no word and meets nothing.
func forms(dst []string, w string) []string {
	if len(w) < 4 || noPlural[w] {
		return dst
	}
	for i := 0; i < len(w); i++ {
		if w[i] < 'a' || w[i] > 'z' {
			return dst
		}
	}
	add := func(s string) {
		if len(s) >= 3 && !noPlural[s] {
			dst = append(dst, s)
		}
	}
	last, prev := w[len(w)-1], w[len(w)-2]
	switch {
	case strings.HasSuffix(w, "ies"):
		if len(w) > 5 {
			add(w[:len(w)-3] + "y")
		}
		add(w[:len(w)-1])
		return dst
	case strings.HasSuffix(w, "sses"), strings.HasSuffix(w, "shes"), strings.HasSuffix(w, "ches"), strings.HasSuffix(w, "xes"), strings.HasSuffix(w, "zzes"), strings.HasSuffix(w, "oes"):
		add(w[:len(w)-2])
		if w[len(w)-4] != 's' {
			add(w[:len(w)-1]) // caches, axes, shoes
		}
		return dst
	case strings.HasSuffix(w, "uses"), strings.HasSuffix(w, "ases"), strings.HasSuffix(w, "zes"):
		add(w[:len(w)-2]) // viruses, gases
		add(w[:len(w)-1]) // houses, cases, prizes
		return dst
	case last == 's' && prev != 's' && prev != 'u' && prev != 'i':
		add(w[:len(w)-1])
		return dst
	}
	switch {
	case last == 'y' && !strings.ContainsRune("aeiou", rune(prev)):
		add(w[:len(w)-1] + "ies")
	case last == 's', last == 'x', last == 'z', last == 'h' && (prev == 'c' || prev == 's'):
		add(w + "es")
		if last == 'h' {
			add(w + "s") // monarchs
		}
	case last == 'o' && !strings.ContainsRune("aeiou", rune(prev)):
		add(w + "es")
		add(w + "s")
	default:
		add(w + "s")
	}
	return dst
}
