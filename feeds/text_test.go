package feeds

import (
	"strings"
	"testing"
)

func TestPlainText(t *testing.T) {
	for _, c := range []struct{ in, want string }{
		{"plain words", "plain words"},
		{"hard\nwrapped  text\n\n here", "hard wrapped text here"},
		{"hard\nwrapped &amp; more", "hard wrapped & more"},
		{"<p>one</p><p>two <b>three</b></p>", "one\ntwo three"},
		{"a<br>b<br/>c", "a\nb\nc"},
		{"<ul><li>x<li>y</ul>", "x\ny"},
		{`<img src="x" alt="a map of Hormuz"> shows`, "a map of Hormuz shows"},
		{"<script>iran()</script><style>p{}</style>oman", "oman"},
		{"Tom &amp; Jerry&nbsp;&#8211; &lt;b&gt;", "Tom & Jerry – <b>"},
		{"a<!-- oman -->b", "ab"},
		{"1 < 2 and 3 > 2", "1 < 2 and 3 > 2"},
		{"", ""},
	} {
		if got := PlainText(c.in); got != c.want {
			t.Errorf("%q: %q, want %q", c.in, got, c.want)
		}
	}
}

// The short way and the tokenizer must read the same.
func TestPlainTextShortWay(t *testing.T) {
	for _, in := range []string{
		"<p>Ports &amp; ships</p><p class=\"a b\">stay\nopen</p>", `<a href="https://a.example/?a=1&amp;b=2">the <em>note</em></a> said`,
		"one<br/>two<br>three", "<h2>Tide</h2>tables &#8211; for&nbsp;June", "a &lt;b&gt; c", "1 &lt 2", "<x-note>odd</x-note>", "<p\n>line</p\n>",
		`<a title="a > b">x</a>`, `<a title="a < b">x</a>`, "<b>open", "tail <", "tail <b", `<b a="1"c="2">x</b>`, "<P>Upper</P>", "<b/>y", "</p>z", `<i a="">q</i>`,
		`<a href=" x">`, "<p =\"\">x", `<p a=b"c">x</p>d">e`, "<1>", "&", "&amp", "&notit; <b>x</b>", "<b>&copy 2026</b>", "<td>a</td><td>b</td>", `<img src="x" alt="a\nmap">b`, `<img title=" alt=" b="c">`, `<img alt="" data-alt="x">y`, `<img Alt="x">y`, `</img alt="x">y`, `<img alt=x>y`,
		"<b a/=\"\">x</b>",
	} {
		if got, ok := simple(in); ok {
			if want := tokenized(in); fold(got, true) != fold(want, true) {
				t.Errorf("%q: %q, the tokenizer reads %q", in, got, want)
			}
		}
	}
	if _, ok := simple(`<p>Ports &amp; ships</p><a href="https://a.example/">x</a>`); !ok {
		t.Error("common HTML goes the long way")
	}
}

func FuzzPlainText(f *testing.F) {
	for _, s := range []string{"<p>a</p>b", `<a href="x">y</a>`, "a &amp; b<br/>", `<b a=b"c">x`, `<img src="a" alt="b">`, `<img a= alt="b">`} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		if got, ok := simple(s); ok {
			if want := tokenized(s); fold(got, true) != fold(want, true) {
				t.Errorf("%q: %q, the tokenizer reads %q", s, got, want)
			}
		}
	})
}

func BenchmarkPlainText(b *testing.B) {
	s := strings.Repeat(`<p>The harbour <a href="https://a.example/x">opened</a> at noon &amp; closed at dusk.</p>`+"\n", 10)
	b.SetBytes(int64(len(s)))
	for b.Loop() {
		PlainText(s)
	}
}
