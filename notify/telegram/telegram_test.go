package telegram

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"golang.org/x/net/html"

	"watcher/notify"
	"watcher/notify/notifytest"
)

const token = "110201543:AAHdqTcvCH1vGWJxfSeofSAs0K5PALDsaw"

// service reads the HTML as Telegram does: few tags, whole ones, few entities,
// at most 4096 UTF-16 units of text.
var service = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
	fail := func(code int, description string) {
		w.WriteHeader(code)
		fmt.Fprintf(w, `{"ok":false,"error_code":%d,"description":%q}`, code, description)
	}
	var p struct {
		ChatID    string `json:"chat_id"`
		Text      string
		ParseMode string `json:"parse_mode"`
		MessageID int64  `json:"message_id"`
	}
	method, ok := strings.CutPrefix(r.URL.Path, "/bot"+token+"/")
	switch err := json.NewDecoder(r.Body).Decode(&p); {
	case !ok:
		fail(401, "Unauthorized")
	case err != nil || p.ParseMode != "HTML":
		fail(400, "Bad Request: can't parse entities")
	case p.ChatID != "-100123":
		fail(400, "Bad Request: chat not found")
	case method == "editMessageText" && p.MessageID != 7:
		fail(400, "Bad Request: message to edit not found")
	case method != "sendMessage" && method != "editMessageText":
		fail(404, "Not Found")
	default:
		text, err := read(p.Text)
		switch {
		case err != "":
			fail(400, "Bad Request: can't parse entities: "+err)
		case strings.TrimSpace(text) == "":
			fail(400, "Bad Request: message text is empty")
		case notify.UTF16(text) > 4096:
			fail(400, "Bad Request: message is too long")
		default:
			fmt.Fprint(w, `{"ok":true,"result":{"message_id":7}}`)
		}
	}
})

// read gives the visible text of Telegram's HTML.
func read(s string) (text, wrong string) {
	for _, part := range strings.Split(s, "&")[1:] {
		name, _, _ := strings.Cut(part, ";")
		if name != "amp" && name != "lt" && name != "gt" && name != "quot" {
			return "", "unknown entity " + name
		}
	}
	var open []string
	var b strings.Builder
	z := html.NewTokenizer(strings.NewReader(s))
	for {
		switch z.Next() {
		case html.ErrorToken:
			if len(open) > 0 {
				return "", "a tag is not closed"
			}
			return b.String(), ""
		case html.TextToken:
			b.WriteString(z.Token().Data)
		case html.StartTagToken:
			t := z.Token()
			if t.Data != "a" && t.Data != "b" {
				return "", "tag " + t.Data
			}
			open = append(open, t.Data)
		case html.EndTagToken:
			t := z.Token()
			if len(open) == 0 || open[len(open)-1] != t.Data {
				return "", "end of " + t.Data
			}
			open = open[:len(open)-1]
		default:
			return "", "odd markup"
		}
	}
}

func open(t *testing.T, url string, env notify.Env) notify.Notifier {
	t.Helper()
	tg, err := New(Settings{Token: token, Chat: "-100123", API: url}, env)
	if err != nil {
		t.Fatal(err)
	}
	return tg
}

func TestSuite(t *testing.T) {
	notifytest.Run(t, notifytest.Subject{New: open, Service: service, Secrets: []string{token}, Updates: []string{"edit", "thread"}})
}

func TestEditAndAnswer(t *testing.T) {
	m := notify.Samples(notifytest.Now)[2]
	for _, tt := range []struct{ how, previous, paths, body string }{
		{"edit", "7", "editMessageText", `"message_id":7`},
		{"edit", "6", "editMessageText sendMessage", ""},
		{"thread", "7", "sendMessage", `"reply_parameters":{"message_id":7,"allow_sending_without_reply":true}`},
		{"new", "7", "sendMessage", ""},
	} {
		server := notifytest.Serve(t, service)
		env := notifytest.Env()
		env.OnUpdate = tt.how
		m.Previous = tt.previous
		r, err := open(t, server.URL, env).Send(t.Context(), m)
		var paths []string
		for _, g := range server.Got() {
			paths = append(paths, g.Path[strings.LastIndex(g.Path, "/")+1:])
		}
		got := strings.Join(paths, " ")
		if err != nil || got != tt.paths || r.Ref != "7" || !strings.Contains(string(server.Got()[0].Body), tt.body) {
			t.Errorf("%s of %s: %s, ref %q, %v", tt.how, tt.previous, got, r.Ref, err)
		}
	}
}

func TestAnswers(t *testing.T) {
	for answer, want := range map[string]string{
		`429 {"ok":false,"error_code":429,"description":"Too Many Requests: retry after 17","parameters":{"retry_after":17}}`:      "pause 17s",
		`400 {"ok":false,"description":"Bad Request: message is not modified: specified new message content"}`:                     "ok",
		`400 {"ok":false,"description":"Bad Request: chat not found"}`:                                                             "setup",
		`403 {"ok":false,"description":"Forbidden: bot was blocked by the user"}`:                                                  "setup",
		`400 {"ok":false,"description":"Bad Request: group chat was upgraded","parameters":{"migrate_to_chat_id":-1001234567890}}`: "setup",
		`400 {"ok":false,"description":"Bad Request: message is too long"}`:                                                        "smaller",
		`400 {"ok":false,"description":"Bad Request: TOPIC_CLOSED"}`:                                                               "setup",
		`400 {"ok":false,"description":"Bad Request: have no rights to send a message"}`:                                           "setup",
		`404 {"ok":false,"error_code":404,"description":"Not Found"}`:                                                              "setup",
		`400 {"ok":false,"description":"Bad Request: can't parse entities"}`:                                                       "reject",
		`502 <html>Bad Gateway</html>`:      "retry",
		`200 <html>A captive portal</html>`: "retry",
	} {
		server := notifytest.Serve(t, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			var code int
			fmt.Sscan(answer[:3], &code)
			w.WriteHeader(code)
			fmt.Fprint(w, answer[4:])
		}))
		_, err := open(t, server.URL, notifytest.Env()).Send(t.Context(), notify.Sample(notifytest.Now))
		if got := notifytest.Meaning(err); got != want {
			t.Errorf("%s\n gave %s (%v), want %s", answer, got, err, want)
		}
		if _, says, ok := strings.Cut(answer, `"description":"`); ok && err != nil && !strings.Contains(err.Error(), "supergroup") {
			if says, _, _ = strings.Cut(says, `"`); !strings.Contains(err.Error(), "telegram says: "+says) || strings.Contains(err.Error(), `"ok"`) {
				t.Errorf("a person reads %v", err)
			}
		}
	}
}

func TestPaceOfAGroup(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		env := notify.Env{}
		p := notify.NewPace(env).AtMost(1, time.Second).AtMost(20, time.Minute)
		start := time.Now()
		for i := range 20 {
			if err := p.Wait(t.Context()); err != nil {
				t.Fatal(err)
			}
			if got := time.Since(start); got != time.Duration(i)*time.Second {
				t.Errorf("message %d went after %s", i, got)
			}
		}
		if got := notifytest.Meaning(p.Wait(t.Context())); got != "pause 41s" {
			t.Errorf("the 21st in a minute: %s", got)
		}
		time.Sleep(41 * time.Second)
		if err := p.Wait(t.Context()); err != nil {
			t.Error(err)
		}
	})
}

func TestSettings(t *testing.T) {
	for want, s := range map[string]Settings{
		"a bot's token is needed": {Chat: "1"},
		"no bot's token":          {Token: "a/b", Chat: "1"},
		"chat is needed":          {Token: token},
	} {
		if _, err := New(s, notifytest.Env()); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v, want %q", err, want)
		}
	}
}
