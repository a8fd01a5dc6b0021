package names

import (
	"slices"
	"strings"
)

// A Form is one way to write a name's family part that the name meets.
type Form struct {
	Script string  `json:"script"`
	Text   string  `json:"text"`
	Cost   float64 `json:"cost"`
}

// letterings write phonemes in each script, several where practice differs.
var letterings = [scripts]map[byte][]string{
	Latin: lettering(`a=a e=e i=i o=o u=u,ou y=y w=w b=b p=p f=f v=v m=m n=n l=l r=r t=t d=d s=s z=z k=k g=g h=h S=sh,sch,ş,š,ch Z=zh,ž,j C=ch,tch,tsch,ç,č,cz J=j,dj,dsch
		X=ts,z T=th D=dh x=kh,h,ch G=gh,q,g,k q=q,gh,k`),
	Cyrillic: lettering(`a=а e=е i=и o=о u=у y=й w=у b=б p=п f=ф v=в m=м n=н l=л r=р t=т d=д s=с z=з k=к g=г h=х S=ш Z=ж C=ч J=дж X=ц T=т D=д x=х G=г,к q=к`),
	Arabic:   lettering(`a=ا, e= i=ی,ي o=و u=و y=ی,ي w=و b=ب p=پ,ب f=ف v=و,ف m=م n=ن l=ل r=ر t=ت d=د s=س z=ز k=ک,ك g=گ,غ h=ه S=ش Z=ژ C=چ,تش J=ج X=تس T=ث D=ذ x=خ G=غ,ق q=ق`),
	Hebrew:   lettering(`a=א, e= i=י o=ו u=ו y=י w=ו b=ב p=פ f=פ v=ו m=מ n=נ l=ל r=ר t=ט d=ד s=ס z=ז k=ק g=ג h=ה S=ש Z=ז׳ C=צ׳ J=ג׳ X=צ T=ת D=ד x=ח G=ע׳,ק q=ק`),
	Greek:    lettering(`a=α e=ε i=ι o=ο u=ου y=ι w=ου b=μπ p=π f=φ v=β m=μ n=ν l=λ r=ρ t=τ d=ντ s=σ z=ζ k=κ g=γκ h=χ S=σ Z=ζ C=τσ J=τζ X=τσ T=θ D=δ x=χ G=γ q=κ`),
	Indic:    lettering(`a=ा e=े i=ि,ी o=ो u=ु y=य w=व b=ब p=प f=फ v=व m=म n=न l=ल r=र t=त d=द s=स z=ज़ k=क g=ग h=ह S=श Z=ज C=च J=ज X=त्स T=थ D=ध x=ख G=घ q=क`),
}

func lettering(table string) map[byte][]string {
	m := map[byte][]string{}
	for _, e := range strings.Fields(table) {
		m[e[0]] = strings.Split(e[2:], ",")
	}
	return m
}

// maxForms bounds what Spellings gives of one script.
const maxForms = 16

// Spellings writes the family name in every script as the tables would, and
// keeps what the name meets: an idea of what is found, not the whole of it.
func (n *Name) Spellings() (out []Form) {
	key := &n.family.keys.key[n.family.keys.n-1] // the reading with least about it
	for _, k := range n.family.keys.all() {
		if k.reading <= withoutArticle && k.n <= key.n {
			key = &k
		}
	}
	for s := range letterings {
		if letterings[s] == nil {
			continue
		}
		var forms []Form
		for _, text := range writings(key, letterings[s]) {
			if Script(s) == Indic {
				text = indicVowels(text)
			}
			w := readWord(text)
			cost := n.family.meets(&w, n.Spelling)
			if cost > tokenLimit[n.Spelling] || slices.ContainsFunc(forms, func(f Form) bool { return f.Text == capitalise(text) }) {
				continue
			}
			forms = append(forms, Form{Script(s).String(), capitalise(text), cost})
		}
		slices.SortStableFunc(forms, func(a, b Form) int {
			switch {
			case a.Cost < b.Cost:
				return -1
			case a.Cost > b.Cost:
				return 1
			}
			return 0
		})
		out = append(out, forms[:min(len(forms), maxForms)]...)
	}
	return out
}

// writings spells a key out, every choice of letters tried until there are many.
func writings(k *Key, letters map[byte][]string) []string {
	out := []string{""}
	sounds := alphabets[k.script].sounds
	for _, s := range k.sounds[:k.n] {
		var next []string
		for _, l := range letters[sounds[s&^final][0]] {
			for _, w := range out {
				next = append(next, w+l)
			}
		}
		if len(next) > 600 {
			next = next[:600]
		}
		if len(next) > 0 {
			out = next
		}
	}
	return out
}

var independent = map[rune]rune{'ा': 'अ', 'े': 'ए', 'ि': 'इ', 'ी': 'ई', 'ो': 'ओ', 'ु': 'उ'}

// indicVowels writes a vowel at the head of a word, or after another, as a
// letter of its own.
func indicVowels(s string) string {
	free := true
	return strings.Map(func(r rune) rune {
		own, vowel := independent[r]
		if vowel && free {
			r = own
		}
		free = vowel
		return r
	}, s)
}

func capitalise(s string) string {
	for _, r := range s {
		return strings.ToUpper(string(r)) + s[len(string(r)):]
	}
	return s
}

// Cost is what taking a word for the family name would cost, whether it is
// allowed or not, and the guard that refuses it, if one does.
func (n *Name) Cost(text string) (cost float64, refused string) {
	w := readWord(text)
	cost = distance(&n.family.keys, &w.keys, n.Spelling, 1)
	switch {
	case n.not[foldWord(text)]:
		refused = "named under not:"
	case w.cased && !w.capital:
		refused = "no capital letter"
	case w.common:
		refused = "an ordinary word"
	case cost > tokenLimit[n.Spelling]:
		refused = "too far"
	}
	return cost, refused
}

// Limit is the greatest cost that a word of a text may have.
func (n *Name) Limit() float64 { return tokenLimit[n.Spelling] }

// ScriptOf names the script that a word is read in, Zzzz for none.
func ScriptOf(word string) string {
	k := KeysOf(word)
	if k.n == 0 {
		return unread.String()
	}
	return k.key[0].script.String()
}
