package story

import (
	"slices"
	"strings"
)

// countryWords are the words by which headlines name a country: its name, its
// people, its capital where that stands for it; a country a line.
const countryWords = `
us usa america american americans washington
uk britain british briton britons england english scotland scottish wales welsh london
france french paris
germany german germans berlin
spain spanish spaniards madrid catalonia catalan
portugal portuguese lisbon
italy italian italians rome
greece greek greeks athens
russia russian russians moscow kremlin
ukraine ukrainian ukrainians kiev kyiv
belarus belarusian minsk
poland polish poles warsaw
hungary hungarian hungarians budapest
romania romanian romanians bucharest
bulgaria bulgarian bulgarians sofia
serbia serbian serbs belgrade
croatia croatian zagreb
bosnia bosnian sarajevo
kosovo
albania albanian
macedonia macedonian
slovenia slovenian
slovakia slovak
czech prague
austria austrian austrians vienna
switzerland swiss
belgium belgian belgians brussels
netherlands dutch amsterdam
denmark danish danes copenhagen
norway norwegian norwegians oslo
sweden swedish swedes stockholm
finland finnish finns helsinki
iceland icelandic reykjavik
ireland irish dublin
estonia estonian
latvia latvian
lithuania lithuanian
cyprus cypriot
malta maltese
turkey turkish turks ankara istanbul
georgia georgian tbilisi
armenia armenian
azerbaijan azerbaijani baku
israel israeli israelis jerusalem
palestine palestinian palestinians gaza
lebanon lebanese beirut
syria syrian syrians damascus
jordan jordanian amman
iraq iraqi iraqis baghdad
iran iranian iranians tehran
saudi saudis riyadh
yemen yemeni yemenis sanaa
oman omani muscat
qatar qatari doha
bahrain bahraini
kuwait kuwaiti
uae emirati dubai
egypt egyptian egyptians cairo
libya libyan libyans tripoli
tunisia tunisian tunis
algeria algerian
morocco moroccan
sudan sudanese khartoum
somalia somali mogadishu
ethiopia ethiopian
eritrea eritrean
kenya kenyan kenyans nairobi
uganda ugandan
rwanda rwandan
tanzania tanzanian
congo congolese
nigeria nigerian nigerians
ghana ghanaian
mali malian bamako
niger
chad
senegal senegalese
liberia liberian
guinea
cameroon
zimbabwe zimbabwean
zambia zambian
mozambique
malawi
madagascar
afghanistan afghan afghans kabul
pakistan pakistani pakistanis islamabad
india indian indians delhi
bangladesh bangladeshi dhaka
nepal nepalese kathmandu
lanka lankan colombo
myanmar burma burmese
thailand thai bangkok
cambodia cambodian
laos
vietnam vietnamese hanoi
malaysia malaysian
singapore
indonesia indonesian jakarta
philippines philippine filipino filipinos manila
china chinese beijing
tibet tibetan tibetans
taiwan taiwanese
korea korean koreans seoul pyongyang
japan japanese tokyo
mongolia mongolian
kazakhstan kazakh
uzbekistan uzbek
kyrgyzstan kyrgyz
tajikistan tajik
turkmenistan
australia australian australians sydney canberra
zealand
fiji
canada canadian canadians ottawa
mexico mexican mexicans
guatemala guatemalan
honduras honduran
nicaragua nicaraguan
panama
cuba cuban cubans havana
haiti haitian
jamaica jamaican
colombia colombian bogota
venezuela venezuelan venezuelans caracas
ecuador
peru peruvian lima
bolivia bolivian
chile chilean
argentina argentine argentinian
brazil brazilian brazilians
uruguay
paraguay
`

// stateWords are states of the United States, and cities that headlines name
// like one: each is that country too.
const stateWords = `alabama alaska arizona arkansas california colorado connecticut delaware florida hawaii idaho illinois indiana iowa kansas kentucky louisiana
maine maryland massachusetts michigan minnesota mississippi missouri montana nebraska nevada ohio oklahoma oregon pennsylvania tennessee texas utah vermont
virginia wisconsin wyoming york chicago boston philadelphia houston dallas detroit`

// A gazetteer knows places by the hash of a folded word.
type gazetteer map[uint32]place

// A place is a country and, inside it, a state: 0 for the whole.
type place struct{ country, state uint32 }

func newGazetteer() gazetteer {
	g := gazetteer{}
	for line := range strings.Lines(countryWords) {
		words := strings.Fields(line)
		for _, w := range words {
			g[hashWord(w)] = place{country: hashWord(words[0])}
		}
	}
	for w := range strings.FieldsSeq(stateWords) {
		g[hashWord(w)] = place{hashWord("us"), hashWord(w)}
	}
	return g
}

var (
	letterU     = hashWord("u")
	abbreviated = map[uint32]uint32{hashWord("s"): hashWord("us"), hashWord("k"): hashWord("uk")}
)

// of gives the places that words name, each once.
func (g gazetteer) of(toks []token) []place {
	var out []place
	for i, t := range toks {
		p, ok := g[t.raw]
		if t.raw == letterU && i+1 < len(toks) { // U.S., U.K.
			p, ok = g[abbreviated[toks[i+1].raw]]
		}
		if ok && !slices.Contains(out, p) {
			out = append(out, p)
		}
	}
	return out
}

// otherPlace tells that each of two names a place that the other does not: no
// state is another than its country.
func otherPlace(a, b []place) bool {
	lacks := func(a, b []place) bool {
		return slices.ContainsFunc(a, func(x place) bool {
			return !slices.ContainsFunc(b, func(y place) bool {
				return x.country == y.country && (x.state == y.state || x.state == 0 || y.state == 0)
			})
		})
	}
	return lacks(a, b) && lacks(b, a)
}
