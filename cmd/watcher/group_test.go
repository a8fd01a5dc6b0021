package main

import (
	"bufio"
	"context"
	"encoding/json"
	"strings"
	"testing"
)

func runGroup(t *testing.T, in string, args ...string) (string, int) {
	t.Helper()
	var out, talk strings.Builder
	e := &env{stdin: strings.NewReader(in), stdout: &out, stderr: &talk, getenv: func(string) string { return "" }}
	code := run(context.Background(), e, append([]string{"group"}, args...))
	return out.String() + talk.String(), code
}

func TestGroup(t *testing.T) {
	items := `{"id":"a","title":"Museum roof collapses in Tarvin after heavy snow","summary":"The glass roof of the city museum in Tarvin collapsed under snow on Monday; nobody was inside.","published":"2026-02-02 09:00:00"}
{"id":"b","title":"Heavy snow brings down roof of Tarvin city museum","summary":"Snow brought down the glass roof of Tarvin's city museum on Monday. The museum was closed and nobody was hurt.","published":"2026-02-02T10:00:00Z"}
{"id":"a","title":"Goalkeeper Ines Roda leaves Porto Alba","summary":"Ines Roda signs for a club in Denmark after nine seasons."}
`
	out, code := runGroup(t, items, "--json")
	if code != exitOK {
		t.Fatalf("exit %d: %s", code, out)
	}
	var got []groupForm
	sc := bufio.NewScanner(strings.NewReader(out))
	for sc.Scan() {
		var f groupForm
		if err := json.Unmarshal(sc.Bytes(), &f); err != nil {
			t.Fatal(err)
		}
		got = append(got, f)
	}
	if len(got) != 3 || got[0].ID != "a" || got[1].ID != "b" || got[2].ID != "a" {
		t.Fatalf("got %+v", got)
	}
	if got[0].Story != got[1].Story || got[1].Kind != "same" || got[2].Story == got[0].Story || got[2].Kind != "new" {
		t.Errorf("got\n%s", out)
	}
	if page, _ := runGroup(t, items); !strings.Contains(page, "2 articles") {
		t.Errorf("page:\n%s", page)
	}
}

func TestGroupPairs(t *testing.T) {
	out, code := runGroup(t, `{"id":"p","a":"Snow closes Tarvin airport","b":"Tarvin airport closed by snow"}
{"id":"q","a":"Snow closes Tarvin airport","b":"Chess title goes to Olena Marko"}
`, "--json", "--pairs")
	if code != exitOK || !strings.Contains(out, `{"id":"p","same":true`) || !strings.Contains(out, `{"id":"q","same":false`) {
		t.Errorf("exit %d:\n%s", code, out)
	}
}

func TestGroupDamaged(t *testing.T) {
	out, code := runGroup(t, "{\"id\":\"a\",\"title\":\"x\"}\nnot json\n", "--json")
	if code != exitFailed || !strings.Contains(out, "standard input: line 2") {
		t.Errorf("exit %d:\n%s", code, out)
	}
}
