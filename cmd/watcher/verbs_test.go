package main

import (
	"encoding/json"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/spf13/cobra"
)

// verbCall is one call of a verb: with --json it prints JSON or JSON Lines.
type verbCall struct {
	args  string
	stdin string
	code  int
	none  bool   // no line is an answer too
	plain string // it prints no JSON: why
}

const oneItem = `{"id":"1","title":"Oman mediates in talks","published":"2026-02-06T10:00:00Z"}`

// verbCalls has a call of every verb. {…} are filled in by the test.
var verbCalls = map[string]verbCall{
	"run":               {plain: "the daemon: --log-format json, TestLogFormat"},
	"demo":              {plain: "plays until it is stopped: TestDemo"},
	"completion":        {plain: "a script", args: "bash"},
	"man":               {plain: "a manual page"},
	"export opml":       {},
	"auth hash":         {plain: "a hash", stdin: "a long enough password\n"},
	"once":              {args: "--dry-run"},
	"init":              {args: "-c {NEW} --feed {URL}"},
	"check":             {none: true},
	"doctor":            {},
	"config show":       {},
	"reload":            {},
	"status":            {},
	"health":            {},
	"version":           {},
	"schema config":     {},
	"schema webhook":    {},
	"parse":             {stdin: `<rss version="2.0"><channel><title>T</title><item><guid>1</guid><title>A</title></item></channel></rss>`},
	"discover":          {args: "{URL}"},
	"match":             {stdin: oneItem},
	"explain":           {args: "talks", stdin: oneItem},
	"group":             {stdin: oneItem},
	"names":             {args: "Araghchi"},
	"suggest":           {args: "@araghchi", code: exitNothing},
	"backtest":          {args: "talks"},
	"search":            {args: "oman"},
	"topics":            {},
	"stories list":      {},
	"stories show":      {args: "{STORY}"},
	"stories split":     {args: "{STORY} {ITEM}"},
	"stories merge":     {args: "{STORY} {STORY2}"},
	"stories mute":      {args: "{STORY}"},
	"feeds list":        {},
	"feeds add":         {args: "{URL}"},
	"feeds show":        {args: "one"},
	"feeds poll":        {args: "one"},
	"feeds pause":       {args: "two"},
	"feeds resume":      {args: "two"},
	"feeds remove":      {args: "{ADDED}"},
	"import opml":       {stdin: `<opml version="2.0"><body><outline xmlUrl="{DESK}/three"/></body></opml>`},
	"digest preview":    {args: "morning --from 2026-02-06 --to 2026-02-07"},
	"digest list":       {code: -1},
	"digest send":       {args: "morning --date 2026-02-06", code: exitNothing},
	"notify test":       {args: "hook"},
	"deliveries list":   {},
	"deliveries show":   {args: "{DELIVERY}"},
	"deliveries resend": {args: "{DELIVERY}"},
	"deliveries replay": {args: "{DELIVERY}"},
	"deliveries drop":   {args: "{DELIVERY}", code: -1},
	"receivers list":    {},
	"receivers pause":   {args: "hook"},
	"receivers resume":  {args: "hook"},
	"receivers enable":  {args: "hook"},
	"routes explain":    {args: "--topic talks"},
	"silence add":       {args: "--topic talks --for 1h --reason test"},
	"silence list":      {},
	"silence end":       {args: "1"},
	"backup":            {args: "{BACKUP}"},
	"restore":           {args: "--check {BACKUP}"},
	"db stats":          {},
	"db check":          {},
	"db prune":          {},
	"db copy":           {args: "sqlite:{COPY}"},
}

// leaves are the verbs that do something, by their path.
func leaves(c *cobra.Command, path string) (out []string) {
	for _, sub := range c.Commands() {
		if sub.Name() == "help" || sub.Hidden {
			continue
		}
		name := strings.TrimSpace(path + " " + sub.Name())
		if sub.HasSubCommands() {
			out = append(out, leaves(sub, name)...)
		} else {
			out = append(out, name)
		}
	}
	return out
}

// TestLimits: no verb takes a limit below none for none at all.
func TestLimits(t *testing.T) {
	for _, verb := range []string{"stories list", "search war", "deliveries list", "digest list", "suggest x"} {
		if r := call(t, "", append(strings.Fields(verb), "--limit", "-3")...); r.code != exitUsage || !strings.Contains(r.stderr, "write a number, 0 for all") {
			t.Errorf("%s --limit -3: %+v", verb, r)
		}
	}
	if r := call(t, "", "deliveries", "list", "--state", "foo", "-c", "../../config.example.yaml"); r.code != exitUsage || !strings.Contains(r.stderr, "write one of pending, sending") {
		t.Errorf("--state foo: %+v", r)
	}
}

// TestJSONEverywhere: with --json every verb prints JSON or JSON Lines and
// nothing else on stdout.
func TestJSONEverywhere(t *testing.T) {
	t.Parallel()
	verbs := leaves(rootCommand(&env{stdin: strings.NewReader(""), stdout: io.Discard, stderr: io.Discard, getenv: os.Getenv}), "")
	for _, v := range verbs {
		if _, ok := verbCalls[v]; !ok {
			t.Errorf("no call of %q is listed", v)
		}
	}
	d := newDesk(t)
	d.publish("/one", "old", "Nothing of note", "An empty day.")
	file := d.config("@every 1s", "/one", "/two")
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, append(text, "entities: {araghchi: {name: Abbas Araghchi}}\ndigests: [{id: morning, at: \"07:00\", to: [hook], topics: [talks]}]\n"...), 0o600); err != nil {
		t.Fatal(err)
	}
	p := start(t, "run", "-c", file)
	d.polledAgain("/one", "/two")
	d.publish("/one", "n1", "Oman mediates in talks on the border", "Envoys sat in separate rooms on Friday.")
	d.publish("/two", "n2", "Striking teachers in Oman win pay talks", "Schools open again on Sunday after a vote.")
	wait(t, "the alerts", waitLong, func() bool { return len(d.accepted()) >= 2 })
	stories := jsonOf(t, file, "stories", "list")
	added := jsonOf(t, file, "feeds", "add", site(t)+"/rss.xml")[0]["id"]
	dir := t.TempDir()
	item := jsonOf(t, file, "stories", "show", stories[0]["id"].(string))[0]["items"].([]any)[0].(map[string]any)["id"].(string)
	fill := strings.NewReplacer("{DESK}", d.srv.URL, "{URL}", site(t)+"/", "{NEW}", filepath.Join(dir, "new.yaml"), "{BACKUP}", filepath.Join(dir, "b.db"), "{COPY}", filepath.Join(dir, "copy.db"),
		"{DELIVERY}", d.accepted()[0].id, "{STORY}", stories[0]["id"].(string), "{STORY2}", stories[1]["id"].(string), "{ITEM}", item, "{ADDED}", added.(string))
	order := slices.Clone(verbs)
	slices.SortStableFunc(order, func(a, b string) int { return rank(a) - rank(b) })
	for _, v := range order {
		x := verbCalls[v]
		if x.plain != "" {
			continue
		}
		args := append(strings.Fields(v), strings.Fields(fill.Replace(x.args))...)
		if !slices.Contains(args, "-c") {
			args = append(args, "-c", file)
		}
		r := call(t, fill.Replace(x.stdin), append(args, "--json")...)
		if x.code >= 0 && r.code != x.code || r.code == exitUsage {
			t.Errorf("%v: %+v, want exit %d", args, r, x.code)
		}
		dec := json.NewDecoder(strings.NewReader(r.stdout))
		n := 0
		for {
			var one any
			err := dec.Decode(&one)
			if err == io.EOF {
				break
			}
			if err != nil {
				t.Errorf("%v: not JSON (%v): %s", args, err, r.stdout)
				break
			}
			n++
		}
		if n == 0 && r.code == exitOK && !x.none {
			t.Errorf("%v: done, and nothing on stdout", args)
		}
	}
	r := call(t, "", "digest", "send", "morning", "--date", "2026-02-06", "-c", file)
	if r.code != exitNothing || !strings.Contains(r.stderr, "not found; `watcher digest list` lists what there is") {
		t.Errorf("an issue that is not there: %+v", r)
	}
	p.stop()
}

// TestExitCodes: 0 done, 1 failed, 2 usage or configuration, 3 nothing found,
// 4 done in part; and a line on stderr wherever it is not 0.
func TestExitCodes(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	file := d.config("@every 1m", "/one", "/two")
	if r := call(t, "", "once", "-c", file); r.code != exitOK {
		t.Fatalf("%+v", r)
	}
	dir := t.TempDir()
	broken := filepath.Join(dir, "broken.yaml")
	if err := os.WriteFile(broken, []byte("feeds: 3\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	needs := map[string]string{"import opml": "-", "feeds add": "http://127.0.0.1:1/", "db copy": "sqlite:" + filepath.Join(dir, "x.db"), "silence add": "--topic talks --for 1h --reason x",
		"stories split": "st_x a_1", "stories merge": "st_x st_y", "restore": "--check", "init": "", "suggest": "@araghchi", "silence end": "1"}
	free := []string{"parse", "discover", "group", "names", "schema config", "schema webhook", "completion", "version", "man", "demo", "auth hash", "init", "restore"}
	for _, v := range leaves(rootCommand(&env{stdin: strings.NewReader(""), stdout: io.Discard, stderr: io.Discard, getenv: os.Getenv}), "") {
		if slices.Contains(free, v) {
			continue // it needs no configuration
		}
		args := append(strings.Fields(v), strings.Fields(needs[v])...)
		if needs[v] == "" && len(verbCalls[v].args) > 0 && !strings.HasPrefix(verbCalls[v].args, "-") {
			args = append(args, "talks")
		}
		for _, c := range []string{broken, filepath.Join(dir, "nowhere.yaml")} {
			if r := call(t, "", append(args, "-c", c)...); r.code != exitUsage || r.stderr+r.stdout == "" {
				t.Errorf("%v -c %s: %+v, want exit 2", args, filepath.Base(c), r)
			}
		}
		if r := call(t, "", append(strings.Fields(v), "--no-such-flag")...); r.code != exitUsage || !strings.Contains(r.stderr, "unknown flag") {
			t.Errorf("%s --no-such-flag: %+v", v, r)
		}
	}
	for _, c := range []struct {
		code  int
		stdin string
		args  []string
	}{
		{exitOK, "", []string{"feeds", "list"}},
		{exitOK, oneItem, []string{"match"}},
		{exitFailed, "", []string{"status"}},
		{exitFailed, "", []string{"health"}},
		{exitFailed, "", []string{"reload"}},
		{exitFailed, "no feed at all", []string{"parse"}},
		{exitUsage, "", []string{"backtest", "tlaks"}},
		{exitUsage, "", []string{"search"}},
		{exitUsage, "", []string{"feeds", "list", "--tag"}},
		{exitUsage, "", []string{"stories", "list", "--since", "yesterday"}},
		{exitUsage, "", []string{"stories", "list", "--topic", "nix"}},
		{exitNothing, "", []string{"search", "oman"}},
		{exitNothing, "", []string{"stories", "list"}},
		{exitNothing, "", []string{"stories", "show", "st_nothing"}},
		{exitNothing, "", []string{"deliveries", "list"}},
		{exitNothing, "", []string{"deliveries", "show", "msg_nothing"}},
		{exitNothing, "", []string{"feeds", "show", "nothing"}},
		{exitNothing, "", []string{"silence", "list"}},
		{exitNothing, "", []string{"backtest", "talks"}},
		{exitNothing, "", []string{"feeds", "pause", "nothing", "nowhere"}},
		{exitNothing, "", []string{"deliveries", "drop", "msg_nothing", "msg_nowhere"}},
		{exitPartly, "", []string{"feeds", "pause", "one", "nothing"}},
		{exitUsage, "", []string{"backup", "--keep", "-1"}},
		{exitNothing, `{"id":"1","title":"Cricket"}`, []string{"match"}},
		{exitNothing, "<html><body>no feed is named</body></html>", []string{"discover", "--url", "http://127.0.0.1/", "-"}},
		{exitPartly, "", []string{"init", "--json", "-c", filepath.Join(dir, "partly.yaml"), "--feed", d.srv.URL + "/one", "--feed", "http://127.0.0.1:1/"}},
	} {
		args := c.args
		if !slices.Contains(args, "-c") {
			args = append(args, "-c", file)
		}
		r := call(t, c.stdin, args...)
		if r.code != c.code || (r.stderr == "") != (c.code == exitOK) && c.args[0] != "match" && c.args[0] != "backtest" {
			t.Errorf("%v: %+v, want exit %d and a word on stderr unless it is 0", c.args, r, c.code)
		}
	}
}

// rank puts what changes the store behind what looks at it.
func rank(verb string) int {
	for i, late := range []string{"backup", "restore", "stories merge", "stories split", "stories mute", "feeds remove", "silence end", "db copy", "db prune"} {
		if verb == late {
			return 1 + i
		}
	}
	return 0
}

// jsonOf runs a verb with --json and gives its lines.
func jsonOf(t *testing.T, file string, args ...string) (out []map[string]any) {
	t.Helper()
	r := call(t, "", append(args, "-c", file, "--json")...)
	dec := json.NewDecoder(strings.NewReader(r.stdout))
	for {
		var one map[string]any
		if err := dec.Decode(&one); err != nil {
			break
		}
		out = append(out, one)
	}
	if len(out) == 0 {
		t.Fatalf("%v: %+v", args, r)
	}
	return out
}
