package main

import (
	"bytes"
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

const gazette = `<rss version="2.0"><channel><title>Gazette</title><ttl>30</ttl><item><title>Ferry &amp;amp; crane</title><link>/a</link>
<pubDate>Fri, 20 Nov 2026 08:15:00 +0100</pubDate><description>&lt;b&gt;late&lt;/b&gt;</description></item></channel></rss>`

// parseVerb runs the verb and gives exit code and both streams.
func parseVerb(t *testing.T, stdin string, args ...string) (int, string, string) {
	t.Helper()
	var out, talk bytes.Buffer
	e := &env{stdin: strings.NewReader(stdin), stdout: &out, stderr: &talk, getenv: func(string) string { return "" }}
	code := run(context.Background(), e, append([]string{"parse"}, args...))
	return code, out.String(), talk.String()
}

func TestParseJSON(t *testing.T) {
	code, out, talk := parseVerb(t, gazette, "--json", "--url", "https://g.example/rss/x.xml", "-")
	if code != exitOK || talk != "" {
		t.Fatalf("exit %d, %s", code, talk)
	}
	var got struct {
		OK    bool
		Error string
		Feed  struct {
			Title string
			TTL   int `json:"ttl_minutes"`
		}
		Entries []struct {
			Title, Link, Summary, Published string
			Links                           []struct{ Href string }
		}
	}
	if err := json.Unmarshal([]byte(out), &got); err != nil {
		t.Fatal(err)
	}
	if !got.OK || got.Feed.Title != "Gazette" || got.Feed.TTL != 30 || len(got.Entries) != 1 {
		t.Fatalf("%s", out)
	}
	e := got.Entries[0]
	if e.Title != "Ferry & crane" || e.Link != "https://g.example/a" || e.Summary != "<b>late</b>" || e.Published != "2026-11-20T07:15:00Z" || e.Links[0].Href != e.Link {
		t.Errorf("%+v", e)
	}
}

func TestParseRefuses(t *testing.T) {
	code, out, _ := parseVerb(t, "<html><title>Page</title></html>", "--json")
	if code != exitFailed || !strings.HasPrefix(out, `{"ok":false,"error":"not a feed but a web page (Page)"`) {
		t.Errorf("exit %d, %s", code, out)
	}
	code, out, _ = parseVerb(t, "", "--json")
	if code != exitFailed || !strings.Contains(out, `"ok":false`) {
		t.Errorf("nothing at all: exit %d, %s", code, out)
	}
	code, _, talk := parseVerb(t, "", filepath.Join(t.TempDir(), "none.xml"))
	if code != exitFailed || !strings.Contains(talk, "none.xml") {
		t.Errorf("no file: exit %d, %s", code, talk)
	}
	if code, _, _ := parseVerb(t, "", "--no-such-flag"); code != exitUsage {
		t.Errorf("unknown flag: exit %d", code)
	}
}

func TestParseItems(t *testing.T) {
	dir := t.TempDir()
	var files []string
	for name, body := range map[string]string{"a.xml": gazette, "b.json": `{"version":"https://jsonfeed.org/version/1","title":"Bay","items":[{"id":"1","title":"Tide"}]}`} {
		files = append(files, filepath.Join(dir, name))
		if err := os.WriteFile(files[len(files)-1], []byte(body), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	code, out, talk := parseVerb(t, "", append([]string{"--items", "--feed", "gaz"}, files...)...)
	lines := strings.Split(strings.TrimSpace(out), "\n")
	if code != exitOK || len(lines) != 2 {
		t.Fatalf("exit %d, %s%s", code, out, talk)
	}
	for _, line := range lines {
		var it map[string]any
		if err := json.Unmarshal([]byte(line), &it); err != nil {
			t.Fatal(err)
		}
		if it["feed"] != "gaz" || it["source"] != "Gazette" && it["source"] != "Bay" || it["title"] == "" {
			t.Errorf("%s", line)
		}
	}
	bad := filepath.Join(dir, "page.html")
	if err := os.WriteFile(bad, []byte("<html>"), 0o600); err != nil {
		t.Fatal(err)
	}
	code, out, talk = parseVerb(t, "", "--items", files[0], bad)
	if code != exitPartly || strings.Count(out, "\n") != 1 || !strings.Contains(talk, "page.html") {
		t.Errorf("one of two: exit %d, %s%s", code, out, talk)
	}
}

func TestParseForPeople(t *testing.T) {
	code, out, _ := parseVerb(t, gazette)
	if code != exitOK || !strings.Contains(out, "Gazette") || !strings.Contains(out, "2026-11-20 07:15  Ferry & crane") {
		t.Errorf("exit %d\n%s", code, out)
	}
}
