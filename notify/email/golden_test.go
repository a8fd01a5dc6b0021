package email

import (
	"fmt"
	"mime"
	"slices"
	"strings"
	"testing"

	"watcher/notify/notifytest"
)

// TestGolden shows each mail as its reader's program does: headers decoded,
// then the text and the HTML. The update is in its story's thread.
func TestGolden(t *testing.T) {
	s := serve(t, &server{}, true)
	env := leaving()
	env.OnUpdate = "thread"
	e := open(t, s, env)
	var out strings.Builder
	first := ""
	for _, m := range notifytest.Messages() {
		m.Previous = first
		r, err := send(t, e, m.Message)
		if err != nil {
			t.Fatalf("%s: %v", m.Name, err)
		}
		if first == "" {
			first = r.Ref
		}
		h, text, html := parts(t, s.mails[len(s.mails)-1])
		fmt.Fprintf(&out, "=== %s\n", m.Name)
		var names []string
		for name := range h {
			if !slices.Contains([]string{"Content-Type", "Mime-Version", "Received"}, name) {
				names = append(names, name)
			}
		}
		slices.Sort(names)
		for _, name := range names {
			value, err := new(mime.WordDecoder).DecodeHeader(strings.Join(h[name], ", "))
			if err != nil {
				t.Errorf("%s: %s: %v", m.Name, name, err)
			}
			fmt.Fprintf(&out, "%s: %s\n", name, value)
		}
		fmt.Fprintf(&out, "\n--- %s\n--- %s\n\n", text, html)
	}
	notifytest.Golden(t, "messages.golden", strings.ReplaceAll(out.String(), "\r\n", "\n"))
}
