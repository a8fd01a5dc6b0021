package parse

import (
	"fmt"
	"os"
	"runtime"
	"runtime/debug"
	"strings"
	"syscall"
	"testing"
	"time"
)

// hostile makes documents that are built to cost much, of about n bytes each.
func hostile(n int) map[string]string {
	rep := func(s string) string { return strings.Repeat(s, n/len(s)) }
	rss := func(body string) string {
		return `<?xml version="1.0"?><rss version="2.0"><channel><title>t</title>` + body + `</channel></rss>`
	}
	item := func(body string) string { return rss("<item><title>a</title>" + body + "</item>") }
	atom := func(body string) string {
		return `<feed xmlns="http://www.w3.org/2005/Atom"><title>t</title><entry><id>1</id>` + body + `</entry></feed>`
	}
	attrs := func(n int) string {
		var b strings.Builder
		for i := 0; b.Len() < n; i++ {
			fmt.Fprintf(&b, ` a%d="1"`, i)
		}
		return b.String()
	}
	bomb := `<?xml version="1.0"?><!DOCTYPE rss [<!ENTITY a0 "hahahahaha">`
	for i := 1; i < 20; i++ {
		bomb += fmt.Sprintf(`<!ENTITY a%d "%s">`, i, strings.Repeat(fmt.Sprintf("&a%d;", i-1), 10))
	}
	bomb += `<!ENTITY x SYSTEM "file:///etc/passwd">]><rss version="2.0"><channel><title>&a19;&x;</title><item><title>&a19;</title></item></channel></rss>`
	return map[string]string{
		"entity bomb":             bomb,
		"deep unclosed in item":   rss("<item>" + rep("<a>")),
		"deep closed in item":     item(strings.Repeat("<a>", n/7) + strings.Repeat("</a>", n/7)),
		"deep media groups":       item(strings.Repeat("<media:group>", n/26) + strings.Repeat("</media:group>", n/27)),
		"deep unknown in channel": rss(rep("<zz>")),
		"deep html":               item("<description><![CDATA[" + rep("<div>") + "]]></description>"),
		"deep html closed":        item("<description><![CDATA[" + strings.Repeat("<b>", n/7) + strings.Repeat("</b>", n/7) + "]]></description>"),
		"deep xhtml":              atom(`<content type="xhtml">` + strings.Repeat("<div>", n/11) + strings.Repeat("</div>", n/11) + "</content>"),
		"many entries":            rss(rep("<item/>")),
		"entries with titles":     rss(rep("<item><title>x</title></item>")),
		"entries unclosed":        rss(rep("<item><title>x</title>")),
		"atom entries":            `<feed xmlns="http://www.w3.org/2005/Atom">` + rep("<entry><id>x</id></entry>") + "</feed>",
		"many attributes":         rss("<item" + attrs(n) + "><title" + attrs(1000) + ">x</title></item>"),
		"one huge attribute":      item(`<enclosure url="` + rep("a") + `"/>`),
		"html attributes":         item("<description>&lt;p" + strings.ReplaceAll(attrs(n), `"`, "&quot;") + "&gt;x</description>"),
		"many categories":         item(rep("<category>x</category>")),
		"many enclosures":         item(rep(`<enclosure url="http://a/b"/>`)),
		"many namespaces":         rss(rep(`<x xmlns:a="b" xmlns:c="d"/>`)),
		"nested namespaces":       rss(rep(`<channel xmlns:a="b">`)),
		"giant cdata":             item("<description><![CDATA[" + rep("word ") + "]]></description>"),
		"giant title":             rss("<item><title>" + rep("&lt;b&gt;x") + "</title></item>"),
		"cdata never ends":        item("<description>" + rep("<![CDATA[")),
		"cdata pieces":            item("<description>" + rep("<![CDATA[x]]>") + "</description>"),
		"xhtml cdata pieces":      atom(`<content type="xhtml">` + rep("<![CDATA[<]]>") + "</content>"),
		"comments never end":      item("<description>x</description>" + rep("<!--")),
		"comments in html":        item("<description>" + rep("&lt;!--") + "</description>"),
		"declarations":            rss("<item>" + rep("<![") + "</item>"),
		"doctypes":                rep("<!DOCTYPE a ["),
		"instructions":            rss(rep("<?a ")),
		"ampersands":              item("<description>" + rep("&amp;amp;") + "</description>"),
		"bare ampersands":         item("<title>" + rep("&") + "</title><description>" + rep("&") + "</description>"),
		"brackets":                item("<description>" + rep("<") + "</description>"),
		"end tags":                rss(rep("</a>")),
		"open quotes":             rss(rep(`<a b="`)),
		"titles unclosed":         rss(rep("<title>")),
		"titles half closed":      rss(strings.Repeat("<title>", n/11) + strings.Repeat("</title>", n/22)),
		"links":                   item("<description>" + strings.Repeat(`&lt;a href=&quot;../x/y&quot;&gt;l&lt;/a&gt;`, n/43) + "</description>"),
		"srcset":                  item(`<description>&lt;img srcset=&quot;` + rep("a 1x, ") + `&quot;&gt;</description>`),
		"many texts":              rss(rep("<item><description>&lt;p&gt;some text&lt;/p&gt;&lt;p&gt;some &lt;b&gt;more&lt;/b&gt;&lt;/p&gt;</description></item>")),
		"dates":                   rss(rep("<item><pubDate>1 2 3 4 : 5 a b c Europe/Berlin (x(y)z)</pubDate></item>")),
		"utf-16":                  "\xfe\xff" + strings.Repeat("\x00<", n/2),
		"latin":                   rss("<item><title>" + rep("\xe9") + "</title></item>"),
		"json deep":               `{"version":"https://jsonfeed.org/version/1","items":[` + rep("["),
		"json deep item":          `{"version":"https://jsonfeed.org/version/1","items":[{"id":` + strings.Repeat("[", n/2) + strings.Repeat("]", n/2) + `}]}`,
		"json items":              `{"version":"https://jsonfeed.org/version/1","items":[` + rep("{},") + `{}]}`,
		"json commas":             `{"version":"https://jsonfeed.org/version/1","items":[` + rep("1,") + ",]}",
		"html page":               "<html><head>" + rep("<link rel=alternate type=application/rss+xml href=x>"),
		"spaces":                  rep(" "),
		"zeros":                   rep("\x00"),
		"authors":                 item(rep("<dc:creator>a b</dc:creator>")),
		"stray quotes":            rss(rep(`<a "' = " >`)),
		"self-closing xhtml":      atom(`<content type="xhtml">` + rep("<b/>") + "</content>"),
		"slashes":                 atom(`<content type="xhtml">` + rep("/>") + "</content>"),
		"textarea":                item("<description>" + rep("&lt;textarea &gt;") + "</description>"),
		"scripts":                 item("<description><![CDATA[" + rep("<script>") + "]]></description>"),
	}
}

// No document is refused for its cost alone, and none makes a large answer.
func TestHostile(t *testing.T) {
	for name, body := range hostile(20_000) {
		doc, err := Parse([]byte(body), Options{URL: "http://e.test/feeds/a.xml"})
		if err != nil && !strings.Contains(err.Error(), "not a feed") {
			t.Errorf("%s: %v", name, err)
		}
		if strings.Contains(doc.Title, "hahaha") || strings.Contains(doc.Title, "root:") {
			t.Errorf("%s: an entity was expanded: %.60s", name, doc.Title)
		}
		size := 0
		for _, it := range doc.Items {
			size += len(it.Title) + len(it.Summary) + len(it.Content)
		}
		if size > 4_000_000 {
			t.Errorf("%s: %d bytes of text from %d bytes", name, size, len(body))
		}
	}
}

// TestHostileSoak measures the bounds on documents as large as a fetch allows.
func TestHostileSoak(t *testing.T) {
	if os.Getenv("WATCHER_SOAK") == "" {
		t.Skip("set WATCHER_SOAK=1 to measure time and memory of hostile documents of 10 MB")
	}
	for name, body := range hostile(10 << 20) {
		debug.FreeOSMemory()
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		peak := watchHeap()
		held := before.HeapInuse
		start := cpu(t)
		_, err := Parse([]byte(body), Options{URL: "http://e.test/feeds/a.xml"})
		used := cpu(t) - start
		top := peak() - held
		runtime.ReadMemStats(&after)
		t.Logf("%-26s %6.2f s cpu  %4d MB peak  %5d MB allocated  %v", name, used.Seconds(), top>>20, (after.TotalAlloc-before.TotalAlloc)>>20, err)
		if used > 2*time.Second {
			t.Errorf("%s: %v of CPU", name, used)
		}
		if top > 400<<20 {
			t.Errorf("%s: %d MB", name, top>>20)
		}
	}
}

func cpu(t *testing.T) time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		t.Skip(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// watchHeap samples what the process holds until the function it returns is
// called.
func watchHeap() func() uint64 {
	stop, done := make(chan struct{}), make(chan uint64)
	go func() {
		var top uint64
		for {
			var m runtime.MemStats
			runtime.ReadMemStats(&m)
			top = max(top, m.HeapInuse+m.StackInuse)
			select {
			case <-stop:
				done <- top
				return
			case <-time.After(5 * time.Millisecond):
			}
		}
	}()
	return func() uint64 { close(stop); return <-done }
}
