package webhook

import (
	"crypto/ed25519"
	"encoding/base64"
	"encoding/json"
	"net/http"
	"strings"
	"testing"
	"time"
	"unicode"

	standardwebhooks "github.com/standard-webhooks/standard-webhooks/libraries/go"

	"watcher/notify"
	"watcher/notify/notifytest"
)

const (
	secret1 = "whsec_MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3"
	secret2 = "whsec_ZmVkY2JhOTg3NjU0MzIxMGZlZGNiYTk4"
)

// service takes what watcher.webhook.v1 promises and nothing else.
var service = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
	body := make([]byte, 1<<20)
	n, _ := r.Body.Read(body)
	body = body[:n]
	var m map[string]any
	switch {
	case r.Method != "POST", r.Header.Get("Content-Type") != "application/json", r.Header.Get("User-Agent") != "watcher/1.2",
		len(body) >= 20<<10, json.Unmarshal(body, &m) != nil, m["schema"] != "watcher.webhook.v1", m["id"] != r.Header.Get("Webhook-Id"),
		strings.ContainsFunc(string(body), func(c rune) bool { return unicode.IsControl(c) || unicode.In(c, unicode.Bidi_Control) }):
		http.Error(w, "not in the form of watcher.webhook.v1", http.StatusUnprocessableEntity)
		return
	}
	for _, key := range []string{"topics", "type", "timestamp", "sequence", "reason", "late", "test", "replay_of", "truncated", "links"} {
		if _, ok := m[key]; !ok {
			http.Error(w, "no "+key, http.StatusUnprocessableEntity)
			return
		}
	}
	hook, _ := standardwebhooks.NewWebhook(secret2)
	if err := hook.VerifyIgnoringTimestamp(body, r.Header); err != nil {
		http.Error(w, err.Error(), http.StatusUnprocessableEntity)
	}
})

func open(t *testing.T, url string, env notify.Env, change ...func(*Settings)) notify.Notifier {
	t.Helper()
	s := Settings{URL: url + "/hook", Secrets: []notify.Secret{secret1, secret2}, Headers: map[string]string{"Authorization": "Bearer s3cret-header"}}
	for _, c := range change {
		c(&s)
	}
	w, err := New(s, env)
	if err != nil {
		t.Fatal(err)
	}
	return w
}

func TestSuite(t *testing.T) {
	notifytest.Run(t, notifytest.Subject{
		New:     func(t *testing.T, url string, env notify.Env) notify.Notifier { return open(t, url, env) },
		Service: service,
		Secrets: []string{secret1, secret2, "s3cret-header"},
	})
}

func TestEverySecretSigns(t *testing.T) {
	env := notifytest.Env()
	env.Now = time.Now
	pub, private, _ := ed25519.GenerateKey(nil)
	for name, key := range map[string][]byte{"private key": private, "seed": private.Seed()} {
		server := notifytest.Serve(t, http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}))
		w := open(t, server.URL, env, func(s *Settings) {
			s.Secrets = append(s.Secrets, notify.Secret("whsk_"+base64.StdEncoding.EncodeToString(key)))
		})
		m := notify.Sample(time.Now())
		m.Attempt = 3
		if _, err := w.Send(t.Context(), m); err != nil {
			t.Fatal(err)
		}
		r := server.Got()[0]
		for _, secret := range []string{secret1, secret2} {
			hook, err := standardwebhooks.NewWebhook(secret)
			if err != nil {
				t.Fatal(err)
			}
			if err := hook.Verify(r.Body, r.Header); err != nil {
				t.Errorf("%s: %v", secret, err)
			}
		}
		_, sig, _ := strings.Cut(r.Header.Get("Webhook-Signature"), "v1a,")
		raw, err := base64.StdEncoding.DecodeString(sig)
		text := m.ID + "." + r.Header.Get("Webhook-Timestamp") + "." + string(r.Body)
		if err != nil || !ed25519.Verify(pub, []byte(text), raw) {
			t.Errorf("%s: the Ed25519 signature does not verify: %q", name, sig)
		}
		if r.Header.Get("X-Watcher-Attempt") != "3" || r.Header.Get("Webhook-Id") != m.ID {
			t.Errorf("headers %v", r.Header)
		}
	}
}

func TestFormats(t *testing.T) {
	server := notifytest.Serve(t, http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}))
	m := notify.Samples(notifytest.Now)[1]
	m.Story.ID = "st_é 1"
	w := open(t, server.URL, notifytest.Env(), func(s *Settings) { s.Format = "cloudevents" })
	if _, err := w.Send(t.Context(), m); err != nil {
		t.Fatal(err)
	}
	h := server.Got()[0].Header
	for k, want := range map[string]string{"Ce-Specversion": "1.0", "Ce-Id": m.ID, "Ce-Source": "https://w.example", "Ce-Type": "watcher.story.new",
		"Ce-Time": "2026-11-22T07:41:09Z", "Ce-Subject": "st_%C3%A9%201", "Content-Type": "application/json"} {
		if h.Get(k) != want {
			t.Errorf("%s: %q, want %q", k, h.Get(k), want)
		}
	}
	w = open(t, server.URL, notifytest.Env(), func(s *Settings) {
		s.Format, s.Template = "template", `{"text": {{if .Story}}{{json .Story.Title}}{{else}}{{json .Heading}}{{end}}}`
	})
	m.Story.Title = `He said "no" <&>`
	if _, err := w.Send(t.Context(), m); err != nil {
		t.Fatal(err)
	}
	if got := string(server.Got()[1].Body); got != `{"text": "He said \"no\" <&>"}` {
		t.Errorf("template gave %s", got)
	}
}

func TestUnsigned(t *testing.T) {
	server := notifytest.Serve(t, http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}))
	if _, err := open(t, server.URL, notifytest.Env(), func(s *Settings) { s.Secrets = nil }).Send(t.Context(), notify.Sample(notifytest.Now)); err != nil {
		t.Fatal(err)
	}
	if h := server.Got()[0].Header; h.Get("Webhook-Signature") != "" || h.Get("Webhook-Id") == "" {
		t.Errorf("headers %v", h)
	}
}

func TestBadSettings(t *testing.T) {
	for want, s := range map[string]Settings{
		"url: an address is needed":               {},
		"url: an http or https address is needed": {URL: "ftp://x.example/secret-path"},
		"link-local":                              {URL: "http://169.254.169.254/latest"},
		"secrets[1]: a webhook secret is whsec_":  {URL: "https://x.example", Secrets: []notify.Secret{secret1, "whsec_c2hvcnQ="}},
		"secrets[0]: an Ed25519 webhook key":      {URL: "https://x.example", Secrets: []notify.Secret{"whsk_c2hvcnQ="}},
		"format: \"xml\" is unknown":              {URL: "https://x.example", Format: "xml"},
		"template: it needs format: template":     {URL: "https://x.example", Template: "{}"},
		"does not give valid JSON":                {URL: "https://x.example", Format: "template", Template: `{"a": {{.ID}}}`},
		"nil pointer evaluating":                  {URL: "https://x.example", Format: "template", Template: `{"a": {{json .Story.Title}}}`},
		"headers: \"Webhook-Id\" is no header":    {URL: "https://x.example", Headers: map[string]string{"Webhook-Id": "1"}},
		"secrets_file: open /nonexistent/secrets": {URL: "https://x.example", SecretsFile: "/nonexistent/secrets"},
	} {
		_, err := New(s, notifytest.Env())
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%+v: %v, want %q", s, err, want)
		}
	}
}

// TestLinkLocal dials by a name's address, not its text.
func TestLinkLocal(t *testing.T) {
	for _, host := range []string{"[::ffff:169.254.169.254]", "[fe80::1]", "[64:ff9b::a9fe:a9fe]"} {
		if _, err := New(Settings{URL: "http://" + host + "/"}, notifytest.Env()); err == nil {
			t.Errorf("%s was taken", host)
		}
	}
}

// TestGoldenFormats shows what the other formats make of each message: the
// headers of a CloudEvent, whose body is the usual one, and a user's template.
func TestGoldenFormats(t *testing.T) {
	var out strings.Builder
	for _, m := range notifytest.Messages() {
		server := notifytest.Serve(t, http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}))
		for _, change := range []func(*Settings){
			func(s *Settings) { s.Format = "cloudevents" },
			func(s *Settings) {
				s.Format, s.Template = "template", `{"text": {{json .Heading}}, "why": {{json .Why}}, "link": {{json .Lead}}, "urgent": {{json .Urgency}}}`
			},
		} {
			if _, err := open(t, server.URL, notifytest.Env(), change).Send(t.Context(), m.Message); err != nil {
				t.Fatalf("%s: %v", m.Name, err)
			}
		}
		got := server.Got()
		out.WriteString("=== " + m.Name + "\n")
		for line := range strings.Lines(got[0].String()) {
			if strings.HasPrefix(line, "Ce-") {
				out.WriteString(line)
			}
		}
		_, body, _ := strings.Cut(got[1].String(), "\n\n")
		out.WriteString(body)
	}
	notifytest.Golden(t, "formats.golden", out.String())
}
