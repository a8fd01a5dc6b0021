package names

import (
	"math/rand/v2"
	"testing"
)

// TestBuckets measures what the index loses against comparing every pair.
func TestBuckets(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	n, lost := 0, 0
	for _, p := range positives(people(t), false, 1, rng) {
		x, err := Compile(p.a, Options{})
		if err != nil {
			continue
		}
		w := readWord(p.b)
		if x.family.meets(&w, Normal) > tokenLimit[Normal] {
			continue
		}
		n++
		if len(NewIndex([]*Name{x}).Meets(p.b)) == 0 {
			lost++
			if lost < 30 {
				t.Logf("lost %s %s", p.a, p.b)
			}
		}
	}
	t.Logf("%d of %d lost", lost, n)
	if 100*lost > n {
		t.Errorf("the index loses %d of %d spellings that a comparison finds: more than 1 in 100", lost, n)
	}
}

func benchIndex(b *testing.B, n int) *Index {
	ps := people(b)
	var names []*Name
	for _, p := range ps {
		for _, s := range p.Names {
			if s.Script == "Latn" && s.Parts == 2 {
				if x, err := Compile(s.Text, Options{}); err == nil {
					names = append(names, x)
					break
				}
			}
		}
	}
	rand.New(rand.NewPCG(1, 1)).Shuffle(len(names), func(i, j int) { names[i], names[j] = names[j], names[i] })
	return NewIndex(names[:n])
}

func BenchmarkKey(b *testing.B) {
	words := []string{"Araghchi", "عراقچی", "Аракчи", "government", "Netanyahu", "שטרן", "Schwarzenberg", "Papandreou", "Kovačević"}
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		k := KeysOf(words[i%len(words)])
		if k.n == 0 {
			b.Fatal("no key")
		}
	}
}

func BenchmarkMeets(b *testing.B) {
	x := benchIndex(b, 1000)
	words := []string{"Araghchi", "Government", "London", "Netanyahu", "President", "Washington", "Chairman", "Corp", "Iran", "Tuesday", "Kovačević", "عراقچی", "Аракчи"}
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		x.Meets(words[i%len(words)])
	}
}

func BenchmarkCompare(b *testing.B) {
	p, q := KeysOf("Araghchi"), KeysOf("عراقچی")
	for b.Loop() {
		distance(&p, &q, Normal, .135)
	}
}
