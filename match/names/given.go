package names

import (
	"strings"
	"sync"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// Given names have short forms, and forms in other languages, that sound like
// another name: Bill is William, Hans is Johannes is John. A line holds those
// that press and encyclopedias use for each other.
const givenForms = `
alexander alex sandy sasha aleksandr alejandro alessandro alexandre alexandros iskander
albert al bert albertus
alfred alfredo fred alfredus
andrew andy andreas andrei andrey andré andrés andrea andrzej andrija
anthony tony antonio anton antoni antoine antonius toni
benjamin ben benny
bernard bernie bernhard bernardus
catherine kate katie cathy kathy katherine katharina catharina katarina ekaterina katja käthe käte
charles charlie chuck carl karl carlos carlo charly carolus karel karol
christian chris christianus
christopher chris christoph christophe cristóbal christophorus krzysztof
daniel dan danny danilo
david dave davide davut
deborah debbie
dietrich dieter theodoricus theodericus
dmitry dmitri dima dmytro
donald don donaldus
edward ed eddie ted eduard eduardo edouard eduardus edvard
elizabeth liz beth betty elisabeth elżbieta
eugene gene eugen eugenio evgeny yevgeny zhenya
francis frank francisco franz françois francesco franciscus franciszek paco pancho
frederick fred fritz friedrich frederic federico fridericus fryderyk
george georg jorge georges giorgio georgius jürgen jerzy yuri jörg
gerald gerry jerry gerhard gerardo gerardus
gregory greg grigory gregor grzegorz gregorius
harold harry hal
henry harry hank heinrich heinz enrique henri henricus henryk
herbert herb heribert
ignatius ignacio ignaz ignacy nacho
james jim jimmy jamie jacob jakob jacobus jaime jacques jakub santiago
jeffrey jeff geoffrey geoff
john jack johnny johann johannes hans jean juan giovanni ivan jan ioannes iohannes joão yannis hannes jens
jonathan jon
joseph joe josef josé giuseppe jozef josip iosephus iosif józef pepe
judith judy
kenneth ken kenny
lawrence larry laurence lars laurent lorenzo laurentius laurenz lorenz
leonard leo len leonardo leonid
louis luis ludwig lou luigi ludovicus louie ludwik
margaret maggie meg peggy margarita margarete grete gretchen małgorzata
mark marc marcus markus marco marek marcos
martin martinus martín máirtín
matthew matt matthias mateo matteo mathieu mateusz matthaeus
maximilian max maxim maximilianus
michael mike mick mickey mikhail michel miguel michele mikael michał mischa misha
nicholas nick nicolas nikolai nikolaus klaus claus nicolaus niklas mikołaj nicola nikos
oscar oskar
patrick pat paddy patricius
paul pablo paolo pavel paulus pál pawel
peter pete pedro pierre pietro petr pyotr piotr petrus peer
philip phil philippe felipe philipp philippus
raphael rafael rafał
raymond ray ramón raymundus
rebecca becky
richard dick rick rich ricardo richardus ryszard
robert bob bobby rob roberto bert robertus
ronald ron ronnie ronaldus
rudolf rudi rudy rodolfo rudolph
samuel sam sammy
sebastian bastian
sergei serge sergio sergius sergey
stephen steve steven stefan stephan esteban étienne stefano stephanus szczepan
susan sue suzanne susanne
theodore ted teddy theodor theo teodoro theodorus
thomas tom tommy tomás tomasz thomasius tommaso
timothy tim timo timotheus
ursula ulla uschi
vincent vince vicente vincenzo vincentius
vladimir volodymyr vova vladimír
walter walt gualterius
william bill billy will willy wilhelm guillermo guillaume gulielmus willem vilém guglielmo
abdullah abdallah abdulla
mohammed mohammad muhammad mohamed mehmet mohamad mamadou
yusuf youssef yousef joseph
ibrahim abraham ebrahim
`

// givenIndex leads from a folded given name to the others of its lines.
var givenIndex = sync.OnceValue(func() map[string][]string {
	m := map[string][]string{}
	for _, line := range strings.Split(strings.TrimSpace(givenForms), "\n") {
		forms := strings.Fields(line)
		for i, f := range forms {
			f = bareForm(f)
			m[f] = append(append(m[f], forms[:i]...), forms[i+1:]...)
		}
	}
	return m
})

// otherForms gives the forms that stand for a given name.
func otherForms(given string) []string { return givenIndex()[bareForm(given)] }

// bareForm is a name in lower case and without marks.
func bareForm(s string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r == 'ł':
			return 'l'
		case unicode.Is(unicode.Mn, r):
			return -1
		}
		return r
	}, norm.NFD.String(foldWord(s)))
}

// What another form costs: in hundredths of a clear consonant, and as the share of
// a given name that is a word of a text.
const (
	otherForm = 20
	otherName = .03
)

// formsOf gives a given name's part and its other forms'.
func formsOf(p part) []part {
	out := []part{p}
	for _, form := range otherForms(p.text) {
		out = append(out, part{text: form, keys: KeysOf(form), extra: otherName})
	}
	return out
}
