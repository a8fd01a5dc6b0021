package parse

import (
	"bytes"
	"strings"
	"testing"
	"time"
)

// TestLabels reads a word in each encoding under one of its labels.
func TestLabels(t *testing.T) {
	for _, c := range []struct{ label, bytes, want string }{
		{"cp037", "c\x99\x87\x85\x99", "Ärger"},
		{"IBM1026", "|\x89j\x93\x89", "Şişli"},
		{"ebcdic-cp-he", "iTFU", "שלום"},
		{"cp875", "A\x9b\xb3\xaa\x8a", "Αθήνα"},
		{"ebcdic-cp-be", "\x86\x96\x99R\xa3@J\x81Z", "forêt [a]"},
		{"437", "Gr\x94\xe1e", "Größe"},
		{"ibm852", "\x9d\xa2d\xab", "Łódź"},
		{"cp_is", "\xa5safj\x94r\x8cur", "Ísafjörður"},
		{"cspc775baltic", "\xbeiauliai", "Šiauliai"},
		{"cp857", "I\xa7d\x8dr", "Iğdır"},
		{"CP737", "\x80\x9f\xe3\xa4\x98", "Αθήνα"},
		{"cp-gr", "\xa4\xe2\x9e\xe7\xd6", "Αθήνα"},
		{"cp866", "\x8c\xae\xe1\xaa\xa2\xa0", "Москва"},
		{"cp1125", "\x8a\xa8\xf9\xa2", "Київ"},
		{"864", "\xbc\x9e\xe5", "ﺱﻼﻣ"},
		{"windows_1251", "\xcc\xee\xf1\xea\xe2\xe0", "Москва"},
		{"1253", "\xc1\xe8\xde\xed\xe1", "Αθήνα"},
		{"ISO_8859-2:1987", "\xa3\xf3d\xbc", "Łódź"},
		{"iso-ir-101", "\xa3\xf3d\xbc", "Łódź"},
		{"latin9", "5 \xa4", "5 €"},
		{"l10", "Ia\xbai", "Iași"},
		{"tis-620", "\xa1\xc3\xd8\xa7\xe0\xb7\xbe", "กรุงเทพ"},
		{"mac-greek", "\xb0\xf5\xdc\xee\xe1", "Αθήνα"},
		{"x-mac-ce", "\xfc\x97d\x90", "Łódź"},
		{"MacTurkish", "I\xdbd\xddr", "Iğdır"},
		{"maciceland", "\xeasafj\x9ar\xddur", "Ísafjörður"},
		{"ptcp154", "\x8d\xe0\xe7\xe0\x9d", "Қазақ"},
		{"kz_1048", "\x8d\xe0\xe7\xe0\x9d", "Қазақ"},
		{"koi8-t", "\xe8\xd5\x8d\xc1\xce\xc4", "Хуҷанд"},
		{"roman8", "Gen\xc9ve", "Genève"},
		{"euc_cn", "\xd0\xc2\xce\xc5", "新闻"},
		{"hz_gb_2312", "~{PBNE~} a", "新闻 a"},
		{"big5-hkscs", "\xb7s\xbbD", "新聞"},
		{"ms_kanji", "\x90V\x95\xb7", "新聞"},
		{"ujis", "\xbf\xb7\xca\xb9", "新聞"},
		{"iso2022_jp_ext", "\x1b$B?7J9\x1b(B", "新聞"},
		{"ks_c_5601-1987", "\xb4\xba\xbd\xba", "뉴스"},
		{"iso-2022-kr", "\x1b$)C\x0e4:=:\x0f a \x0e4:=:\x0f", "뉴스 a 뉴스"},
		{"utf7", "Gr+APwA3w-e +- +BDYEOAQ3BD0ETA-", "Grüße + жизнь"},
		{"unicode-1-1-utf-7", "a+-b = +ZbCAXg-", "a+b = 新聞"},
	} {
		got, ok := decode([]byte(c.bytes), c.label)
		if !ok || string(got) != c.want {
			t.Errorf("%s: %q, %v; want %q", c.label, got, ok, c.want)
		}
	}
	for _, label := range []string{"", "bogus", "utf-16", "x-user-defined-7", "12345"} {
		if _, ok := decode([]byte("abc"), label); ok && label != "" {
			t.Errorf("%q is no encoding that bytes can be in", label)
		}
	}
}

// A document is read in the encoding that it names, in EBCDIC and in seven bits
// too; a name that its bytes speak against is not believed.
func TestDeclaredEncodings(t *testing.T) {
	text := func(label, title string) string {
		return `<?xml version="1.0" encoding="` + label + `"?><rss version="2.0"><channel><title>` + title + `</title><item><title>a</title></item></channel></rss>`
	}
	for _, c := range []struct{ label, title, want string }{
		{"utf-7", "Gr+APw-n", "Grün"},
		{"utf-8", "Gr+APw-n", "Gr+APw-n"},
		{"iso-2022-kr", "\x1b$)C\x0e4:=:\x0f", "뉴스"},
		{"cp037", "plain", "plain"}, // ASCII, whatever it says
		{"hz", "no such thing", "no such thing"},
	} {
		d, err := Parse([]byte(text(c.label, c.title)), Options{})
		if err != nil || d.Title != c.want || !strings.EqualFold(d.Encoding, c.label) {
			t.Errorf("%s: %q in %s, %v; want %q", c.label, d.Title, d.Encoding, err, c.want)
		}
	}
}

// A run that is no base64 holds a plus at every fourth place, and from each of
// them on the rest is none either: it is not read again from each.
func TestUTF7Hostile(t *testing.T) {
	body := []byte(strings.Repeat("+AAA", 1<<17) + "+A")
	start := time.Now()
	if got := fromUTF7(body); !bytes.Equal(got, body) {
		t.Errorf("%d bytes became %d", len(body), len(got))
	}
	if d := time.Since(start); d > 5*time.Second {
		t.Errorf("%d bytes took %s", len(body), d)
	}
	if got := string(fromUTF7([]byte("a+b+AOk-c"))); got != "a+béc" {
		t.Errorf("got %q", got)
	}
}
