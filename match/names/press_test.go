package names

import (
	"encoding/json"
	"os"
	"testing"
)

// TestPress wants every spelling of six news names in the five scripts.
func TestPress(t *testing.T) {
	b, err := os.ReadFile(dataPath(t, "names", "press-dev.json"))
	if err != nil {
		t.Fatal(err)
	}
	var names map[string][]string
	if err := json.Unmarshal(b, &names); err != nil {
		t.Fatal(err)
	}
	n := 0
	for name, spellings := range names {
		for _, s := range spellings {
			if k := KeysOf(s); k.n == 0 || k.key[0].script > Greek {
				continue
			}
			n++
			if same, cost := Same(name, s, Family, Normal); !same {
				t.Errorf("%s is not %s: %.3f", s, name, cost)
			}
		}
	}
	t.Logf("%d spellings", n)
}
