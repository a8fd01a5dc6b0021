package names

import (
	"bufio"
	"encoding/json"
	"math/rand/v2"
	"os"
	"path/filepath"
	"sort"
	"strings"
	"testing"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// person is one line of the spellings data.
type person struct {
	Country string
	Names   []spelling
}

type spelling struct {
	Text, Script, Family, Kind string
	Parts                      int
}

// dataPath finds a file of the measuring data, or skips the test.
func dataPath(t testing.TB, parts ...string) string {
	root := os.Getenv("WATCHER_DATA")
	if root == "" {
		root = filepath.Join("..", "..", "..", "shared")
	}
	for _, dir := range []string{filepath.Join(root, "data"), root} {
		p := filepath.Join(append([]string{dir}, parts...)...)
		if _, err := os.Stat(p); err == nil {
			return p
		}
	}
	t.Skipf("no %s: set WATCHER_DATA to the folder that holds it", filepath.Join(parts...))
	return ""
}

func people(t testing.TB) []person {
	f, err := os.Open(dataPath(t, "names", "dev.jsonl"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	var all []person
	sc := bufio.NewScanner(f)
	sc.Buffer(nil, 1<<20)
	for sc.Scan() {
		var p person
		if err := json.Unmarshal(sc.Bytes(), &p); err != nil {
			t.Fatal(err)
		}
		all = append(all, p)
	}
	return all
}

// byCountry parts people by country: the largest to one half, the next to the other.
func byCountry(all []person) (h [2][]person) {
	count := map[string]int{}
	for _, p := range all {
		count[p.Country]++
	}
	var cs []string
	for c := range count {
		cs = append(cs, c)
	}
	sort.Slice(cs, func(i, j int) bool {
		a, b := cs[i], cs[j]
		return count[a] > count[b] || count[a] == count[b] && a < b
	})
	side := map[string]int{}
	for i, c := range cs {
		side[c] = []int{0, 1, 1, 0}[i%4]
	}
	for _, p := range all {
		h[side[p.Country]] = append(h[side[p.Country]], p)
	}
	return h
}

var mainScripts = []string{"Latn", "Cyrl", "Arab", "Hebr", "Grek"}

// pair is two spellings and whether they are one person's.
type pair struct {
	a, b  string
	kind  string // "Latn-Arab", or "ed1", "ed2", "skeleton", "random"
	match bool
}

func positives(ps []person, full bool, each int, rng *rand.Rand) (out []pair) {
	for _, p := range ps {
		for i, s := range mainScripts {
			for _, r := range mainScripts[i:] {
				var cand []pair
				for _, x := range p.Names {
					for _, y := range p.Names {
						if x.Script != s || y.Script != r || x.Kind == "alias" || y.Kind == "alias" {
							continue
						}
						a, b := x.Family, y.Family
						if full {
							a, b = x.Text, y.Text
						} else if x.Parts != y.Parts {
							continue
						}
						if a == "" || b == "" || a == b || (s == r && a > b) {
							continue
						}
						cand = append(cand, pair{a, b, s + "-" + r, true})
					}
				}
				rng.Shuffle(len(cand), func(i, j int) { cand[i], cand[j] = cand[j], cand[i] })
				seen := map[string]bool{}
				for _, c := range cand {
					if k := c.a + "|" + c.b; !seen[k] && len(seen) < each {
						seen[k] = true
						out = append(out, c)
					}
				}
			}
		}
	}
	return out
}

// negatives makes pairs of two people's spellings: neighbours in Latin letters
// by edits or skeleton, and at random.
func negatives(ps []person, full bool, rng *rand.Rand) (out []pair) {
	text := func(s spelling) string {
		if full {
			return s.Text
		}
		return s.Family
	}
	type rec struct {
		latin string
		forms []string
		set   map[string]bool
	}
	var rs []rec
	for _, p := range ps {
		r := rec{set: map[string]bool{}}
		for _, n := range p.Names {
			t := text(n)
			if t == "" {
				continue
			}
			for _, m := range mainScripts {
				if n.Script == m {
					r.forms = append(r.forms, t)
				}
			}
			if n.Script == "Latn" && r.latin == "" {
				r.latin = strings.ToLower(t)
			}
			r.set[foldMarks(t)] = true
		}
		if r.latin != "" && len(r.forms) > 0 {
			rs = append(rs, r)
		}
	}
	share := func(a, b rec) bool {
		for t := range a.set {
			if b.set[t] {
				return true
			}
		}
		return false
	}
	pick := func(a, b rec, kind string) {
		out = append(out, pair{a.forms[rng.IntN(len(a.forms))], b.forms[rng.IntN(len(b.forms))], kind, false})
	}
	for i := range rs {
		for n := 0; n < 2; n++ {
			if j := rng.IntN(len(rs)); !share(rs[i], rs[j]) {
				pick(rs[i], rs[j], "random")
			}
		}
	}
	skel := map[string][]int{}
	for i := range rs {
		k := skeletonOf(rs[i].latin)
		skel[k] = append(skel[k], i)
	}
	for i := range rs {
		g := skel[skeletonOf(rs[i].latin)]
		j := g[rng.IntN(len(g))]
		if editDistance(rs[i].latin, rs[j].latin, 2) > 2 && !share(rs[i], rs[j]) {
			pick(rs[i], rs[j], "skeleton")
		}
	}
	if full { // another given name to the same family name
		family := map[string][]int{}
		last := func(i int) string { f := strings.Fields(rs[i].latin); return f[len(f)-1] }
		for i := range rs {
			family[last(i)] = append(family[last(i)], i)
		}
		for i := range rs {
			g := family[last(i)]
			if j := g[rng.IntN(len(g))]; j != i && !share(rs[i], rs[j]) {
				pick(rs[i], rs[j], "family")
			}
		}
	}
	perm := rng.Perm(len(rs))
	if len(perm) > 2500 {
		perm = perm[:2500]
	}
	for _, i := range perm {
		var e1, e2 []int
		for j := range rs {
			if i == j || abs(len(rs[i].latin)-len(rs[j].latin)) > 2 {
				continue
			}
			switch editDistance(rs[i].latin, rs[j].latin, 2) {
			case 1:
				e1 = append(e1, j)
			case 2:
				e2 = append(e2, j)
			}
		}
		if len(e1) > 0 {
			if j := e1[rng.IntN(len(e1))]; !share(rs[i], rs[j]) {
				pick(rs[i], rs[j], "ed1")
			}
		}
		if len(e2) > 0 {
			if j := e2[rng.IntN(len(e2))]; !share(rs[i], rs[j]) {
				pick(rs[i], rs[j], "ed2")
			}
		}
	}
	return out
}

// foldMarks makes one form of what differs by case, marks, or by which of two
// codes a keyboard has for an Arabic letter: يوسف and یوسف are one form.
func foldMarks(s string) string {
	var b strings.Builder
	for _, r := range norm.NFD.String(strings.ToLower(s)) {
		if !unicode.Is(unicode.Mn, r) {
			b.WriteRune(r)
		}
	}
	return keyboards.Replace(b.String())
}

var keyboards = strings.NewReplacer("ی", "ي", "ک", "ك", "ى", "ي", "ہ", "ه", "ګ", "گ")

func abs(i int) int { return max(i, -i) }

// skeletonOf keeps the classes of the consonants.
func skeletonOf(s string) string {
	var b strings.Builder
	last := -1
	for _, r := range s {
		c := -1
		for i, class := range []string{"bpfvw", "dt", "gkqc", "szxj", "m", "n", "l", "r", " "} {
			if strings.ContainsRune(class, r) {
				c = i
			}
		}
		if c >= 0 && c != last {
			b.WriteByte(byte('0' + c))
		}
		last = c
	}
	return b.String()
}

func editDistance(a, b string, most int) int {
	x, y := []rune(a), []rune(b)
	row := make([]int, len(y)+1)
	for j := range row {
		row[j] = j
	}
	for i := range x {
		d := row[0]
		row[0] = i + 1
		least := row[0]
		for j := range y {
			v := d
			if x[i] != y[j] {
				v++
			}
			d = row[j+1]
			row[j+1] = min(v, d+1, row[j]+1)
			least = min(least, row[j+1])
		}
		if least > most {
			return least
		}
	}
	return row[len(y)]
}
