package parse

import (
	"encoding/json"
	"html"
	"net/url"
	"strings"
	"testing"

	xhtml "golang.org/x/net/html"

	"watcher/feeds"
)

// live names the first thing in HTML that a browser would run or load as a
// document; empty: none.
func live(s string) string {
	z := xhtml.NewTokenizer(strings.NewReader(s))
	for {
		switch z.Next() {
		case xhtml.ErrorToken:
			return ""
		case xhtml.StartTagToken, xhtml.SelfClosingTagToken:
			tok := z.Token()
			switch tok.Data {
			case "script", "style", "iframe", "object", "embed", "applet", "form", "input", "button", "meta", "link", "base", "frame", "svg", "math":
				return "<" + tok.Data + ">"
			}
			for _, a := range tok.Attr {
				switch sch := schemeOf(a.Val); {
				case strings.HasPrefix(a.Key, "on"), a.Key == "style", a.Key == "srcdoc", a.Key == "formaction":
					return a.Key + "="
				case a.Key == "href" || a.Key == "src" || a.Key == "poster" || a.Key == "cite":
					if sch == "javascript" || sch == "vbscript" || sch == "data" {
						return a.Key + "=" + a.Val
					}
				}
			}
		}
	}
}

func TestSafeHTML(t *testing.T) {
	base, _ := url.Parse("https://g.example/a/b.xml")
	for _, c := range []struct {
		in, want string
		kind     textKind
	}{
		{"plain words", "plain words", kindAny},
		{"a > b", "a &gt; b", kindAny},
		{"<p>one</p>", "<p>one</p>", kindHTML},
		{"<p>one", "<p>one", kindAny},
		{"1 < 2 & <b>x</b>", "1 &lt; 2 &amp; &lt;b&gt;x&lt;/b&gt;", kindPlain},
		{`<a href="c.html" onclick="x()">c</a>`, `<a href="https://g.example/a/c.html">c</a>`, kindHTML},
		{`<a href="https://x.example/?a=1&amp;b=2">c</a>`, `<a href="https://x.example/?a=1&amp;b=2">c</a>`, kindHTML},
		{`<a href="javascript:alert(1)">c</a>`, `<a>c</a>`, kindHTML},
		{"<a href=\" jAvA\tscript:alert(1)\">c</a>", `<a>c</a>`, kindHTML},
		{`<a href="//cdn.example/x">c</a>`, `<a href="https://cdn.example/x">c</a>`, kindHTML},
		{"<script>alert(1)</script>ok", "ok", kindHTML},
		{"<style>p{}</style>ok", "ok", kindHTML},
		{"a<iframe src=x>b</iframe>c", "abc", kindHTML},
		{"a<object data=x>never closed", "anever closed", kindHTML},
		{"a<!-- never closed > b", "a b", kindHTML},
		{"a<noscript><img src=\"https://g.example/x.png\"></noscript>", `a<img src="https://g.example/x.png">`, kindHTML},
		{`<img src="x.png" srcset="y.png 2x, https://z.example/z.png 3x">`, `<img src="https://g.example/a/x.png" srcset="https://g.example/a/y.png 2x, https://z.example/z.png 3x">`, kindHTML},
		{"bell \x07 rang", "bell  rang", kindHTML},
		{"", "", kindHTML},
	} {
		r := &reader{base: base, faults: &faults{}, html: maxHTML}
		got := r.safeHTML(c.in, c.kind, nil)
		if got != c.want {
			t.Errorf("%q: %q, want %q", c.in, got, c.want)
		}
		if bad := live(got); bad != "" {
			t.Errorf("%q: live %s", c.in, bad)
		}
	}
}

// payloads are ways to bring something to life that are known from filters of
// all kinds: split and nested tags, odd spellings of a scheme, namespaces,
// comments and sections that end where a browser does not think so.
var payloads = []string{
	`<script>evil()</script>`, `<SCRIPT SRC=//e.example/x.js></SCRIPT>`, `<scr<script>ipt>evil()</scr</script>ipt>`, `<<script>evil();//<</script>`, "<script\n>evil()</script\n>",
	`<script>evil()</script x>y`, `<script/x>evil()</script>`, `<img src=x onerror=evil()>`, `<img/src="x"/onerror=evil()>`, `<img """><script>evil()</script>">`, `<p/onclick=evil()>x`,
	`<img src="javascript:evil()">`, `<img src="jav&#x09;ascript:evil()">`, "<img src=\"jav\nascript:evil()\">", `<img src=" &#14; javascript:evil()">`, `<a href="&#106;avascript:evil()">x</a>`,
	`<a href="&#x6A;&#x61;vascript&colon;evil()">x</a>`, `<a href="JaVaScRiPt:evil()">x</a>`, `<a href="vbscript:evil">x</a>`, `<a href="data:text/html;base64,PHNjcmlwdD4=">x</a>`,
	`<a href=" java script:evil()">x</a>`, `<a xlink:href="javascript:evil()">x</a>`, `<p xml:base="javascript:"><a href="evil()">x</a></p>`, `<svg onload=evil()><script>evil()</script></svg>`,
	`<svg><a xlink:href="javascript:evil()"><text>y</text></a></svg>`, `<svg><animate onbegin=evil() attributeName=x></svg>`, `<math><maction actiontype="statusline" xlink:href="javascript:evil()">y</maction></math>`,
	`<iframe src="//e.example/"></iframe>`, `<iframe srcdoc="&lt;script>evil()&lt;/script>">z</iframe>`, `<object data="x.swf"><param name=a value=b></object>`, `<embed src="x.swf">`, `<applet code=x>y</applet>`,
	`<form action="javascript:evil()"><input type=submit formaction="javascript:evil()"></form>`, `<button formaction="javascript:evil()">y</button>`, `<input onfocus=evil() autofocus>`,
	`<div style="background:url(javascript:evil())">y</div>`, `<div style="width:expression(evil())">y</div>`, `<style>@import 'javascript:evil()';</style>`, `<link rel=stylesheet href="javascript:evil()">`,
	`<meta http-equiv=refresh content="0;url=javascript:evil()">`, `<base href="javascript:evil()//">`, `<body onload=evil()>x</body>`, `<table background="javascript:evil()"><tr><td>z</table>`,
	`<video src=x onerror=evil()><source onerror=evil()></video>`, `<audio src="javascript:evil()" controls>`, `<details open ontoggle=evil()>x</details>`, `<marquee onstart=evil()>x</marquee>`,
	`<!--<img src="--><img src=x onerror=evil()//">`, `<![CDATA[<script>evil()</script>]]>`, `<?xml-stylesheet href="javascript:evil()"?>`, `<layer src="//e.example/x.html"></layer>`, `<bgsound src="javascript:evil()">`,
	`<noscript><p title="</noscript><img src=x onerror=evil()>">`, `<textarea></textarea><img src=x onerror=evil()></textarea>`, `<title><img title="</title><img src=x onerror=evil()>"></title>`,
	`<template><script>evil()</script></template>`, `<frameset><frame src="javascript:evil()"></frameset>`, `<plaintext><script>evil()</script>`, `<xmp><script>evil()</script></xmp>`, `<noembed><script>evil()</script></noembed>`,
	`<a href="x" <b onclick=evil()>y</b>`, `<img alt="<script>evil()</script>" src="/y">`, `&lt;script&gt;evil()&lt;/script&gt;`,
}

// Whatever field a payload stands in, and however it is written there, nothing
// of it lives.
func TestNothingLives(t *testing.T) {
	rss := func(inner string) string { return "<rss><channel><title>g</title>" + inner + "</channel></rss>" }
	atom := func(inner string) string {
		return `<feed xmlns="http://www.w3.org/2005/Atom"><title>g</title>` + inner + "</feed>"
	}
	for _, p := range payloads {
		escaped, section := html.EscapeString(p), "<![CDATA["+strings.ReplaceAll(p, "]]>", "]]]]><![CDATA[>")+"]]>"
		quoted, err := json.Marshal(p)
		if err != nil {
			t.Fatal(err)
		}
		for _, doc := range []string{
			rss("<description>" + escaped + "</description><item><title>" + escaped + "</title><description>" + escaped + "</description></item>"),
			rss("<description>" + section + "</description><item><description>" + section + "</description><content:encoded>" + section + "</content:encoded></item>"),
			rss("<item><description>" + p + "</description><title>t</title></item>"),
			rss("<item><link>" + escaped + "</link><itunes:summary>" + escaped + "</itunes:summary><media:description>" + section + "</media:description></item>"),
			atom(`<subtitle type="html">` + escaped + `</subtitle><entry><title type="html">` + escaped + `</title><summary type="html">` + escaped + `</summary><content type="html">` + section + "</content></entry>"),
			atom(`<entry><content type="xhtml"><div xmlns="http://www.w3.org/1999/xhtml">` + p + `</div></content></entry>`),
			`{"version":"https://jsonfeed.org/version/1.1","title":"g","description":` + string(quoted) + `,"items":[{"id":"1","url":` + string(quoted) + `,"content_html":` + string(quoted) + `,"summary":` + string(quoted) + `}]}`,
		} {
			got, err := Parse([]byte(doc), Options{URL: "https://g.example/feed"})
			if err != nil {
				t.Errorf("%s: %v", doc, err)
				continue
			}
			fields := []string{got.Description}
			for _, it := range got.Items {
				fields = append(fields, it.Summary, it.Content)
				if s := schemeOf(it.Link); s != "" && s != "http" && s != "https" {
					t.Errorf("%s: link %q", doc, it.Link)
				}
			}
			for _, f := range fields {
				if bad := live(f); bad != "" {
					t.Errorf("%s\nleaves %s in %q", doc, bad, f)
				}
			}
		}
	}
}

func TestTitleText(t *testing.T) {
	for _, c := range []struct {
		in    string
		plain bool
		want  string
	}{
		{"Smith &amp; Sons", false, "Smith & Sons"},
		{"Smith &amp;amp; Sons", false, "Smith & Sons"},
		{"Smith &amp; Sons", true, "Smith &amp; Sons"},
		{"<b>Bold</b> words", false, "Bold words"},
		{"&lt;b&gt; makes bold", false, "<b> makes bold"},
		{"Use <b> for bold", true, "Use <b> for bold"},
		{"vector<T> explained", false, "vector<T> explained"},
		{"1 < 2", false, "1 < 2"},
		{"a<br>b", false, "a b"},
		{"</example>", false, "</example>"},
		{"<br>", false, "<br>"},
		{"<script>alert(1)</script>", false, ""},
		{"<img src=x onerror=alert(1)> seen", false, "seen"},
		{" two \n lines ", false, "two lines"},
		{"R&D and AT&T", false, "R&D and AT&T"},
		{"\u202egnorw", false, "gnorw"},
	} {
		if got := titleText(c.in, c.plain); got != c.want {
			t.Errorf("%q (plain %v): %q, want %q", c.in, c.plain, got, c.want)
		}
	}
}

func TestResolve(t *testing.T) {
	base, _ := url.Parse("https://g.example/a/b.xml?x=1")
	for _, c := range []struct{ in, want string }{
		{"", ""}, {"c", "https://g.example/a/c"}, {"/c", "https://g.example/c"}, {"?y", "https://g.example/a/b.xml?y"},
		{"//h.example/x", "https://h.example/x"}, {" https://H.example/A b ", "https://H.example/A b"},
		{"HTTP://H.example/", "HTTP://H.example/"}, {"javascript:x", ""}, {"java\tscript:x", ""}, {"data:text/html,x", ""},
		{"file:///etc", ""}, {"urn:x:y", "urn:x:y"}, {"100%", "https://g.example/a/100%25"}, {"http:/h.example/x", "http://h.example/x"},
	} {
		if got := resolve(base, c.in); got != c.want {
			t.Errorf("%q: %q, want %q", c.in, got, c.want)
		}
	}
}

// What is taken for plain shows the same as what the policy makes of it, and
// nothing in it is live.
func checkPlain(t *testing.T, s string) {
	if !plainHTML(s) {
		return
	}
	if bad := live(s); bad != "" {
		t.Errorf("%q was taken for plain: %s", s, bad)
	}
	if got, want := feeds.PlainText(s), feeds.PlainText(policy().Sanitize(s)); got != want {
		t.Errorf("%q shows %q, through the policy %q", s, got, want)
	}
}

var plainSeeds = []string{
	`<p>one &amp; two</p>`, `<a href="https://g.example/?a=1&amp;b=2" title="x">y</a>`, `<img src="https://g.example/x.png" alt="a &quot;b&quot;" width="1" />`,
	`<br/><br />a "quoted" > 'word'`, `<h2>x</h2><ul><li>y</li></ul>`, "café — 港",
}

func TestPlainHTML(t *testing.T) {
	for _, s := range plainSeeds {
		if !plainHTML(s) {
			t.Errorf("%q goes the long way", s)
		}
		checkPlain(t, s)
	}
	for _, s := range []string{
		`<p class="x">`, `<P>`, `<p`, `<script>`, `<a href="javascript:x">`, `<a href='https://g.example/'>`, `<a href=https://g.example/>`, `<a href="/x">`,
		`<a href="https://g.example/" onclick="x">`, `<img src="https://g.example/" onerror="x">`, `<img src="data:image/png;base64,x">`, `<p/>`, `< p>`, `<!-- x -->`,
		`<a href="https://g.example/&quot;x">`, `&`, `&amp`, `&#;`, `&#0;`, `&#x41;`, `a & b`, "a\x00b", `<a href="https://g.example/` + "\n" + `x">`, `<p >x</p >`, `<svg>`, `<a  href="https://g.example/">`,
		`<iframe>`, `<textarea>`, `<title>`, `<a href="https://g.example/\x">`, `<p dir="ltr" style="x">`,
	} {
		if plainHTML(s) {
			t.Errorf("%q was taken for plain", s)
		}
	}
}

func FuzzPlainHTML(f *testing.F) {
	for _, s := range plainSeeds {
		f.Add(s)
	}
	f.Fuzz(checkPlain)
}
