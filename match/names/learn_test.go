package names

import (
	"fmt"
	"math"
	"math/rand/v2"
	"strings"
)

// How costs.txt is made: align known spellings of one person part by part with
// the costs at hand, count what stands for what, and take as cost how much
// less often than the best a sound is met than chance would have it. A few
// rounds settle it. What has few counts keeps to the prior.
const (
	learnRounds = 4
	learnScale  = 8.0  // nats that make a whole cost
	learnPrior  = 15.0 // counts that the prior is worth
	learnLost   = .1   // how often chance would lose a sound
	finalA      = 60   // the least that a final a costs: Ivanova is not Ivanov
	learnFit    = .35  // spellings farther apart are another name
)

// learn betters t by the spellings of ps.
func learn(t *costTable, ps []person) {
	prior := priorCosts()
	var sets [scripts][scripts][][2]Keys
	for _, p := range trainingPairs(ps) {
		a, b := KeysOf(p[0]), KeysOf(p[1])
		if a.n == 0 || b.n == 0 {
			continue
		}
		x, y := a.key[0].script, b.key[0].script
		if x > y {
			a, b, x, y = b, a, y, x
		}
		sets[x][y] = append(sets[x][y], [2]Keys{a, b})
	}
	for range learnRounds {
		for x := range sets {
			for y, set := range sets[x] {
				if len(set) >= 50 {
					c := count(set, t[x][y])
					t[x][y] = c.costs(prior[x][y], Script(x), Script(y))
				}
			}
		}
	}
}

// trainingPairs gives up to six pairs of parts a person and pair of scripts.
func trainingPairs(ps []person) (out [][2]string) {
	rng := rand.New(rand.NewPCG(3, 4))
	for _, p := range ps {
		var order [][2]string
		by := map[[2]string][][2]string{}
		for _, x := range p.Names {
			for _, y := range p.Names {
				if x.Script > y.Script || x.Script == y.Script && x.Text >= y.Text {
					continue
				}
				k := [2]string{x.Script, y.Script}
				for _, q := range partPairs(x.Text, y.Text) {
					if by[k] == nil {
						order = append(order, k)
					}
					by[k] = append(by[k], q)
				}
			}
		}
		for _, k := range order {
			l := by[k]
			rng.Shuffle(len(l), func(i, j int) { l[i], l[j] = l[j], l[i] })
			out = append(out, l[:min(len(l), 6)]...)
		}
	}
	return out
}

func partPairs(a, b string) (out [][2]string) {
	u, v := strings.Fields(a), strings.Fields(b)
	if len(u) != len(v) || strings.Contains(a+b, ",") {
		return nil
	}
	for i := range u {
		if len(u[i]) > 2 && u[i] != v[i] {
			out = append(out, [2]string{u[i], v[i]})
		}
	}
	return out
}

type counts struct {
	met  [maxSounds][maxSounds]float64
	used [2][256]float64
	lost [2][256]float64
	same bool
}

func count(set [][2]Keys, costs *pairCosts) *counts {
	c := &counts{}
	for i := range set {
		var x, y *Key
		best := Other
		for j := range set[i][0].all() {
			for k := range set[i][1].all() {
				a, b := &set[i][0].key[j], &set[i][1].key[k]
				w := float64(min(a.weight(), b.weight()))
				if d := float64(c.trace(a, b, costs, false)) / w; d < best && w >= 150 {
					best, x, y = d, a, b
				}
			}
		}
		if best <= learnFit {
			c.same = x.script == y.script
			c.trace(x, y, costs, true)
		}
	}
	return c
}

// trace aligns in full and, if it is to count, follows the cheapest way back.
func (c *counts) trace(a, b *Key, costs *pairCosts, counting bool) int {
	var m [maxKey + 1][maxKey + 1]int
	x, y := a.sounds[:a.n], b.sounds[:b.n]
	step := func(i, j int) (v int, op int) {
		v = 1 << 20
		if i > 0 && j > 0 {
			v = m[i-1][j-1] + int(costs.sub[x[i-1]&^final][y[j-1]&^final])
		}
		if i > 0 {
			if w := m[i-1][j] + int(costs.drop[0][x[i-1]]); w < v {
				v, op = w, 1
			}
		}
		if j > 0 {
			if w := m[i][j-1] + int(costs.drop[1][y[j-1]]); w < v {
				v, op = w, 2
			}
		}
		return v, op
	}
	for i := 0; i <= len(x); i++ {
		for j := 0; j <= len(y); j++ {
			if i+j > 0 {
				m[i][j], _ = step(i, j)
			}
		}
	}
	for i, j := len(x), len(y); counting && i+j > 0; {
		switch _, op := step(i, j); op {
		case 0:
			i, j = i-1, j-1
			c.meet(x[i], y[j])
			if c.same {
				c.meet(y[j], x[i])
			}
		case 1:
			i--
			c.lose(0, x[i])
		case 2:
			j--
			c.lose(1, y[j])
		}
	}
	return m[len(x)][len(y)]
}

func (c *counts) meet(x, y sound) {
	c.met[x&^final][y&^final]++
	c.used[0][x]++
	c.used[1][y]++
}

func (c *counts) lose(side int, s sound) {
	c.used[side][s]++
	c.lost[side][s]++
	if c.same {
		c.used[1-side][s]++
		c.lost[1-side][s]++
	}
}

// costs turns counts to costs by the log of how much oftener than by chance
// two sounds meet.
func (c *counts) costs(prior *pairCosts, a, b Script) *pairCosts {
	n := [2]int{len(alphabets[a].sounds), len(alphabets[b].sounds)}
	total := 0.0
	var all, share, norm, best [2][maxSounds]float64 // uses, share of the meetings, the prior's sum, the best evidence
	for i := range n[0] {
		for j := range n[1] {
			share[0][i] += c.met[i][j]
			share[1][j] += c.met[i][j]
			total += c.met[i][j]
		}
	}
	for side := range n {
		for i := range n[side] {
			all[side][i] = c.used[side][i] + c.used[side][i|final]
			share[side][i] = (share[side][i] + .5) / (total + 50)
		}
	}
	likely := func(cost uint8) float64 { return math.Exp(-learnScale * float64(cost) / one) }
	for i := range n[0] {
		for j := range n[1] {
			p := likely(prior.sub[i][j])
			norm[0][i] += p * share[1][j]
			norm[1][j] += p * share[0][i]
		}
	}
	var evidence [maxSounds][maxSounds]float64
	for i := range n[0] {
		for j := range n[1] {
			p := likely(prior.sub[i][j])
			x := (c.met[i][j] + learnPrior*p*share[1][j]/norm[0][i]) / (all[0][i] + learnPrior) / share[1][j]
			y := (c.met[i][j] + learnPrior*p*share[0][i]/norm[1][j]) / (all[1][j] + learnPrior) / share[0][i]
			e := (math.Log(x) + math.Log(y)) / 2
			evidence[i][j] = e
			best[0][i], best[1][j] = max(best[0][i], e), max(best[1][j], e)
		}
	}
	out := *prior
	cost := func(e float64) uint8 { return uint8(max(0, min(one, math.Round(one*e/learnScale)))) }
	for i := range n[0] {
		for j := range n[1] {
			out.sub[i][j] = cost(min(best[0][i], best[1][j]) - evidence[i][j])
			if p := prior.sub[i][j]; p <= capMax {
				out.sub[i][j] = min(out.sub[i][j], p+capAdd)
			}
			if a == b && i == j {
				out.sub[i][j] = 0
			}
		}
	}
	for side := range n {
		for i := range n[side] {
			for _, s := range []int{i, i | final} {
				p := min(.9, likely(prior.drop[side][s])*math.Exp(best[side][i])*learnLost)
				e := math.Log((c.lost[side][s] + learnPrior*p) / (c.used[side][s] + learnPrior) / learnLost)
				out.drop[side][s] = cost(best[side][i] - e)
				if script := [2]Script{a, b}[side]; s&final != 0 && alphabets[script].sounds[i][0] == 'a' && !a.abjad() && !b.abjad() {
					out.drop[side][s] = max(out.drop[side][s], finalA)
				}
			}
		}
	}
	return &out
}

// write is read's other half: what is learned of every two scripts.
func (t *costTable) write(b *strings.Builder) {
	for x := range t {
		for y := x; y < len(t); y++ {
			if t[x][y] != nil {
				t[x][y].write(b, Script(x), Script(y))
			}
		}
	}
}

func (p *pairCosts) write(b *strings.Builder, x, y Script) {
	fmt.Fprintf(b, "\n%s %s\n", x, y)
	for i, s := range alphabets[x].sounds {
		fmt.Fprintf(b, "%s -=%d -$=%d", s, p.drop[0][i], p.drop[0][i|final])
		for j, q := range alphabets[y].sounds {
			if c := p.sub[i][j]; c < one {
				fmt.Fprintf(b, " %s=%d", q, c)
			}
		}
		b.WriteString("\n")
	}
	b.WriteString("-")
	for j, q := range alphabets[y].sounds {
		fmt.Fprintf(b, " %s=%d %s$=%d", q, p.drop[1][j], q, p.drop[1][j|final])
	}
	b.WriteString("\n")
}

var capMax, capAdd = uint8(25), uint8(0)
