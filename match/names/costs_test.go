package names

import (
	"flag"
	"os"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "make costs.txt and words.txt anew from the data")

// TestCosts keeps costs.txt what the spellings of dev.jsonl make of the prior.
func TestCosts(t *testing.T) {
	ps := people(t)
	table := priorCosts()
	learn(table, ps)
	var b strings.Builder
	b.WriteString("# What aligning sounds of two scripts costs, in hundredths; what is not here costs 100.\n" +
		"# Made from spellings of real people by: go test ./match/names -run TestCosts -update\n")
	table.write(&b)
	if *update {
		if err := os.WriteFile("costs.txt", []byte(b.String()), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	if b.String() != learned {
		t.Errorf("costs.txt is out of date: run go test ./match/names -run TestCosts -update")
	}
}
