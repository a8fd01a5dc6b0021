package story

import (
	"strings"

	"watcher/feeds"
)

// agencies are news agencies by the way they sign, and the one name they count
// under. Short names count only where an agency signs: in brackets, before a
// dash at the start, or alone at the end.
var agencies = map[string]string{
	"reuters": "reuters", "ap": "ap", "associated press": "ap", "afp": "afp", "agence france-presse": "afp", "dpa": "dpa", "pap": "pap", "efe": "efe", "ansa": "ansa",
	"tass": "tass", "ria novosti": "ria", "interfax": "interfax", "xinhua": "xinhua", "irna": "irna", "isna": "isna", "anadolu": "anadolu", "aa": "anadolu", "pti": "pti", "ani": "ani", "ians": "ians",
	"upi": "upi", "apa": "apa", "ats": "ats", "belga": "belga", "anp": "anp", "kyodo": "kyodo", "yonhap": "yonhap", "bernama": "bernama", "antara": "antara", "lusa": "lusa",
	"ctk": "ctk", "mti": "mti", "agerpres": "agerpres", "ukrinform": "ukrinform", "belta": "belta", "wam": "wam", "spa": "spa", "qna": "qna", "kuna": "kuna", "ona": "ona", "petra": "petra", "mena": "mena",
	"sana": "sana", "wafa": "wafa", "app": "app", "bss": "bss", "unb": "unb", "tanjug": "tanjug", "canadian press": "cp", "aap": "aap", "pa media": "pa", "press association": "pa", "europa press": "europapress",
	"bloomberg": "bloomberg", "dow jones": "dowjones", "رويترز": "reuters", "أ ف ب": "afp", "рейтер": "reuters", "тасс": "tass",
}

// voice says who speaks in a text: the agency that it credits, else the
// publisher. An aggregator has no voice.
func voice(it Item) string {
	if it.Kind == feeds.Aggregator {
		return ""
	}
	if a := agencyOf(it.Text); a != "" {
		return a
	}
	return strings.ToLower(it.Publisher)
}

const signed = 120 // bytes at either end of a text in which an agency signs

// agencyOf gives the agency that signs a text, "" when none does.
func agencyOf(text string) string {
	text = strings.TrimSpace(text)
	head, tail := text, text
	if len(head) > signed {
		head = head[:signed]
	}
	if len(tail) > signed {
		tail = tail[len(tail)-signed:]
	}
	if a := bracketed(head); a != "" {
		return a
	}
	for _, dash := range []string{" - ", " – ", " — ", "— ", "– "} {
		if before, _, ok := strings.Cut(head, dash); ok && len(before) < 60 {
			words := strings.FieldsFunc(before, func(r rune) bool { return r == ' ' || r == ',' || r == '/' })
			if n := len(words); n > 0 {
				if a := signature(words[n-1]); a != "" {
					return a
				}
			}
		}
	}
	if a := bracketed(tail); a != "" {
		return a
	}
	if strings.Contains(tail, "Reporting by ") && strings.Contains(tail, "diting by ") {
		return "reuters"
	}
	tail = strings.TrimRight(tail, " .\n)/]")
	if i := strings.LastIndexAny(tail, " \n/([:—–-"); i >= 0 {
		last := tail[i:]
		_, n := strings.CutPrefix(last, " ")
		sentence := n && !strings.HasSuffix(strings.TrimRight(tail[:i], " "), ".") && !strings.HasSuffix(strings.TrimRight(tail[:i], " "), ":")
		if !sentence {
			return signature(strings.TrimLeft(last, " \n/([:—–-"))
		}
	}
	return ""
}

// bracketed finds "(Reuters)", "/PAP/" or "[AFP]".
func bracketed(s string) string {
	for _, b := range []string{"()", "//", "[]"} {
		rest := s
		for {
			_, after, ok := strings.Cut(rest, b[:1])
			if !ok {
				break
			}
			if in, _, ok := strings.Cut(after, b[1:]); ok && len(in) < 30 {
				for part := range strings.SplitSeq(in, "/") {
					if a := signature(strings.TrimSpace(part)); a != "" {
						return a
					}
				}
			}
			rest = after
		}
	}
	return ""
}

// signature tells an agency by its name; a short one in capitals only.
func signature(w string) string {
	a := agencies[strings.ToLower(w)]
	if a == "" || len(w) <= 4 && strings.ToUpper(w) != w && w != "dpa" {
		return ""
	}
	return a
}

// An Article is what counting publishers reads of an item of a story.
type Article struct {
	Publisher string // owner group
	Kind      feeds.Kind
	Wire      string // Decision.Wire
}

// Publishers counts the independent ones among the articles of a story: an
// owner group once, a text that several carry once, an aggregator never.
func Publishers(articles []Article) int {
	voices := map[string]bool{}
	for _, a := range articles {
		switch {
		case a.Kind == feeds.Aggregator:
		case a.Wire != "":
			voices[a.Wire] = true
		case a.Publisher != "":
			voices[strings.ToLower(a.Publisher)] = true
		}
	}
	return len(voices)
}
