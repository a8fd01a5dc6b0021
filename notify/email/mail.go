package email

import (
	"html/template"
	"strings"

	gomail "github.com/wneessen/go-mail"

	"watcher/notify"
)

// compose makes the mail of a message.
func (e *Email) compose(m notify.Message, id string, to parcel) (*gomail.Msg, error) {
	p := m.Parts(e.env)
	msg := gomail.NewMsg(gomail.WithNoDefaultUserAgent())
	msg.FromMailAddress(e.from)
	if err := msg.To(to.to...); err != nil {
		return nil, err
	}
	msg.Subject(subject(p))
	msg.SetMessageIDWithValue(id)
	msg.SetDateWithValue(e.env.Time())
	headers := e.headers(m)
	e.unsubscribe(to, headers)
	for k, v := range headers {
		msg.SetGenHeader(gomail.Header(k), v)
	}
	text, html := p.Headline()+"\n\n"+p.Text(maxText, notify.Bytes)+"\n", ""
	if p.URL != "" && len(p.Items) == 0 {
		text += "\n" + p.URL + "\n"
	}
	if m.Digest != nil {
		text, html = m.Digest.Text, m.Digest.HTML
		if m.Digest.URL != "" {
			text = strings.TrimRight(text, "\n") + "\n\n" + m.Digest.URL + "\n"
		}
	}
	if html == "" {
		var b strings.Builder
		if err := page.Execute(&b, view(m, p)); err != nil {
			return nil, err
		}
		html = b.String()
	}
	text, html = to.foot(text, html)
	msg.SetBodyString(gomail.TypeTextPlain, text)
	msg.AddAlternativeString(gomail.TypeTextHTML, html)
	return msg, nil
}

const (
	maxText    = 60 << 10
	maxSubject = 200
	maxHTML    = 60 // articles shown
)

// subject is "[topic] title" in one line.
func subject(p notify.Parts) string {
	before, after := "", ""
	if p.Topic != "" {
		before = "[" + notify.Cut(p.Topic, 80) + "] "
	}
	if p.Marks != "" {
		after = " (" + p.Marks + ")"
	}
	s := before + notify.Cut(p.Title, maxSubject-notify.Runes(before+after)) + after
	return strings.Join(strings.Fields(s), " ")
}

// headers are those that mail programs sort, thread and unsubscribe by.
func (e *Email) headers(m notify.Message) map[string]string {
	h := map[string]string{
		"Auto-Submitted":           "auto-generated",
		"X-Auto-Response-Suppress": "All",
		"X-Mailer":                 "watcher",
		"List-Id":                  "<" + listName(e.env.Receiver) + "." + helo(e.domain) + ">",
		"X-Watcher-Id":             m.ID,
	}
	if m.Urgency() == notify.Critical {
		h["X-Priority"], h["Importance"] = "1 (Highest)", "high"
	}
	if m.Digest != nil {
		// All issues of a digest hang on a root that is never sent, so mail
		// programs show them as one thread.
		root := messageID(listName(m.Digest.ID), e.domain)
		h["List-Id"], h["References"], h["In-Reply-To"] = "<"+listName(m.Digest.ID)+"."+helo(e.domain)+">", "<"+root+">", "<"+root+">"
	}
	if e.thread && m.Previous != "" && m.Type == notify.StoryUpdated {
		h["In-Reply-To"], h["References"] = "<"+m.Previous+">", "<"+m.Previous+">"
	}
	return h
}

func listName(id string) string {
	return strings.Map(func(r rune) rune {
		if r == '-' || r >= '0' && r <= '9' || r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' {
			return r
		}
		return '-'
	}, id)
}

type mail struct {
	notify.Parts
	Lang, Dir string
	Paras     []string
}

func view(m notify.Message, p notify.Parts) mail {
	v := mail{Parts: p, Lang: "en", Dir: "ltr"}
	if m.Story != nil && m.Story.Lang != "" {
		v.Lang, v.Dir = m.Story.Lang, m.Story.Dir
	}
	if v.Dir != "rtl" {
		v.Dir = "ltr"
	}
	v.Body = notify.CutTo(v.Body, maxText, notify.Bytes)
	v.Title = notify.Cut(v.Title, 1000)
	for i, line := range v.Lines {
		v.Lines[i] = notify.Cut(line, 2000)
	}
	for _, para := range strings.Split(v.Body, "\n") {
		if strings.TrimSpace(para) != "" {
			v.Paras = append(v.Paras, para)
		}
	}
	if n := len(v.Items) - maxHTML; n > 0 {
		v.Items, v.More = v.Items[:maxHTML], p.MoreOf(n)
	}
	return v
}

// page is the HTML of an alert: styles inline, as mail programs want them.
var page = template.Must(template.New("mail").Parse(`<!doctype html>
<html lang="{{.Lang}}"><head><meta charset="utf-8"><meta name="color-scheme" content="light dark"><title>{{.Title}}</title></head>
<body style="margin:0;padding:16px;font-family:-apple-system,Segoe UI,Roboto,Helvetica,Arial,sans-serif;font-size:16px;line-height:1.45">
<div style="max-width:640px;margin:0 auto">
{{with .Topic}}<p style="margin:0 0 4px;font-size:13px;color:#666">{{.}}</p>{{end}}
<h1 dir="{{.Dir}}" style="margin:0 0 8px;font-size:20px;line-height:1.3">{{if .URL}}<a href="{{.URL}}" style="color:#0b57d0;text-decoration:none">{{.Title}}</a>{{else}}{{.Title}}{{end}}{{with .Marks}} <small style="color:#666">({{.}})</small>{{end}}</h1>
{{range .Lines}}<p dir="auto" style="margin:0;font-size:14px;color:#666">{{.}}</p>
{{end}}{{range .Paras}}<p dir="auto" style="margin:12px 0 0">{{.}}</p>
{{end}}{{if .Items}}<ul style="margin:12px 0 0;padding:0 0 0 20px">
{{range .Items}}<li dir="auto" style="margin:0 0 4px">{{if .URL}}<a href="{{.URL}}" style="color:#0b57d0">{{.Label}}</a>{{else}}{{.Label}}{{end}}{{with .Title}}: {{.}}{{end}}</li>
{{end}}</ul>{{end}}{{with .More}}<p style="margin:4px 0 0;font-size:14px;color:#666">{{.}}</p>{{end}}
{{if .Links}}<p style="margin:16px 0 0;font-size:13px">{{range .Links}}<a href="{{.URL}}" style="color:#666">{{.Text}}</a> &nbsp; {{end}}</p>{{end}}
</div></body></html>
`))
