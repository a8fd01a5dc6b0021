package story

import "strings"

// sameWords are words that headlines use for each other; each line counts as
// its first word. Inflected forms are listed where stems do not meet.
const sameWords = `
kill kills killed killing kiled dead death deaths die dies died dying slain slay slays murder murdered murders fatal fatally fatalities
soldier soldiers troop troops
wound wounded wounds injure injured injures injuries injuring hurt hurts
attack attacks attacked assault raid raids strike strikes bombing bombings
blast blasts explosion explosions explode explodes exploded bomb bombs
quake quakes earthquake earthquakes temblor tremor tremors
arrest arrested arrests detain detained detains detention held custody
jail jailed jails imprison imprisoned prison sentenced sentence sentences
police cop cops officer officers
protest protests protester protesters protestors demonstration demonstrations demonstrators rally rallies marches unrest
election elections vote votes voting ballot poll polls
win wins won victory triumph triumphs beat beats defeat defeats defeated
resign resigns resigned resignation quit quits
president presidential
pm premier
parliament lawmakers mps legislators
talk talks negotiation negotiations negotiate negotiators meeting meet meets met
deal agreement accord pact agree agrees agreed
bailout bail rescue
court judge judges justices tribunal
ban bans banned bar bars barred prohibit prohibits
warn warns warned warning
urge urges urged
begin begins began begun start starts started open opens opened kick
end ends ended close closes closed finish finishes
rise rises rose climb climbs climbed gain gains gained up higher jump jumps jumped surge surges surged soar soars soared edge
fall falls fell drop drops dropped down lower slip slips slipped slide slides slid decline declines declined tumble tumbles tumbled plunge plunges plunged sink sinks sank
stock stocks share shares
job jobs employment
plane planes jet jets aircraft airliner
ship ships boat boats vessel vessels ferry
fire fires blaze blazes wildfire wildfires
flood floods flooding flooded
storm storms hurricane typhoon cyclone
rebel rebels insurgents militants
leader leaders chief head
announce announces announced unveil unveils unveiled reveal reveals revealed
blame blames blamed accuse accuses accused
reject rejects rejected refuse refuses refused denies deny denied
approve approves approved back backs backed endorse endorses endorsed
cut cuts slash slashes slashed reduce reduces
child children kid kids
wed weds wedding marry marries married marriage
baby pregnant pregnancy
film movie
doctor doctors physicians
car cars vehicle vehicles
crash crashes crashed collision collide
flee flees fled
row dispute feud
probe probes investigation investigate investigates investigating inquiry
us usa america american americans
uk britain british briton britons
eu european europe
un nations
greece greek greeks
france french
germany german germans
spain spanish
italy italian italians
russia russian russians moscow kremlin
china chinese beijing
japan japanese
iran iranian iranians tehran
iraq iraqi iraqis
syria syrian syrians
israel israeli israelis
palestine palestinian palestinians
egypt egyptian egyptians
turkey turkish turks
ukraine ukrainian ukrainians
afghanistan afghan afghans
pakistan pakistani pakistanis
india indian indians
australia australian australians aussie
canada canadian canadians
mexico mexican mexicans
brazil brazilian brazilians
korea korean koreans
libya libyan libyans
yemen yemeni yemenis
lebanon lebanese
poland polish
ireland irish
scotland scottish
sweden swedish
norway norwegian
netherlands dutch
thailand thai
philippines filipino philippine
vietnam vietnamese
venezuela venezuelan
argentina argentine
nigeria nigerian
kenya kenyan
africa african
oman omani muscat
qatar qatari doha
saudi saudis riyadh
hundred hundreds
`

// synonyms maps the hash of a folded word to the hash that stands for its group.
func synonyms() map[uint32]uint32 {
	out := map[uint32]uint32{}
	for line := range strings.Lines(sameWords) {
		words := strings.Fields(line)
		for _, w := range words {
			out[hashWord(w)] = hashWord("=" + words[0])
		}
	}
	return out
}
