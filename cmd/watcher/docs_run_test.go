package main

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"
)

// pages are the documents whose commands are run.
var pages = []string{"README.md", "CONTRIBUTING.md", "docs/config.md", "docs/digest.md", "docs/operations.md", "docs/receivers.md", "docs/rules.md", "docs/scale.md",
	"docs/security.md", "docs/speed.md", "docs/webhook.md"}

// documented are the command lines of a page: `watcher …` in a sentence, and
// lines of a shell block.
func documented(t *testing.T, page string) (lines []string) {
	t.Helper()
	text := deployed(t, page)
	for _, m := range regexp.MustCompile("`watcher ([^`]+)`").FindAllStringSubmatch(text, -1) {
		lines = append(lines, m[1])
	}
	for _, block := range regexp.MustCompile("(?s)```(?:sh|bash|shell|console)\n(.*?)```").FindAllStringSubmatch(text, -1) {
		for _, m := range regexp.MustCompile(`(?m)^(?:\$ )?watcher ([^#\n]+)`).FindAllStringSubmatch(block[1], -1) {
			lines = append(lines, strings.TrimSpace(m[1]))
		}
	}
	return lines
}

// example says how a documented line is run here: with what in the place of
// its placeholders, and what it should end with. A line that is not listed is
// run as it stands and ends with 0.
type example struct {
	args  []string // {URL}, {FILE} and {DELIVERY} are filled in; nil: as it stands
	stdin string
	code  int
	why   string // it is not run: why
}

var documentedAs = map[string]example{
	"run":                      {why: "TestReadme and TestDaemon run it"},
	"once":                     {why: "the daemon holds the store: TestOncePartly runs it"},
	"demo":                     {why: "TestDemo plays it"},
	"db copy postgres://…":     {why: "needs a PostgreSQL server: TestCopy runs it where there is one"},
	"notify test pigeon":       {args: []string{"notify", "test", "hook"}},
	"notify test RECEIVER":     {args: []string{"notify", "test", "hook"}},
	"help VERB":                {args: []string{"help", "backtest"}},
	"init":                     {args: []string{"init", "-c", "{NEW}"}},
	"completion bash|zsh|fish": {args: []string{"completion", "zsh"}},
	"restore --check FILE":     {args: []string{"restore", "--check", "{FILE}"}},
	"receivers enable ID":      {args: []string{"receivers", "enable", "hook"}},
	"receivers enable":         {args: []string{"receivers", "enable", "hook"}},
	"receivers enable mail --address desk@example.org": {args: []string{"receivers", "enable", "hook", "--address", "desk@example.org"}, code: exitNothing}, // nobody has unsubscribed
	"deliveries resend ID":                             {args: []string{"deliveries", "resend", "{DELIVERY}"}},
	"match":                                            {args: []string{"match", "--topic", "talks"}, stdin: `{"id":"1","title":"Oman mediates in talks"}`},
	"explain":                                          {args: []string{"explain", "talks"}, stdin: `{"id":"1","title":"Oman mediates in talks"}`},
	"backtest":                                         {args: []string{"backtest", "talks"}},
	"names":                                            {args: []string{"names", "Abbas Araghchi"}},
	"digest list":                                      {code: exitNothing}, // no issue yet
	"digest send --date 2026-02-07":                    {code: exitNothing},
	"suggest @araghchi":                                {code: exitNothing}, // nothing like it in so small a history
	"auth hash":                                        {stdin: "a long enough password\n"},
	"init --feed https://example.org/ --match 'oman AND (talks OR mediat*)'": {args: []string{"init", "-c", "{NEW}", "--feed", "{URL}", "--match", "oman AND (talks OR mediat*)"}},
}

// TestDocumentedCommands runs every command of the documents beside a daemon
// that has told something.
func TestDocumentedCommands(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	d.publish("/one", "old", "Nothing of note", "An empty day.")
	file := d.config("@every 1s", "/one")
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	far := time.Now().UTC().Add(12 * time.Hour).Format("15:04") // no issue comes by itself meanwhile
	if err := os.WriteFile(file, append(text, "entities: {araghchi: {name: Abbas Araghchi}}\ndigests: [{id: day, at: \""+far+"\", timezone: UTC, to: [hook]}]\n"...), 0o600); err != nil {
		t.Fatal(err)
	}
	p := start(t, "run", "-c", file)
	wait(t, "the first poll", waitLong, func() bool { return d.pollsOf("/one") >= 2 })
	d.publish("/one", "n1", "Oman mediates in talks", "Envoys sat in separate rooms on Friday.")
	wait(t, "the alert", waitLong, func() bool { return len(d.accepted()) > 0 })
	backup := filepath.Join(t.TempDir(), "backup.db")
	if r := call(t, "", "backup", "-c", file, backup); r.code != exitOK {
		t.Fatalf("%+v", r)
	}
	url := site(t) + "/"

	ran := map[string]bool{}
	for _, page := range pages {
		for _, line := range documented(t, page) {
			if ran[line] {
				continue
			}
			ran[line] = true
			x := documentedAs[line]
			if x.why != "" {
				continue
			}
			args := words(line)
			if x.args != nil {
				args = slices.Clone(x.args)
			}
			fill := strings.NewReplacer("{URL}", url, "{FILE}", backup, "{DELIVERY}", d.accepted()[0].id, "{NEW}", filepath.Join(t.TempDir(), "config.yaml"))
			for i := range args {
				args[i] = fill.Replace(args[i])
			}
			if !slices.Contains(args, "-c") {
				args = append(args, "-c", file)
			}
			if r := call(t, x.stdin, args...); r.code != x.code {
				t.Errorf("%s: watcher %s: %+v, want exit %d", page, line, r, x.code)
			}
		}
	}
	for line := range documentedAs {
		if !ran[line] {
			t.Errorf("no document has %q any more", line)
		}
	}
	if len(ran) < 30 {
		t.Errorf("only %d commands were found", len(ran))
	}
	// README's table of verbs names verbs.
	_, table, _ := strings.Cut(deployed(t, "README.md"), "| verb | does |")
	table, _, _ = strings.Cut(table, "\n\n")
	for _, m := range regexp.MustCompile("(?m)`([^`]+)`[^|\n]*").FindAllStringSubmatch(table, -1) {
		if r := call(t, "", append(words(m[1]), "--help")...); r.code != exitOK || !strings.Contains(r.stdout, "watcher "+strings.Fields(m[1])[0]) {
			t.Errorf("README.md: %s: %+v", m[1], r)
		}
	}
	p.stop()
}

// TestDocumentLinks: what a document links to in this tree is there, and so is
// the section.
func TestDocumentLinks(t *testing.T) {
	anchor := func(text, want string) bool {
		for _, m := range regexp.MustCompile(`(?m)^#+ (.*)$`).FindAllStringSubmatch(text, -1) {
			slug := regexp.MustCompile(`[^\p{L}\p{N} _-]`).ReplaceAllString(strings.ToLower(m[1]), "")
			if strings.ReplaceAll(slug, " ", "-") == want {
				return true
			}
		}
		return false
	}
	links := 0
	for _, page := range append([]string{"ARCHITECTURE.md", "CHANGELOG.md"}, pages...) {
		for _, m := range regexp.MustCompile(`\]\(([^)\s]+)\)`).FindAllStringSubmatch(deployed(t, page), -1) {
			file, section, _ := strings.Cut(m[1], "#")
			if strings.Contains(m[1], "://") {
				continue
			}
			links++
			target := filepath.Join(filepath.Dir(page), file)
			if file == "" {
				target = page
			}
			if _, err := os.Stat(filepath.Join("..", "..", target)); err != nil {
				t.Errorf("%s links to %s, which is not there", page, m[1])
			} else if section != "" && !anchor(deployed(t, target), section) {
				t.Errorf("%s: %s has no section %q", page, target, section)
			}
		}
	}
	if links < 10 {
		t.Errorf("only %d links were found", links)
	}
}

// TestLogKeys: log lines have the keys that docs/operations.md promises, and
// constant messages.
func TestLogKeys(t *testing.T) {
	_, text, _ := strings.Cut(deployed(t, "docs/operations.md"), "The keys are")
	text, _, _ = strings.Cut(text, "\n\n")
	promised := map[string]bool{}
	for _, m := range regexp.MustCompile("`([a-z ]+)`").FindAllStringSubmatch(text, -1) {
		for _, k := range strings.Fields(m[1]) {
			promised[k] = false
		}
	}
	fset := token.NewFileSet()
	calls := 0
	err := filepath.WalkDir(filepath.Join("..", ".."), func(path string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") || strings.Contains(path, "bench") {
			return err
		}
		f, err := parser.ParseFile(fset, path, nil, parser.SkipObjectResolution)
		if err != nil {
			return err
		}
		ast.Inspect(f, func(n ast.Node) bool {
			c, ok := n.(*ast.CallExpr)
			if !ok || len(c.Args) < 3 || !logs(c.Fun) {
				return true
			}
			calls++
			for i := 1; i < len(c.Args); i += 2 {
				lit, ok := c.Args[i].(*ast.BasicLit)
				if !ok {
					t.Errorf("%s: the key is no constant", fset.Position(c.Args[i].Pos()))
					continue
				}
				key, _ := strconv.Unquote(lit.Value)
				if _, ok := promised[key]; !ok {
					t.Errorf("%s: docs/operations.md promises no key %q", fset.Position(lit.Pos()), key)
				}
				promised[key] = true
			}
			return true
		})
		return nil
	})
	if err != nil || calls < 30 {
		t.Errorf("%d calls: %v", calls, err)
	}
	for k, used := range promised {
		if !used {
			t.Errorf("docs/operations.md promises the key %q, which nothing writes", k)
		}
	}
}

// logs tells whether a call's function is a method of a slog.Logger, as ours
// are named.
func logs(fun ast.Expr) bool {
	sel, ok := fun.(*ast.SelectorExpr)
	if !ok || !slices.Contains([]string{"Debug", "Info", "Warn", "Error"}, sel.Sel.Name) {
		return false
	}
	switch x := sel.X.(type) {
	case *ast.SelectorExpr:
		return x.Sel.Name == "Log" || x.Sel.Name == "log"
	case *ast.Ident:
		return x.Name == "log" || x.Name == "logger"
	}
	return false
}
