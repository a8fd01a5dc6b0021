package story

import (
	"maps"
	"math/bits"
	"slices"
	"strings"
)

// A language is what grouping knows of one: the words that carry no news and
// how far an ending goes. Anything else about words is learnt from counts.
type language struct {
	name string
	bit  uint32 // its bit in languages.stop
	stop map[uint32]uint32
	stem func([]rune) []rune
	same map[uint32]uint32 // words that stand for each other
}

func (l *language) stops(h uint32) bool { return l.stop[h]&l.bit != 0 }

// languages holds them all. stop says for the hash of a folded word in which
// languages it is a frequent one.
type languages struct {
	byName map[string]*language
	order  []*language // by name: a bit each
	none   *language
	stop   map[uint32]uint32
}

// stopWords are the frequent words of each language, folded as the tokeniser
// folds them.
var stopWords = map[string]string{
	"en": `a an the and or but if of in on at to for from by with as is are was were be been being it its this that these
those he she they him his her hers their them we you your i me my our us not no do does did has have had having will would can could
should may might must than then so such into over after before about against between during out up down off again more most other
some any all both each few only own same too very s t just now also which who whom whose what when where why how there here said
says say saying told new one two per via amid while because until since through under still even back get gets got like among
around however according us u im dont`,
	"es": `el la los las un una unos unas de del al a en y o u e que se su sus por con para como mas pero no si lo le les es son fue
ser era ha han hay esta este estos estas ese esa sobre entre tras desde hasta sin muy ya segun cuando donde quien dijo tambien`,
	"fr": `le la les l un une des de du d a au aux en et ou que qui quoi dont ou se sa son ses sur par pour avec sans comme mais ne pas
plus est sont ete etre etait a ont avait il elle ils elles on nous vous ce cet cette ces leur leurs dans entre apres avant selon y s n qu c`,
	"de": `der die das den dem des ein eine einen einem einer eines und oder aber in im an am auf aus bei mit nach von vom vor zu zum
zur fur uber unter durch gegen um als wie ist sind war waren wird werden wurde wurden hat haben hatte sich nicht auch noch nur
dass er sie es wir ihr sein seine seiner ihre nach bis soll sagte so`,
	"it": `il lo la i gli le un uno una di del della dello dei degli delle a al alla alle ai in nel nella nei con su sul sulla per tra
fra da dal dalla e o ma che chi se si non piu come anche e sono stato stata era ha hanno suo sua l d dopo secondo`,
	"pt": `o a os as um uma de do da dos das em no na nos nas e ou que se por para com sem como mais mas nao ao aos foi sao ser era tem
sua seu seus suas sobre entre apos ate segundo disse ja pelo pela`,
	"nl": `de het een en of van in op te voor met aan bij door naar om uit over tot als is zijn was waren wordt worden werd heeft hebben
had niet ook nog maar dat die dit er hij zij ze we u hun haar na`,
	"pl": `i w we z ze na do o od po za przez przy dla nad pod przed oraz a ale lub czy nie to ten ta te tego tej tym jest sa byl byla
bylo byly byc bedzie sie jak co ktory ktora ktore ktorych jego jej ich tak juz tylko takze m in r podaje poinformowal`,
	"tr": `ve veya ile bir bu su o da de ki mi icin gibi daha en cok ise ama fakat ancak olan olarak oldu olduğu sonra once kadar gore
her ne dedi`,
	"ru": `и в во на с со к ко о об от до по за из у над под при для без через не ни но а или что чтобы как это этот эта эти тот та те
он она они оно его ее их им мы вы я был была было были быть есть будет также уже еще только же ли бы после`,
	"uk": `і й та в у на з із зі до від по за про для при через не ні але або що щоб як це цей ця ці той та те він вона вони його її їх
був була було були бути є також вже ще тільки після`,
	"ar": `في من على الى إلى عن مع ان أن إن كان كانت هذا هذه ذلك التي الذي الذين و او أو ثم لا لم لن ما قد بعد قبل بين كما هو هي هم قال`,
	"fa": `در از به با که و را این آن برای تا بر یا هم نیز است بود شد شده می ها های خود وی او آنها ما کرد کرده گفت پس`,
	"hi": `का की के में से को पर ने और है हैं था थे थी यह वह ये वे इस उस एक तो भी ही कि जो लिए साथ बाद नहीं कर किया गया`,
	"bn": `ও এ এই সে তার এবং করে করা হয় হয়েছে জন্য থেকে কে না একটি যে তা তিনি বলে বলেন আর`,
	"id": `yang di ke dari dan atau ini itu untuk dengan pada dalam adalah akan telah tidak juga oleh sebagai bahwa`,
	"sv": `och i pa av for till med som en ett den det de att om har hade ar var blir inte men eller fran efter`,
}

// newLanguages compiles the table above, by the first part of a BCP 47 tag.
func newLanguages() *languages {
	ls := &languages{byName: map[string]*language{}, stop: map[uint32]uint32{}, none: &language{stem: cutStem}}
	var z tokenizer
	for i, name := range slices.Sorted(maps.Keys(stopWords)) {
		l := &language{name: name, bit: 1 << i, stop: ls.stop, stem: cutStem}
		if name == "en" {
			l.stem = englishStem
			l.same = synonyms()
		}
		for _, t := range z.append(nil, stopWords[name]) {
			ls.stop[t.raw] |= l.bit
		}
		ls.byName[name] = l
		ls.order = append(ls.order, l)
	}
	return ls
}

// cutStem keeps six letters: in languages with many endings the start of a
// word says which word it is.
func cutStem(w []rune) []rune {
	if len(w) > 6 {
		return w[:6]
	}
	return w
}

// englishStem takes off plural and verb endings.
func englishStem(w []rune) []rune {
	n := len(w)
	ends := func(s string) bool { return n > len(s) && string(w[n-len(s):]) == s }
	if n < 4 {
		return w
	}
	if n == 4 && ends("ied") { // died, lied
		return w[:3]
	}
	switch w[n-1] {
	case 's':
		switch {
		case n > 4 && ends("ies"):
			return append(w[:n-3], 'y')
		case n > 4 && ends("es") && !ends("ses"):
			return englishE(w[:n-1])
		case w[n-2] != 's' && w[n-2] != 'u' && w[n-2] != 'i':
			return englishE(w[:n-1])
		}
	case 'g':
		if n > 5 && ends("ing") {
			return double(w[:n-3])
		}
	case 'd':
		if n > 4 && ends("ied") {
			return append(w[:n-3], 'y')
		}
		if n > 4 && ends("ed") {
			return double(w[:n-2])
		}
	case 'e':
		return englishE(w)
	}
	return w
}

// englishE drops a final e, so that vote, voted and voting meet.
func englishE(w []rune) []rune {
	if n := len(w); n > 3 && w[n-1] == 'e' {
		return w[:n-1]
	}
	return w
}

// double undoes a doubled consonant: stopped, stopping.
func double(w []rune) []rune {
	if n := len(w); n > 3 && w[n-1] == w[n-2] && w[n-1] != 'l' && w[n-1] != 's' && w[n-1] != 'e' && w[n-1] != 'z' {
		return w[:n-1]
	}
	return w
}

// tagged gives the language of a BCP 47 tag: nil without a tag, none for one
// that grouping knows nothing of.
func (ls *languages) tagged(tag string) *language {
	base, _, _ := strings.Cut(strings.ToLower(tag), "-")
	if base == "" {
		return nil
	}
	if l := ls.byName[base]; l != nil {
		return l
	}
	return ls.none
}

// guessWords are the words of an item that its language is guessed by.
const guessWords = 60

// guess picks the language whose frequent words an item holds most of, English
// when none leads.
func (ls *languages) guess(texts ...[]token) *language {
	var count [32]int
	left := guessWords
	for _, ts := range texts {
		for _, t := range ts[:min(len(ts), left)] {
			for m := ls.stop[t.raw]; m != 0; m &= m - 1 {
				count[bits.TrailingZeros32(m)]++
			}
		}
		left -= min(len(ts), left)
	}
	best := ls.byName["en"]
	most := count[bits.TrailingZeros32(best.bit)] + 1
	for i, l := range ls.order {
		if count[i] > most {
			best, most = l, count[i]
		}
	}
	return best
}
