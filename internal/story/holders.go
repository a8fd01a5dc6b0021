package story

// holders finds the prints that hold a shingle: one open table of pairs, as an
// item asks it a hundred times and each visit to memory counts. Those of one
// shingle stand near each other, in no order.
type holders struct {
	slot []holder
	used int // slots that are not free
}

// A holder is a print that holds a shingle; print is 0 in a free slot, and
// takenBack where one was.
type holder struct {
	h     uint32
	print int32
}

const (
	takenBack  = -1
	fewHolders = 1 << 10
)

func newHolders() *holders { return &holders{slot: make([]holder, fewHolders)} }

// home is where the search for a shingle starts: they are spread already, and
// any size will do, so that the table need not double to grow.
func (t *holders) home(h uint32) int { return int(uint64(h) * uint64(len(t.slot)) >> 32) }

// add takes a print that holds h.
func (t *holders) add(h uint32, print int32) {
	if 8*(t.used+1) > 7*len(t.slot) {
		t.forget(0)
	}
	t.put(holder{h, print})
	t.used++
}

func (t *holders) put(s holder) {
	i := t.home(s.h)
	for t.slot[i].print != 0 {
		if i++; i == len(t.slot) {
			i = 0
		}
	}
	t.slot[i] = s
}

// of gives the prints that hold h.
func (t *holders) of(h uint32, yield func(print int32) bool) {
	for i := t.home(h); t.slot[i].print != 0; {
		if s := t.slot[i]; s.h == h && s.print != takenBack && !yield(s.print) {
			return
		}
		if i++; i == len(t.slot) {
			i = 0
		}
	}
}

// takeBack forgets that a print holds h.
func (t *holders) takeBack(h uint32, print int32) {
	for i := t.home(h); t.slot[i].print != 0; {
		if t.slot[i] == (holder{h, print}) {
			t.slot[i].print = takenBack
			return
		}
		if i++; i == len(t.slot) {
			i = 0
		}
	}
}

// forget drops the prints before first, and makes room: five eighths of the new
// table are in use at most, so that a generation finds room before the next is
// dropped.
func (t *holders) forget(first int32) {
	t.used = 0
	for _, s := range t.slot {
		if s.print > 0 && s.print >= first {
			t.used++
		}
	}
	old := t.slot
	t.slot = make([]holder, max(fewHolders, t.used/5*8))
	for _, s := range old {
		if s.print > 0 && s.print >= first {
			t.put(s)
		}
	}
}
