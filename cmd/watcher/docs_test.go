package main

import (
	"bytes"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"watcher/notify"
)

var updateDocs = flag.Bool("update-docs", false, "write the examples in docs/")

// fenced gives the code blocks of a language in a page of docs/.
func fenced(t *testing.T, page, lang string) []string {
	t.Helper()
	data, err := os.ReadFile(filepath.Join("..", "..", "docs", page))
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	for _, m := range regexp.MustCompile("(?s)```"+lang+"\n(.*?)```").FindAllSubmatch(data, -1) {
		out = append(out, string(m[1]))
	}
	if len(out) == 0 {
		t.Fatalf("%s has no %s block", page, lang)
	}
	return out
}

// secrets are what the documented receivers need, as files and variables.
func withSecrets(t *testing.T, text string) string {
	t.Helper()
	dir := t.TempDir()
	for name, value := range map[string]string{"smtp": "password", "slack": "xoxb-1", "slack-hook": "https://hooks.slack.example/x", "discord": "https://discord.example/api/webhooks/1/abcdefgh",
		"telegram": "1:A", "gotify": "A", "teams": "https://teams.example/x?sig=abcdefgh", "pagerduty": "R"} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(value+"\n"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	t.Setenv("HOOK_SECRET", testSecret)
	t.Setenv("NTFY_TOKEN", "tk_1")
	return strings.ReplaceAll(text, "/run/secrets/", dir+"/")
}

// check loads a configuration; a command receiver's warning is meant.
func checkText(t *testing.T, name, text string) {
	t.Helper()
	file := filepath.Join(t.TempDir(), "config.yaml")
	if err := os.WriteFile(file, []byte(withSecrets(t, text)), 0o600); err != nil {
		t.Fatal(err)
	}
	r := call(t, "", "check", "-c", file)
	for line := range strings.Lines(r.stdout) {
		if !strings.Contains(line, "type command are off") && !strings.Contains(line, "not signed") && !strings.Contains(line, "feeds") {
			t.Errorf("%s: %s", name, line)
		}
	}
	if r.code != exitOK {
		t.Errorf("%s: exit %d: %s%s\n%s", name, r.code, r.stdout, r.stderr, text)
	}
}

func TestReceiversInTheDocs(t *testing.T) {
	kinds := map[string]bool{}
	for _, block := range fenced(t, "receivers.md", "yaml") {
		for _, m := range regexp.MustCompile(`type: (\w+)`).FindAllStringSubmatch(block, -1) {
			kinds[m[1]] = true
		}
		block = "  " + strings.ReplaceAll(strings.TrimSpace(block), "\n", "\n  ")
		checkText(t, "receivers.md", "feeds: [{url: \"https://example.org/feed\"}]\ntopics: [{id: a, match: b}]\nreceivers:\n"+block+"\n")
	}
	for _, kind := range []string{"log", "webhook", "email", "slack", "discord", "telegram", "ntfy", "gotify", "teams", "pagerduty", "apprise", "command"} {
		if !kinds[kind] {
			t.Errorf("docs/receivers.md has no block of type %s", kind)
		}
	}
}

// TestExampleUncommented: each block that config.example.yaml shows commented
// out works when it is taken in.
func TestExampleUncommented(t *testing.T) {
	data, err := os.ReadFile(filepath.Join("..", "..", "config.example.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(string(data), "\n")
	top := regexp.MustCompile(`^# (routes|quiet_hours|silences):$`)
	receiver := regexp.MustCompile(`^  # (- \{id: .*)$`)
	blocks := 0
	for i := 0; i < len(lines); i++ {
		text := append([]string(nil), lines...)
		switch {
		case receiver.MatchString(lines[i]):
			text[i] = "  " + receiver.FindStringSubmatch(lines[i])[1]
		case top.MatchString(lines[i]):
			for j := i; j < len(lines) && strings.HasPrefix(lines[j], "# ") && (j == i || strings.HasPrefix(lines[j], "#   ")); j++ {
				text[j] = lines[j][2:]
			}
		default:
			continue
		}
		blocks++
		checkText(t, fmt.Sprintf("config.example.yaml:%d", i+1), strings.Join(text, "\n"))
	}
	if blocks < 14 {
		t.Errorf("only %d commented blocks were found", blocks)
	}
}

func TestWebhookExample(t *testing.T) {
	now := time.Date(2026, 11, 22, 7, 41, 9, 0, time.UTC)
	m := notify.Samples(now)[2]
	m.ID, m.Test = "msg_01JD5Z4V7Q9W3R8T2Y6U0P4S1A", false
	data, err := m.Encode()
	if err != nil {
		t.Fatal(err)
	}
	var want bytes.Buffer
	if err := json.Indent(&want, data, "", "  "); err != nil {
		t.Fatal(err)
	}
	got := fenced(t, "webhook.md", "json")[0]
	if *updateDocs {
		file := filepath.Join("..", "..", "docs", "webhook.md")
		page, err := os.ReadFile(file)
		if err == nil {
			err = os.WriteFile(file, bytes.Replace(page, []byte(got), append(want.Bytes(), '\n'), 1), 0o644)
		}
		if err != nil {
			t.Fatal(err)
		}
		return
	}
	if got != want.String()+"\n" {
		t.Errorf("the example in docs/webhook.md is out of date: go test ./cmd/watcher -run TestWebhookExample -update-docs\n%s", want.String())
	}
}

// TestSnippetsVerify runs the documented checks of a signature.
func TestSnippetsVerify(t *testing.T) {
	body := `{"schema":"watcher.webhook.v1","title":"“Envoys” <meet> & talk"}`
	at := strconv.FormatInt(time.Now().Unix(), 10)
	key, _ := base64.StdEncoding.DecodeString(strings.TrimPrefix(testSecret, "whsec_"))
	mac := hmac.New(sha256.New, key)
	mac.Write([]byte("msg_1." + at + "." + body))
	sig := "v1," + base64.StdEncoding.EncodeToString([]byte("an older secret's signature: 32 b")) + " v1," + base64.StdEncoding.EncodeToString(mac.Sum(nil))
	snippets := []struct{ lang, program, file, main string }{
		{"go", "go run", "main.go", `
func main() {
	h := http.Header{}
	h.Set("webhook-id", "msg_1"); h.Set("webhook-timestamp", AT); h.Set("webhook-signature", SIG)
	println(Verify(SECRET, h, []byte(BODY)), Verify(SECRET, h, []byte(BODY + " ")))
}`},
		{"python", "python3", "main.py", `
import sys
h = {"webhook-id": "msg_1", "webhook-timestamp": AT, "webhook-signature": SIG}
print(str(verify(SECRET, h, BODY.encode())).lower(), str(verify(SECRET, h, (BODY + " ").encode())).lower(), file=sys.stderr)`},
		{"js", "node", "main.js", `
const h = {"webhook-id": "msg_1", "webhook-timestamp": AT, "webhook-signature": SIG};
console.error(verify(SECRET, h, BODY), verify(SECRET, h, BODY + " "));`},
	}
	for _, s := range snippets {
		t.Run(s.lang, func(t *testing.T) {
			program := strings.Fields(s.program)
			if _, err := exec.LookPath(program[0]); err != nil {
				t.Skipf("no %s here: install it to run the snippet", program[0])
			}
			quote := func(v string) string { q, _ := json.Marshal(v); return string(q) }
			text := fenced(t, "webhook.md", s.lang)[0] + strings.NewReplacer("SECRET", quote(testSecret), "BODY", quote(body), "AT", quote(at), "SIG", quote(sig)).Replace(s.main)
			file := filepath.Join(t.TempDir(), s.file)
			if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
				t.Fatal(err)
			}
			var errs bytes.Buffer
			cmd := exec.Command(program[0], append(program[1:], file)...)
			cmd.Stderr = &errs
			if err := cmd.Run(); err != nil || strings.TrimSpace(errs.String()) != "true false" {
				t.Errorf("%v: %s", err, errs.String())
			}
		})
	}
}

func TestSchemaWebhook(t *testing.T) {
	r := call(t, "", "schema", "webhook")
	var s map[string]any
	if err := json.Unmarshal([]byte(r.stdout), &s); err != nil || s["title"] != "watcher.webhook.v1" || r.code != exitOK {
		t.Errorf("exit %d, %v: %s", r.code, err, r.stdout)
	}
}

func TestSchemaConfig(t *testing.T) {
	s, _, _ := resolved(t)
	example, err := os.ReadFile(filepath.Join("..", "..", "config.example.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Validate(yamlValue(t, string(example))); err != nil {
		t.Errorf("config.example.yaml: %v", err)
	}
	for _, block := range fenced(t, "receivers.md", "yaml") {
		if err := s.Validate(yamlValue(t, "receivers:\n"+block)); err != nil {
			t.Errorf("%s: %v", block, err)
		}
	}
	for _, good := range []string{
		"routes: [{to: a, wait: 90s, update_when: [publishers: [3, 6], new_kind], at_most: 1/d}]",
		"routes: [{to: [a], update_when: {publishers: 3, new_kind: , title_change: false}}]",
		"polling: {adaptive: off}", "polling: {adaptive: {min: 5m}}", "retention: {items: 2y}",
		"entities: {iran: [Tehran], araghchi: {name: Abbas Araghchi}}",
		"quiet_hours: [{receivers: [a], from: \"22:30\", to: \"06:30\", then: hold, break_through: critical}]",
	} {
		if err := s.Validate(yamlValue(t, good)); err != nil {
			t.Errorf("%s: %v", good, err)
		}
	}
	for _, bad := range []string{"topics: [{id: a, mach: b}]", "topics: [{match: a, priority: huge}]", "receivers: [{id: a, type: pigeon}]",
		"receivers: [{id: a, type: ntfy, channel: x}]", "retention: {items: long}", "feeds: [{id: a}]"} {
		if s.Validate(yamlValue(t, bad)) == nil {
			t.Errorf("%s is valid", bad)
		}
	}
}
