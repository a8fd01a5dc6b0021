package parse

import (
	"bytes"
	"math/rand/v2"
	"testing"
)

// Wherever a document is cut off, the entries that stand whole before the cut
// are read as in the whole document.
func TestCutAnywhere(t *testing.T) {
	for _, atom := range []bool{false, true} {
		for _, cdata := range []bool{false, true} {
			body := madeFeed(6, atom, cdata)
			whole, err := Parse(body, Options{})
			if err != nil {
				t.Fatal(err)
			}
			end := []byte("</item") // cut inside of it, the entry is whole all the same
			if atom {
				end = []byte("</entry")
			}
			for n := 80; n < len(body); n += 101 {
				doc, err := Parse(body[:n], Options{})
				if err != nil {
					t.Fatalf("cut at %d: %v", n, err)
				}
				want := bytes.Count(body[:n], end)
				if len(doc.Items) != want {
					t.Fatalf("cut at %d of %d (atom %v, cdata %v): %d items, want %d", n, len(body), atom, cdata, len(doc.Items), want)
				}
				if doc.Malformed == "" {
					t.Errorf("cut at %d: not said", n)
				}
				for i, it := range doc.Items {
					if w := whole.Items[i]; it.Title != w.Title || it.Link != w.Link || it.Content != w.Content || it.Summary != w.Summary || !it.Published.Equal(w.Published) ||
						i < want-1 && it.RawHash != w.RawHash {
						t.Fatalf("cut at %d: item %d is %+v, want %+v", n, i, it, w)
					}
				}
			}
		}
	}
}

// A few bytes lost or overwritten cost the entry they stand in, and at most
// its neighbour.
func TestDamageStaysLocal(t *testing.T) {
	r := rand.New(rand.NewPCG(7, 7))
	for _, atom := range []bool{false, true} {
		body := madeFeed(12, atom, false)
		whole, err := Parse(body, Options{})
		if err != nil {
			t.Fatal(err)
		}
		start := bytes.Index(body, []byte("item>"))
		if atom {
			start = bytes.Index(body, []byte("entry>"))
		}
		for range 150 {
			bad := bytes.Clone(body)
			at := start + 10 + r.IntN(len(body)-start-60)
			for range 1 + r.IntN(3) {
				switch k := at + r.IntN(8); r.IntN(3) {
				case 0:
					bad = append(bad[:k], bad[k+1:]...)
				case 1:
					bad[k] = "<>&\"'/ \x00\xff"[r.IntN(9)]
				case 2:
					bad = append(bad[:k], append([]byte("<b"), bad[k:]...)...)
				}
			}
			doc, err := Parse(bad, Options{})
			if err != nil {
				t.Fatalf("damage at %d: %v", at, err)
			}
			same := 0
			for _, it := range doc.Items {
				for _, w := range whole.Items {
					if it.GUID == w.GUID && it.Title == w.Title && it.Summary == w.Summary && it.Content == w.Content && it.Published.Equal(w.Published) {
						same++
						break
					}
				}
			}
			if same < len(whole.Items)-2 {
				t.Errorf("atom %v: damage at %d leaves %d of %d items whole (%s):\n%.200s", atom, at, same, len(whole.Items), doc.Malformed, bad[at-20:])
			}
		}
	}
}
