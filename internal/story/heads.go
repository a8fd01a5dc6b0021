package story

// heads finds the newest node of a shingle: an open hash table, as an item asks
// it a hundred times and a map of Go's costs a visit to memory a generation.
type heads struct {
	slot []headSlot // a power of two; node 0 is an empty slot
	used int
}

type headSlot struct {
	h    uint32
	node int32 // 1 + the node; noNode once it was taken back
}

const noNode = -1

func newHeads() *heads { return &heads{slot: make([]headSlot, 1<<10)} }

// at gives the place of h, or of the empty slot that it would take. Shingles
// are spread already.
func (t *heads) at(h uint32) int {
	mask := len(t.slot) - 1
	i := int(h>>2) & mask // the lowest bits of most are the sample's
	for t.slot[i].node != 0 && t.slot[i].h != h {
		i = (i + 1) & mask
	}
	return i
}

// get gives 1 + the newest node of h, 0 when it has none.
func (t *heads) get(h uint32) int32 { return max(0, t.slot[t.at(h)].node) }

// set makes node the newest of h; 0 takes it out.
func (t *heads) set(h uint32, node int32) {
	if node == 0 {
		node = noNode
	}
	i := t.at(h)
	if t.slot[i].node == 0 {
		if 4*(t.used+1) > 3*len(t.slot) {
			t.shift(0)
			i = t.at(h)
		}
		t.used++
	}
	t.slot[i] = headSlot{h, node}
}

// shift counts nodes from cut on, forgets the shingles whose newest is before
// it, and makes room.
func (t *heads) shift(cut int32) {
	live := 0
	for _, s := range t.slot {
		if s.node > cut {
			live++
		}
	}
	size := 1 << 10
	for size < 2*(live+1) {
		size *= 2
	}
	old := t.slot
	t.slot, t.used = make([]headSlot, size), live
	for _, s := range old {
		if s.node > cut {
			s.node -= cut
			t.slot[t.at(s.h)] = s
		}
	}
}
