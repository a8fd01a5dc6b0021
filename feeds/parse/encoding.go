package parse

import (
	"bytes"
	"mime"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/charmap"
	xunicode "golang.org/x/text/encoding/unicode"
	"golang.org/x/text/encoding/unicode/utf32"
)

// toUTF8 gives a document in UTF-8 and the name of the encoding it came in.
// In order: a byte order mark, the shape of UTF-16 and UTF-32 without one,
// text that is valid UTF-8 whatever anyone says of it, the HTTP header, the
// document's own declaration, and at last windows-1252 for each byte that is
// no UTF-8.
func toUTF8(body []byte, contentType string, faults *faults) ([]byte, string) {
	if name, enc, skip := wide(body); enc != nil {
		out, _ := enc.NewDecoder().Bytes(body[skip:])
		return out, name
	}
	for bytes.HasPrefix(body, []byte("\xef\xbb\xbf")) { // some have two
		body = body[3:]
	}
	if bytes.HasPrefix(body, []byte("\x4c\x6f\xa7\x94")) { // "<?xm" in EBCDIC
		if out, err := charmap.CodePage037.NewDecoder().Bytes(body); err == nil {
			name := declaredCharset(out) // its letters are the same in all of them
			if better, ok := decode(body, name); ok && bytes.HasPrefix(better, []byte("<?xm")) {
				return better, name
			}
			return out, "cp037"
		}
	}
	said := headerCharset(contentType)
	declared := declaredCharset(body)
	for _, label := range []string{said, declared} {
		if sevenBit(label, body) {
			if out, ok := decode(body, label); ok {
				return out, label
			}
		}
	}
	if utf8.Valid(body) {
		return withoutC1(body), nameOfValid(body, said, declared)
	}
	for _, label := range []string{said, declared} {
		if label == "" || isUTF8(label) || isASCII(label) {
			continue
		}
		if out, ok := decode(body, label); ok {
			return out, label
		}
	}
	faults.add("bytes that are no UTF-8, read as windows-1252")
	name := "utf-8"
	if !mostlyUTF8(body) {
		name = "windows-1252"
	}
	return bytewise(body), name
}

// wide recognises the encodings whose units are longer than a byte.
func wide(b []byte) (string, encoding.Encoding, int) {
	at := func(pattern string) bool { return bytes.HasPrefix(b, []byte(pattern)) }
	u16 := func(e xunicode.Endianness) encoding.Encoding { return xunicode.UTF16(e, xunicode.IgnoreBOM) }
	u32 := func(e utf32.Endianness) encoding.Encoding { return utf32.UTF32(e, utf32.IgnoreBOM) }
	switch {
	case at("\x00\x00\xfe\xff"):
		return "utf-32be", u32(utf32.BigEndian), 4
	case at("\xff\xfe\x00\x00"):
		return "utf-32le", u32(utf32.LittleEndian), 4
	case at("\xfe\xff"):
		return "utf-16be", u16(xunicode.BigEndian), 2
	case at("\xff\xfe"):
		return "utf-16le", u16(xunicode.LittleEndian), 2
	case at("\x00\x00\x00<"), at("\x00\x00\x00{"):
		return "utf-32be", u32(utf32.BigEndian), 0
	case at("<\x00\x00\x00"), at("{\x00\x00\x00"):
		return "utf-32le", u32(utf32.LittleEndian), 0
	case len(b) >= 4 && b[0] == 0 && b[2] == 0 && markup(b[1]) && b[3] != 0:
		return "utf-16be", u16(xunicode.BigEndian), 0
	case len(b) >= 4 && b[1] == 0 && b[3] == 0 && markup(b[0]) && b[2] != 0:
		return "utf-16le", u16(xunicode.LittleEndian), 0
	}
	return "", nil, 0
}

func markup(c byte) bool {
	return c == '<' || c == '{' || c == ' ' || c == '\n' || c == '\r' || c == '\t'
}

func headerCharset(contentType string) string {
	if contentType == "" {
		return ""
	}
	if _, params, err := mime.ParseMediaType(contentType); err == nil {
		return cleanLabel(params["charset"])
	}
	_, rest, ok := strings.Cut(strings.ToLower(contentType), "charset")
	if !ok {
		return ""
	}
	rest = strings.TrimLeft(rest, " =\t\"'")
	if i := strings.IndexAny(rest, "\"'; ,"); i >= 0 {
		rest = rest[:i]
	}
	return cleanLabel(rest)
}

// cleanLabel gives the name of an encoding as it stood, in lower case.
func cleanLabel(s string) string { return strings.ToLower(strings.Trim(s, " \t\r\n\"'")) }

// declaredCharset reads the encoding of an XML declaration near the start.
func declaredCharset(b []byte) string {
	head := b[:min(len(b), 4096)]
	i := bytes.Index(head, []byte("<?xml"))
	if i < 0 {
		return ""
	}
	head = head[i:]
	if j := bytes.Index(head, []byte("?>")); j >= 0 {
		head = head[:j]
	}
	_, rest, ok := strings.Cut(string(head), "encoding")
	if !ok {
		return ""
	}
	if i := strings.IndexByte(rest, '='); i >= 0 {
		rest = rest[i+1:]
	}
	// Not its quotes: they are other signs in some of EBCDIC.
	inLabel := func(r rune) bool {
		return r < utf8.RuneSelf && (unicode.IsLetter(r) || unicode.IsDigit(r) || strings.ContainsRune("-_.:+", r))
	}
	rest = strings.TrimLeftFunc(rest, func(r rune) bool { return !inLabel(r) })
	if j := strings.IndexFunc(rest, func(r rune) bool { return !inLabel(r) }); j >= 0 {
		rest = rest[:j]
	}
	return cleanLabel(rest)
}

func isUTF8(label string) bool { return label == "utf-8" || label == "utf8" || label == "u8" }

func isASCII(label string) bool {
	return label == "us-ascii" || label == "ascii" || label == "ansi_x3.4-1968" || label == "646"
}

func nameOfValid(body []byte, said, declared string) string {
	for _, c := range body {
		if c >= utf8.RuneSelf {
			return "utf-8"
		}
	}
	for _, label := range []string{said, declared} {
		if label != "" && !strings.HasPrefix(label, "utf-16") && !strings.HasPrefix(label, "utf-32") && !strings.Contains(label, "ucs") {
			return label // as good a name as any
		}
	}
	return "utf-8"
}

// withoutC1 reads the control characters from U+0080 to U+009F as windows-1252:
// they come from text of that encoding that went through as Latin 1, and mean
// quotes and dashes.
func withoutC1(b []byte) []byte {
	var out []byte
	for i := bytes.IndexByte(b, 0xc2); i >= 0; {
		if c := b[i+1]; c >= 0xa0 {
			j := bytes.IndexByte(b[i+2:], 0xc2)
			if j < 0 {
				break
			}
			i += 2 + j
			continue
		}
		out = append(out, b[:i]...)
		out = utf8.AppendRune(out, charmap.Windows1252.DecodeByte(b[i+1]))
		b = b[i+2:]
		i = bytes.IndexByte(b, 0xc2)
	}
	if out == nil {
		return b
	}
	return append(out, b...)
}

// mostlyUTF8 tells a document in UTF-8 with a stray byte from one that is not.
func mostlyUTF8(b []byte) bool {
	good, bad := 0, 0
	for i := 0; i < len(b); {
		if b[i] < utf8.RuneSelf {
			i++
			continue
		}
		r, n := utf8.DecodeRune(b[i:])
		if r == utf8.RuneError && n == 1 {
			bad++
		} else {
			good++
		}
		i += n
	}
	return good > bad
}

// bytewise keeps valid UTF-8 and reads each other byte as windows-1252.
func bytewise(b []byte) []byte {
	out := make([]byte, 0, len(b)+len(b)/8)
	for i := 0; i < len(b); {
		if b[i] < utf8.RuneSelf {
			out = append(out, b[i])
			i++
			continue
		}
		r, n := utf8.DecodeRune(b[i:])
		if r == utf8.RuneError && n == 1 {
			r = charmap.Windows1252.DecodeByte(b[i])
		}
		out = utf8.AppendRune(out, r)
		i += n
	}
	return out
}
