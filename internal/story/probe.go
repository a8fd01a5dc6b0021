package story

// probe is an item laid out for comparing it with many stories: a small hash
// table of its terms, so that a story costs one look for each of its own.
type probe struct {
	slot [probeSlots]int16 // 1 + the term that stands there
	term []probeTerm
	all  float64 // sum of the squares of the weights
	head float64 // the same of the headline's
}

type probeTerm struct {
	h     uint32
	w     float32
	title float32 // weight in the headline
	rare  float32
}

// probeSlots is a power of two, well above the terms of an item.
const probeSlots = 1024

// pairRarity is how rare any two words in a row are taken to be. Counting them
// would cost as much memory as all else, and hardly tell more.
const pairRarity = 5.5

func newProbe() *probe { return &probe{} }

// set lays out the terms of an item; rarity has those of its words. All three
// are sorted.
func (p *probe) set(v, title, rarity vector) {
	p.slot = [probeSlots]int16{}
	p.term, p.all, p.head = p.term[:0], 0, 0
	i, j := 0, 0
	for _, t := range v[:min(len(v), probeSlots/2)] {
		x := probeTerm{h: t.h, w: t.w, rare: pairRarity}
		if t.h&pairBit == 0 {
			for i < len(rarity) && rarity[i].h < t.h {
				i++
			}
			if x.rare = 0; i < len(rarity) && rarity[i].h == t.h {
				x.rare = rarity[i].w
			}
			for j < len(title) && title[j].h < t.h {
				j++
			}
			if j < len(title) && title[j].h == t.h {
				x.title = title[j].w
			}
		}
		at := t.h % probeSlots
		for p.slot[at] != 0 {
			at = (at + 1) % probeSlots
		}
		p.term = append(p.term, x)
		p.slot[at] = int16(len(p.term))
		p.all += float64(t.w) * float64(t.w)
	}
	for _, t := range title {
		p.head += float64(t.w) * float64(t.w)
	}
}

// find gives the item's term h, nil when it has none.
func (p *probe) find(h uint32) *probeTerm {
	for at := h % probeSlots; p.slot[at] != 0; at = (at + 1) % probeSlots {
		if t := &p.term[p.slot[at]-1]; t.h == h {
			return t
		}
	}
	return nil
}

// overlap is what an item and a story share.
type overlap struct {
	dot, share  float64 // product of the vectors; share of the item
	title       float64 // product of the headlines
	titleShare  float64 // share of the headline that the story has
	titleWords  int
	rare, rarer float64 // shared terms by rarity
	rareTitle   float64
}

// compare tells what a story shares with the item.
func (p *probe) compare(s *cluster) (o overlap) {
	for _, t := range s.vec {
		x := p.find(t.h)
		if x == nil {
			continue
		}
		w := float64(x.w)
		o.dot += w * float64(t.w)
		o.share += w * w
		if x.rare > 5 {
			o.rare++
		}
		if x.rare > 7 {
			o.rarer++
		}
		if x.title > 0 {
			o.titleShare += float64(x.title) * float64(x.title)
			o.titleWords++
		}
	}
	for _, t := range s.title {
		if x := p.find(t.h); x != nil && x.title > 0 {
			o.title += float64(x.title) * float64(t.w)
			if x.rare > 6 {
				o.rareTitle++
			}
		}
	}
	if p.all > 0 {
		o.share /= p.all
	}
	if p.head > 0 {
		o.titleShare /= p.head
	}
	return o
}
