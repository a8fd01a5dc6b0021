package feeds

import "testing"

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
