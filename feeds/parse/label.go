package parse

import (
	"bytes"
	"encoding/base64"
	"encoding/binary"
	"regexp"
	"strings"
	"unicode/utf16"

	"golang.org/x/net/html/charset"
	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/ianaindex"
)

var (
	isoLabel    = regexp.MustCompile(`^(?:cs)?iso-?8859-?(\d{1,2})(?:-(?:19|20)\d\d)?(?:-[ei])?$`)
	numberLabel = regexp.MustCompile(`^(?:x-)?(?:cs)?(?:cp|ibm|windows|win|ms|dos|oem|pcp?)?-?0*(\d{3,5})(?:baltic|multilingual|latinhebrew|codepage437)?$`)
	notInLabel  = regexp.MustCompile(`[^a-z0-9+]+`)
)

// numbered are the code pages that x/text knows under other names.
var numbered = map[string]string{
	"37": "ibm037", "037": "ibm037", "39": "ibm037", "437": "ibm437", "850": "ibm850", "852": "ibm852", "855": "ibm855", "858": "ibm00858", "860": "ibm860",
	"862": "ibm862", "863": "ibm863", "865": "ibm865", "866": "ibm866", "1047": "ibm1047", "1140": "ibm01140", "874": "windows-874",
	"819": "iso-8859-1", "932": "shift_jis", "936": "gbk", "949": "euc-kr", "950": "big5", "154": "ptcp154", "1051": "hproman8", "1361": "johab",
	"1250": "windows-1250", "1251": "windows-1251", "1252": "windows-1252", "1253": "windows-1253", "1254": "windows-1254",
	"1255": "windows-1255", "1256": "windows-1256", "1257": "windows-1257", "1258": "windows-1258",
}

// aliases are further labels, without what stands between their letters and
// digits.
var aliases = map[string]string{
	"ebcdiccpus": "ibm037", "ebcdiccpca": "ibm037", "ebcdiccpwt": "ibm037", "ebcdiccpnl": "ibm037", "ebcdiccpbe": "500", "ebcdiccpch": "500", "ebcdiccphe": "424",
	"cpis": "861", "cpgr": "869", "cp866u": "1125", "ruscii": "1125", "cspc775baltic": "775", "ebcdic273": "273", "ebcdic": "ibm037",
	"latin1": "iso-8859-1", "l1": "iso-8859-1", "latin2": "iso-8859-2", "l2": "iso-8859-2", "latin7": "iso-8859-13", "l7": "iso-8859-13", "latin8": "iso-8859-14",
	"l8": "iso-8859-14", "isoceltic": "iso-8859-14", "latin9": "iso-8859-15", "l9": "iso-8859-15", "latin10": "iso-8859-16", "l10": "iso-8859-16", "thai": "windows-874",
	"asmo708": "iso-8859-6", "ecma114": "iso-8859-6", "ecma118": "iso-8859-7", "elot928": "iso-8859-7",
	"tis620": "windows-874", "tis6200": "windows-874", "tis62025290": "windows-874", "tis62025291": "windows-874", "isoir166": "windows-874",
	"macroman": "macintosh", "xmacroman": "macintosh", "maccyrillic": "x-mac-cyrillic", "maccenteuro": "maclatin2", "maccentraleurope": "maclatin2",
	"xmacce": "maclatin2", "xmacgreek": "macgreek", "xmacturkish": "macturkish", "xmacicelandic": "maciceland", "xmaccroatian": "maccroatian", "xmacromanian": "macromanian",
	"xmactradchinese": "big5", "xmacsimpchinese": "gbk", "xmacjapanese": "shift_jis", "xmackorean": "euc-kr",
	"csptcp154": "ptcp154", "pt154": "ptcp154", "cyrillicasian": "ptcp154", "rk1048": "kz1048", "strk1048": "kz1048", "strk10482002": "kz1048",
	"roman8": "hproman8", "r8": "hproman8", "cshproman8": "hproman8", "koi8r": "koi8-r", "koi8u": "koi8-u",
	"big5tw": "big5", "big5hkscs": "big5", "hkscs": "big5", "csbig5": "big5", "euccn": "gb18030", "eucgb2312cn": "gb18030", "gb2312": "gb18030", "gb23121980": "gb18030",
	"gb231280": "gb18030", "chinese": "gb18030", "csiso58gb231280": "gb18030", "isoir58": "gb18030", "gb180302000": "gb18030",
	"eucjp": "euc-jp", "ujis": "euc-jp", "eucjis2004": "euc-jp", "jisx0213": "euc-jp", "eucjisx0213": "euc-jp",
	"sjis": "shift_jis", "shiftjis": "shift_jis", "csshiftjis": "shift_jis", "mskanji": "shift_jis", "sjis2004": "shift_jis", "shiftjis2004": "shift_jis",
	"sjisx0213": "shift_jis", "shiftjisx0213": "shift_jis", "shiftjisx2004": "shift_jis",
	"euckr": "euc-kr", "uhc": "euc-kr", "korean": "euc-kr", "ksc5601": "euc-kr", "ksc56011987": "euc-kr", "ksx1001": "euc-kr", "isoir149": "euc-kr",
	"hz": "hz-gb-2312", "hzgb": "hz-gb-2312", "hzgb2312": "hz-gb-2312",
	"iso2022kr": "iso-2022-kr", "csiso2022kr": "iso-2022-kr", "u7": "utf-7", "utf7": "utf-7", "unicode11utf7": "utf-7", "csutf7": "utf-7",
}

// encodingOf gives the one name that x/text, or the tables here, have for what
// a label means, whatever it has between its letters and digits.
func encodingOf(label string) string {
	s := strings.Trim(notInLabel.ReplaceAllString(strings.ToLower(label), "-"), "-")
	if m := isoLabel.FindStringSubmatch(s); m != nil {
		if m[1] == "11" {
			return "windows-874"
		}
		return "iso-8859-" + m[1]
	}
	if m := numberLabel.FindStringSubmatch(s); m != nil {
		if name, ok := numbered[m[1]]; ok {
			return name
		}
		return m[1]
	}
	flat := strings.ReplaceAll(s, "-", "")
	if name, ok := aliases[flat]; ok {
		return name
	}
	if strings.HasPrefix(strings.TrimPrefix(flat, "cs"), "iso2022jp") {
		return "iso-2022-jp"
	}
	if _, ok := codePages[flat]; ok {
		return flat
	}
	return s
}

// sevenBit tells the encodings that always look like valid UTF-8, and EBCDIC,
// which does at times.
func sevenBit(label string, body []byte) bool {
	switch name := encodingOf(label); name {
	case "iso-2022-jp":
		return bytes.IndexByte(body, 0x1b) >= 0
	case "iso-2022-kr":
		return bytes.IndexByte(body, 0x0e) >= 0
	case "hz-gb-2312":
		return bytes.Contains(body, []byte("~{"))
	case "utf-7":
		return bytes.IndexByte(body, '+') >= 0
	case "ibm037", "273", "424", "500", "875", "1026", "ibm1047", "ibm01140":
		return bytes.IndexByte(body, '<') < 0 || !bytes.Contains(body, []byte("</"))
	}
	return false
}

func lookup(label string) encoding.Encoding {
	name := encodingOf(label)
	if enc := newCodePage(name); enc != nil {
		return enc
	}
	if strings.HasPrefix(name, "utf-16") || strings.HasPrefix(name, "utf-32") {
		return nil // the bytes do not look like it, or wide had found them
	}
	if name == "ibm037" { // IANA's index has none for it
		return charmap.CodePage037
	}
	if enc, web := charset.Lookup(name); enc != nil && web != "replacement" {
		return enc
	}
	if enc, err := ianaindex.IANA.Encoding(name); err == nil && enc != nil {
		return enc
	}
	return nil
}

func decode(body []byte, label string) ([]byte, bool) {
	switch encodingOf(label) {
	case "utf-7":
		return fromUTF7(body), true
	case "iso-2022-kr":
		body, label = shifted(body), "euc-kr"
	}
	enc := lookup(label)
	if enc == nil {
		return nil, false
	}
	out, err := enc.NewDecoder().Bytes(body)
	return out, err == nil
}

// shifted gives text in ISO-2022-KR as EUC-KR: what stands between the control
// characters "shift out" and "shift in" is the same in eight bits.
func shifted(b []byte) []byte {
	b = bytes.ReplaceAll(b, []byte("\x1b$)C"), nil)
	out := make([]byte, 0, len(b))
	wide := false
	for _, c := range b {
		switch {
		case c == 0x0e || c == 0x0f:
			wide = c == 0x0e
		case c == '\n':
			wide = false
			out = append(out, c)
		case wide && c > ' ':
			out = append(out, c|0x80)
		default:
			out = append(out, c)
		}
	}
	return out
}

// fromUTF7 reads RFC 2152: between '+' and '-' stands base64 of UTF-16. What is
// no such thing stays as it stands.
func fromUTF7(b []byte) []byte {
	out := make([]byte, 0, len(b))
	for len(b) > 0 {
		i := bytes.IndexByte(b, '+')
		if i < 0 {
			break
		}
		out = append(out, b[:i]...)
		b = b[i+1:]
		n := 0
		for n < len(b) && isBase64(b[n]) {
			n++
		}
		text, ok := utf16Of(b[:n])
		switch {
		case n == 0 && len(b) > 0 && b[0] == '-':
			out = append(out, '+')
			b = b[1:]
			continue
		case !ok: // the next may begin within it, the last plus of it at the latest
			if n = bytes.LastIndexByte(b[:n], '+'); n < 0 {
				n = 0
			}
			out = append(append(out, '+'), b[:n]...)
			b = b[n:]
			continue
		}
		out = append(out, text...)
		if b = b[n:]; len(b) > 0 && b[0] == '-' {
			b = b[1:]
		}
	}
	return append(out, b...)
}

func isBase64(c byte) bool {
	return c >= 'A' && c <= 'Z' || c >= 'a' && c <= 'z' || c >= '0' && c <= '9' || c == '+' || c == '/'
}

// utf16Of reads base64, without its padding, of UTF-16.
func utf16Of(b []byte) (string, bool) {
	raw, err := base64.RawStdEncoding.DecodeString(string(b))
	if err != nil || len(raw) < 2 {
		return "", false
	}
	units := make([]uint16, len(raw)/2)
	for i := range units {
		units[i] = binary.BigEndian.Uint16(raw[2*i:])
	}
	return string(utf16.Decode(units)), true
}
