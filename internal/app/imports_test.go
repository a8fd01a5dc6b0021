package app

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"os/exec"
	"slices"
	"strings"
	"testing"
)

// imports is who may import whom of ours. A row holds for the package and,
// with /... , for those below it. Test files are not looked at.
var imports = map[string][]string{
	"feeds":                   {},
	"feeds/parse":             {"feeds"},
	"feeds/pace":              {"feeds"}, // pure: what an outcome does to a feed's state
	"feeds/fetch":             {"feeds", "feeds/pace", "internal/metrics"},
	"feeds/discover":          {},
	"feeds/opml":              {"feeds"},
	"feeds/websub":            {"feeds"},
	"match/query":             {},
	"match/names":             {},
	"match":                   {"feeds", "match/query", "match/names"},
	"notify":                  {"feeds", "internal/metrics"},
	"notify/all":              {"notify", "notify/*"},
	"notify/*":                {"notify", "feeds"},
	"notify/notifytest":       {"notify", "feeds"},
	"notify/route":            {"notify", "internal/schedule"}, // quiet hours are wall-clock times
	"internal/metrics":        {},
	"internal/schedule":       {},
	"internal/config":         {"feeds", "match/query"}, // what of an address is a secret; what a mistyped name was meant to be
	"internal/story":          {"feeds"},
	"internal/store":          {"feeds", "match", "internal/story", "notify"},
	"internal/store/sqlstore": {"feeds", "notify", "internal/store"}, // the SQL that both databases share
	"internal/store/sqlite":   {"feeds", "notify", "internal/store", "internal/store/sqlstore"},
	"internal/store/postgres": {"feeds", "notify", "internal/store", "internal/store/sqlstore"},
	"internal/engine":         {"feeds", "internal/store"},
	"internal/engine/local":   {"feeds", "feeds/pace", "internal/store", "internal/engine"},
	"internal/engine/river":   {"feeds", "feeds/pace", "internal/store", "internal/store/postgres", "internal/engine", "internal/engine/local"}, // one shard's due feeds are worked by local's loop
	"internal/ingest": {"feeds", "feeds/fetch", "feeds/pace", "feeds/parse", "feeds/websub", "internal/metrics", "internal/store", "internal/story", "internal/schedule",
		"match", "notify"},
	"internal/message":  {"feeds", "internal/store", "internal/story", "notify"},                   // a delivery's row -> what it says
	"internal/backtest": {"feeds", "match", "internal/story", "internal/store", "internal/ingest"}, // a rule over the past, by the daemon's own grouping
	"internal/digest":   {"feeds", "internal/story", "internal/store", "internal/schedule", "notify"},
	"internal/web":      {"feeds", "match", "internal/story", "internal/store", "internal/digest", "internal/metrics", "notify", "internal/web/*"},
	"internal/web/*":    {"feeds", "match", "internal/story", "internal/store", "internal/digest", "internal/metrics", "notify", "internal/web/*"},
	"internal/ops":      {"feeds", "internal/config", "internal/store", "internal/app"},
	"internal/demo":     {}, // the sample day; the daemon that plays it is its caller's
	"internal/app":      {"*"},
	"cmd/watcher": {"internal/app", "internal/backtest", "internal/web/api", "feeds/pace", "internal/config", "internal/demo", "internal/ops", "feeds", "feeds/parse", "feeds/discover", "feeds/opml", "feeds/fetch", "match", "match/query", "match/names",
		"internal/story", "internal/store", "internal/digest", "notify", "notify/all", "notify/route", "internal/web/auth", "internal/ingest", "internal/metrics", "internal/schedule"},
}

// testOnly may be imported by tests alone.
var testOnly = []string{"internal/feedtest", "internal/store/storetest", "internal/store/pgtest", "notify/notifytest", "internal/engine/enginetest", "match/matchtest", "match/matchtest/wordcount"}

// owners are the only importers of a third party's module.
var owners = map[string][]string{
	"github.com/mmcdole/gofeed":          {"feeds/parse"},
	"github.com/robfig/cron":             {"internal/schedule"},
	"modernc.org/sqlite":                 {"internal/store/sqlite"},
	"github.com/jackc/pgx":               {"internal/store/postgres", "internal/engine/river", "internal/store/pgtest"},
	"github.com/riverqueue/river":        {"internal/engine/river"},
	"github.com/wneessen/go-mail":        {"notify/email"},
	"github.com/coreos/go-oidc":          {"internal/web/auth"},
	"go.yaml.in/yaml":                    {"internal/config"},
	"github.com/prometheus":              {"internal/metrics"},
	"github.com/spf13/cobra":             {"cmd/watcher"},
	"github.com/microcosm-cc/bluemonday": {"feeds/parse"},
}

type listed struct {
	ImportPath string
	Imports    []string
}

func packages(t *testing.T) []listed {
	t.Helper()
	cmd := exec.Command("go", "list", "-json=ImportPath,Imports", "./...")
	cmd.Dir = "../.."
	var errs bytes.Buffer
	cmd.Stderr = &errs
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("go list: %v\n%s", err, &errs)
	}
	var ps []listed
	for dec := json.NewDecoder(bytes.NewReader(out)); ; {
		var p listed
		if err := dec.Decode(&p); errors.Is(err, io.EOF) {
			return ps
		} else if err != nil {
			t.Fatal(err)
		}
		ps = append(ps, p)
	}
}

// row finds the rule for a package: its own, else that of its parent with /*.
func row(name string) ([]string, bool) {
	if r, ok := imports[name]; ok {
		return r, true
	}
	if i := strings.LastIndexByte(name, '/'); i > 0 {
		if r, ok := imports[name[:i]+"/*"]; ok {
			return r, true
		}
	}
	return nil, false
}

func allowed(row []string, name string) bool {
	return slices.ContainsFunc(row, func(r string) bool {
		below, ok := strings.CutSuffix(r, "*")
		return r == name || ok && strings.HasPrefix(name, below)
	})
}

func TestImports(t *testing.T) {
	for _, p := range packages(t) {
		name := strings.TrimPrefix(p.ImportPath, "watcher/")
		if slices.Contains(testOnly, name) {
			continue
		}
		r, ok := row(name)
		if !ok {
			t.Errorf("package %s is not in the table: add it and say what it may import", name)
			continue
		}
		for _, i := range p.Imports {
			ours, ok := strings.CutPrefix(i, "watcher/")
			if !ok {
				for module, by := range owners {
					if strings.HasPrefix(i, module) && !slices.Contains(by, name) {
						t.Errorf("%s imports %s, which is %v's alone", name, i, by)
					}
				}
				continue
			}
			if slices.Contains(testOnly, ours) {
				t.Errorf("%s imports %s, which is for tests", name, ours)
			} else if !allowed(r, ours) {
				t.Errorf("%s imports %s: not in the table", name, ours)
			}
		}
	}
}
