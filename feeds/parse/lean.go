package parse

import (
	"bytes"
	"encoding/binary"
	"math/bits"
	"net/url"
	"strconv"
	"strings"
	"time"
)

// lean is the document that gofeed gets to see: the known elements alone, in
// lower case, under fixed prefixes, each closed where it should be, dates in
// one form, and in place of texts and addresses the mark of an entry in texts.
// So nothing of a hostile or broken document reaches the XML parser, and texts
// are handled once, by us, with their type and base at hand.
type lean struct {
	*scanner
	atom    bool // the root is Atom's
	out     []byte
	mark    string
	texts   []lifted
	entries []entryInfo
	skipped int
	lang    string // of the root
	known   func(uint64) bool
	seed    uint64
	faults  *faults
	warn    func(format string, args ...any)

	root     *url.URL // of the document
	ns       []binding
	stack    []frame
	attr     []attr // of the tag at hand
	total    int    // elements written
	children int    // of them in this entry, or in the channel
	flat     bool   // an entry was not closed: none is taken to hold another

}

// lifted is a text or an address that was taken out.
type lifted struct {
	raw       []byte // as it stands in the document
	attr      bool   // an attribute's value: no CDATA sections
	typ, mode string // of an Atom text
	base      *url.URL
	xhtml     string // the prefix of XHTML, where it has one
}

// entryInfo is what is known of an entry beside its elements.
type entryInfo struct {
	about string
	lang  string
	hash  uint64
}

type binding struct {
	prefix []byte
	to     string
}

type frame struct {
	name []byte // as written
	emit string // as written in the lean document; empty: not
	use  use
	ext  string // the prefix of an extension
	base *url.URL
	lang string
	ns   int // bindings in force outside
}

// newLean reads a document into its lean form.
func newLean(text []byte, root root, r *reader) *lean {
	l := &lean{scanner: newScanner(text), atom: root.kind == rootAtom, root: r.base, known: r.opt.Known, faults: r.faults, warn: r.warn,
		out: make([]byte, 0, 4096+len(text)/4)}
	for i := 0; ; i++ {
		l.mark = "wLx" + string(rune('a'+i%26)) + strings.Repeat("q", i/26)
		if !bytes.Contains(text, []byte(l.mark)) {
			break
		}
	}
	l.seed = hashSeed(r.base)
	open, end := "<rss version=\"2.0\"><channel>", "</channel></rss>"
	if l.atom {
		open, end = "<feed>", "</feed>"
	}
	l.out = append(l.out, open...)
	i := root.start
	if root.name != "channel" && root.name != "entry" {
		l.readAttrs(root.tag)
		base, lang := l.context(frame{base: nil})
		l.lang = lang
		l.bogusRoot(root.tag.name)
		l.push(frame{name: root.tag.name, use: clear, base: base, lang: lang})
		i = root.tag.end
	}
	if !root.tag.empty {
		l.region(i, len(text), 0)
	}
	if root.tag.empty {
		l.stack = l.stack[:0]
	}
	l.out = append(l.out, end...)
	if l.cutoff {
		l.faults.add("the end is cut off")
	}
	if l.unbalanced {
		l.faults.add("tags that do not fit each other")
	}
	return l
}

// bogusRoot takes a namespace that nobody knows, where the root stands in it,
// for the feed's own vocabulary: feeds stamp all sorts there.
func (l *lean) bogusRoot(name []byte) {
	var prefix []byte
	if c := bytes.IndexByte(name, ':'); c >= 0 {
		prefix = name[:c]
	}
	for i := range l.ns {
		if bytes.Equal(l.ns[i].prefix, prefix) && (l.ns[i].to == foreign || l.ns[i].to == "atom" && !l.atom) {
			l.ns[i].to = ""
		}
	}
}

// region walks over the tags between i and limit, and closes at its end what
// was opened in it.
func (l *lean) region(i, limit, floor int) {
	for {
		t, ok := l.next(i, limit)
		if !ok {
			break
		}
		if t.closing {
			l.close(t, floor)
			i = t.end
			if len(l.stack) == 0 {
				break // behind the root
			}
			continue
		}
		next := l.begin(t, limit)
		if next <= i {
			next = i + 1
		}
		i = next
	}
	if floor == 0 && len(l.stack) > 0 {
		l.cutoff = true
	}
	for len(l.stack) > floor {
		l.pop()
	}
}

func (l *lean) push(f frame) {
	if f.emit != "" {
		l.out = append(l.out, '<')
		l.out = append(l.out, f.emit...)
		l.writeAttrs(f.base)
		l.out = append(l.out, '>')
		l.count()
	}
	l.stack = append(l.stack, f)
}

func (l *lean) pop() {
	f := l.stack[len(l.stack)-1]
	l.stack = l.stack[:len(l.stack)-1]
	l.ns = l.ns[:min(f.ns, len(l.ns))]
	if f.emit != "" {
		l.out = append(l.out, '<', '/')
		l.out = append(l.out, f.emit...)
		l.out = append(l.out, '>')
	}
}

func (l *lean) count() {
	l.total++
	l.children++
}

// full tells whether nothing more may be written.
func (l *lean) full() bool {
	if l.total < maxElements && l.children < maxChildren {
		return false
	}
	l.faults.add("more elements than can be of use, the rest is left out")
	return true
}

func (l *lean) top() frame {
	if len(l.stack) == 0 {
		return frame{use: clear}
	}
	return l.stack[len(l.stack)-1]
}

// close ends the innermost element of that name; an end tag that fits nothing
// is passed over.
func (l *lean) close(t tag, floor int) {
	for k := len(l.stack) - 1; k >= floor; k-- {
		if bytes.EqualFold(l.stack[k].name, t.name) {
			if k < len(l.stack)-1 {
				l.unbalanced = true
			}
			for len(l.stack) > k {
				l.pop()
			}
			return
		}
	}
	l.unbalanced = true
}

// readAttrs takes the attributes of a tag, and its namespace declarations into
// force.
func (l *lean) readAttrs(t tag) {
	l.attr = l.attr[:0]
	if len(t.attrs) == 0 {
		return
	}
	attributes(t.attrs, func(a attr) {
		switch {
		case string(a.prefix) == "xmlns":
			l.ns = append(l.ns, binding{a.local, namespacePrefix(a.value)})
		case len(a.prefix) == 0 && string(a.local) == "xmlns":
			l.ns = append(l.ns, binding{nil, namespacePrefix(a.value)})
		default:
			l.attr = append(l.attr, a)
		}
	})
	if len(l.ns) > 1000 {
		l.ns = l.ns[:1000]
	}
}

// context gives base and language of the element whose attributes are at hand.
func (l *lean) context(parent frame) (*url.URL, string) {
	base, lang := parent.base, parent.lang
	for _, a := range l.attr {
		switch {
		case string(a.prefix) == "xml" && string(a.local) == "base":
			from := base
			if from == nil {
				from = l.root
			}
			if u, err := url.Parse(strings.TrimSpace(decodeEntities(string(a.value)))); err == nil && u.Scheme != "javascript" && u.Scheme != "data" {
				if from != nil {
					u = from.ResolveReference(u)
				}
				base = u
			}
		case string(a.prefix) == "xml" && string(a.local) == "lang":
			lang = decodeEntities(string(a.value))
		case len(a.prefix) == 0 && string(a.local) == "lang" && lang == "":
			lang = decodeEntities(string(a.value))
		}
	}
	return base, lang
}

// resolve gives the prefix and the name of an element in the lean document.
// The name is only good until the next call.
func (l *lean) resolve(name []byte, buf *[40]byte) (prefix string, local []byte) {
	var p []byte
	if c := bytes.IndexByte(name, ':'); c >= 0 {
		p, name = name[:c], name[c+1:]
	}
	if len(name) > len(buf) {
		return foreign, nil
	}
	local = buf[:len(name)]
	for i, c := range name {
		if c >= 'A' && c <= 'Z' {
			c |= 0x20
		}
		local[i] = c
	}
	for i := len(l.ns) - 1; i >= 0; i-- {
		if bytes.Equal(l.ns[i].prefix, p) {
			to := l.ns[i].to
			if to == foreign {
				to = orWellKnown(p)
			}
			if l.atom && to == "atom" {
				to = ""
			}
			return to, local
		}
	}
	to := orWellKnown(p)
	if l.atom && to == "atom" {
		to = ""
	}
	return to, local
}

func orWellKnown(p []byte) string {
	if len(p) == 0 {
		return ""
	}
	if len(p) < 16 {
		if to, ok := wellKnown[strings.ToLower(string(p))]; ok {
			return to
		}
	}
	return foreign
}

// begin handles a start tag, and gives the place where to go on.
func (l *lean) begin(t tag, limit int) int {
	parent := l.top()
	outside := len(l.ns)
	l.readAttrs(t)
	var buf [40]byte
	prefix, local := l.resolve(t.name, &buf)
	u, emit := l.useOf(prefix, local, parent)
	if u != entry && u != clear && u != skip && l.full() {
		u = skip
	}
	base, lang := l.context(parent)
	switch u {
	case clear, nest:
		f := frame{name: t.name, emit: emit, use: u, ext: prefix, base: base, lang: lang, ns: outside}
		if u == clear {
			f.emit = ""
		}
		if len(l.stack) > 12 {
			l.ns = l.ns[:outside]
			return l.leap(t, limit)
		}
		l.push(f)
		if t.empty {
			l.pop()
		}
		return t.end
	case entry:
		return l.entry(t, limit, frame{name: t.name, emit: emit, use: entry, base: base, lang: lang, ns: outside})
	case skip:
		l.ns = l.ns[:outside]
		return l.leap(t, limit)
	}
	end := l.leaf(t, limit, u, prefix, emit, string(local), frame{base: base, lang: lang})
	l.ns = l.ns[:outside]
	return end
}

// useOf decides what is done with an element, and its name in the lean form.
func (l *lean) useOf(prefix string, local []byte, parent frame) (use, string) {
	if prefix != "" {
		u, ok := extensions[prefix][string(local)]
		if !ok || u == skip {
			if prefix == "rdf" && (string(local) == "rdf" || string(local) == "rss") {
				return clear, ""
			}
			return skip, ""
		}
		return u, prefix + ":" + string(local)
	}
	u := native[string(local)]
	switch {
	case u == skip:
		return skip, ""
	case parent.ext != "" && parent.use == nest:
		// An unprefixed child of an extension: taken for one of its own.
		if u, ok := extensions[parent.ext][string(local)]; ok && u != skip {
			return u, parent.ext + ":" + string(local)
		}
		return skip, ""
	case (u == entry || u == clear) && parent.use != clear:
		return skip, ""
	}
	switch string(local) {
	case "item", "entry":
		if l.atom {
			return entry, "entry"
		}
		return entry, "item"
	case "link", "category":
		if l.atom {
			return attrs, string(local)
		}
	case "author":
		if l.atom {
			return nest, "author"
		}
		if parent.use != entry {
			return u, "dc:author" // of a channel, where RSS has none
		}
	case "source":
		if l.atom {
			return nest, "source"
		}
		return text, "source"
	case "image":
		if parent.use != entry && !l.atom {
			return nest, "image"
		}
		return place, "itunes:image"
	case "created":
		if l.atom {
			return u, "issued"
		}
		return u, "dcterms:created"
	case "date":
		return u, "dc:date"
	case "updated", "modified", "published", "issued":
		if !l.atom {
			return u, "atom:" + string(local)
		}
	case "id", "summary", "subtitle":
		if !l.atom {
			return u, "atom:" + string(local)
		}
	case "content", "body":
		if !l.atom {
			return u, "atom:content"
		}
		return u, "content"
	case "encoded":
		if !l.atom {
			return u, "content:encoded"
		}
		return u, "content"
	case "description":
		if l.atom {
			return u, "summary"
		}
	case "guid":
		if l.atom {
			return u, "id"
		}
	case "pubdate":
		if l.atom {
			return u, "published"
		}
	}
	return u, string(local)
}

// stop names the elements before which the search for an end tag gives up: an
// element of the channel never holds an entry.
func (l *lean) stop() func([]byte) bool {
	for _, f := range l.stack {
		if f.use == entry {
			return nil
		}
	}
	return isEntryName
}

func isEntryName(name []byte) bool {
	if c := bytes.LastIndexByte(name, ':'); c >= 0 {
		name = name[c+1:]
	}
	return bytes.EqualFold(name, []byte("item")) || bytes.EqualFold(name, []byte("entry"))
}

// leap goes behind an element that is left out.
func (l *lean) leap(t tag, limit int) int {
	if t.empty {
		return t.end
	}
	if l.hopeless < 0 {
		l.cutoff = true
		return limit
	}
	if _, end, ok := l.element(t, limit, l.stop()); ok {
		return end
	}
	l.unbalanced = true
	return t.end
}

// inner gives the content of an element and the place behind it. Where the end
// tag is missing, the content ends at the next tag.
func (l *lean) inner(t tag, limit int) ([]byte, int) {
	if t.empty {
		return nil, t.end
	}
	if l.hopeless >= 0 {
		if inner, end, ok := l.element(t, limit, l.stop()); ok {
			return l.b[t.end:inner], end
		}
	}
	l.unbalanced = true
	end := l.open(t.end, limit)
	if end < 0 {
		end = limit
	}
	return l.b[t.end:end], end
}

// leaf writes an element without elements of its own.
func (l *lean) leaf(t tag, limit int, u use, prefix, emit, local string, f frame) int {
	if u == either && l.holdsElements(t) {
		// A person in the manner of Atom.
		name := "atom:" + local
		l.push(frame{name: t.name, emit: name, use: nest, ext: "atom", base: f.base, lang: f.lang, ns: len(l.ns)})
		return t.end
	}
	raw, end := l.inner(t, limit)
	raw = bytes.TrimSpace(raw)
	switch {
	case u == date:
		l.date(emit, raw)
		return end
	case local == "link" && prefix == "" && !l.atom && len(raw) == 0:
		emit = "atom:link" // <link href="…"/> in RSS
	case local == "image" && emit == "itunes:image":
		l.itemImage(emit, raw, f)
		return end
	case emit == "category" && l.atom && len(raw) > 0:
		l.attr = append(l.attr, attr{local: []byte("term"), value: raw})
		raw = nil
	case (emit == "link" && l.atom || emit == "atom:link") && len(raw) > 0:
		if l.attrValue("href") == nil {
			l.attr = append(l.attr, attr{local: []byte("href"), value: raw})
		}
		raw = nil
	}
	if u == attrs {
		raw = nil
	}
	if len(raw) == 0 && len(l.attr) == 0 {
		return end
	}
	l.out = append(l.out, '<')
	l.out = append(l.out, emit...)
	if u == text || u == either {
		l.textAttrs(emit, f.base)
	} else {
		l.writeAttrs(f.base)
	}
	l.out = append(l.out, '>')
	if len(raw) > 0 {
		l.writeText(raw, u, emit, f.base)
	}
	l.out = append(l.out, '<', '/')
	l.out = append(l.out, emit...)
	l.out = append(l.out, '>')
	l.count()
	return end
}

// holdsElements tells whether the first thing in an element is another.
func (l *lean) holdsElements(t tag) bool {
	rest := bytes.TrimLeft(l.b[t.end:], " \t\r\n")
	return !t.empty && len(rest) > 1 && rest[0] == '<' && isNameStart(rest[1])
}

// itemImage writes the picture of an item: an address, or an element url.
func (l *lean) itemImage(emit string, raw []byte, f frame) {
	if i := bytes.Index(raw, []byte("<url>")); i >= 0 {
		raw = raw[i+5:]
		if j := bytes.IndexByte(raw, '<'); j >= 0 {
			raw = raw[:j]
		}
	}
	if len(raw) == 0 {
		for _, name := range []string{"href", "url", "src", "resource"} {
			if v := l.attrValue(name); v != nil {
				raw = v
			}
		}
	}
	if len(raw) == 0 || len(raw) > 4096 || bytes.IndexByte(raw, '<') >= 0 {
		return
	}
	l.out = append(l.out, "<itunes:image href=\""...)
	l.lift(lifted{raw: bytes.TrimSpace(raw), attr: true, base: f.base})
	l.out = append(l.out, "\"></itunes:image>"...)
	l.count()
}

// date writes a date in the one form that is always read right, or nothing.
func (l *lean) date(emit string, raw []byte) {
	s := strings.TrimSpace(innerText(raw))
	if s == "" {
		return
	}
	t := parseDate(s)
	if t.IsZero() {
		where := "document"
		if n := len(l.entries); n > 0 {
			where = "entry " + strconv.Itoa(n+l.skipped)
		}
		if len(s) > 60 {
			s = s[:60]
		}
		l.warn("%s: the date %q cannot be read", where, s)
		return
	}
	l.out = append(l.out, '<')
	l.out = append(l.out, emit...)
	l.out = append(l.out, '>')
	l.out = t.UTC().AppendFormat(l.out, time.RFC3339Nano)
	l.out = append(l.out, '<', '/')
	l.out = append(l.out, emit...)
	l.out = append(l.out, '>')
	l.count()
}

func (l *lean) attrValue(name string) []byte {
	for _, a := range l.attr {
		if len(a.prefix) == 0 && string(a.local) == name && len(bytes.TrimSpace(a.value)) > 0 {
			return a.value
		}
	}
	return nil
}

// writeAttrs writes the attributes of the tag at hand that are kept.
func (l *lean) writeAttrs(base *url.URL) {
	for _, a := range l.attr {
		if len(a.prefix) > 0 && string(a.prefix) != "rdf" || len(a.local) > 16 {
			continue
		}
		name := string(bytes.ToLower(a.local))
		address, ok := keptAttrs[name]
		if !ok {
			continue
		}
		if name == "ispermalink" {
			name = "isPermaLink"
		}
		value := bytes.TrimSpace(a.value)
		l.out = append(l.out, ' ')
		l.out = append(l.out, name...)
		l.out = append(l.out, '=', '"')
		if !address && plainText(value) {
			l.out = append(l.out, value...)
		} else {
			l.lift(lifted{raw: value, attr: true, base: base})
		}
		l.out = append(l.out, '"')
	}
}

// textAttrs writes the few attributes that a text element keeps; its type goes
// with the text.
func (l *lean) textAttrs(emit string, base *url.URL) {
	switch emit {
	case "guid", "source", "category", "content", "media:category", "media:credit":
		kept := l.attr[:0:0]
		for _, a := range l.attr {
			switch strings.ToLower(string(a.local)) {
			case "ispermalink", "src", "url", "label", "role", "term":
				kept = append(kept, a)
			}
		}
		all := l.attr
		l.attr = kept
		l.writeAttrs(base)
		l.attr = all
	}
}

func (l *lean) writeText(raw []byte, u use, emit string, base *url.URL) {
	rec := lifted{raw: raw, base: base}
	if u == text {
		rec.typ = strings.ToLower(strings.TrimSpace(string(l.attrValue("type"))))
		rec.mode = strings.ToLower(string(l.attrValue("mode")))
	}
	if base == nil && rec.typ == "" && rec.mode == "" && u != place && emit != "id" && plainText(raw) {
		l.out = append(l.out, raw...)
		return
	}
	if strings.Contains(rec.typ, "xhtml") || rec.mode == "xml" {
		rec.xhtml = l.xhtmlPrefix(raw)
	}
	l.lift(rec)
}

func (l *lean) xhtmlPrefix(raw []byte) string {
	for i := len(l.ns) - 1; i >= 0; i-- {
		if l.ns[i].to == "xhtml" && len(l.ns[i].prefix) > 0 {
			return string(l.ns[i].prefix)
		}
	}
	if len(raw) > 1 && raw[0] == '<' { // declared on the div itself
		if c := bytes.IndexAny(raw[1:], ": />"); c > 0 && raw[1+c] == ':' {
			return string(raw[1 : 1+c])
		}
	}
	return ""
}

// plainText tells short ASCII text that needs no care.
func plainText(b []byte) bool {
	if len(b) > 200 {
		return false
	}
	for _, c := range b {
		if c < ' ' || c > '~' || c == '<' || c == '&' || c == '>' || c == '"' {
			return false
		}
	}
	return true
}

func (l *lean) lift(rec lifted) {
	l.out = append(l.out, l.mark...)
	l.out = strconv.AppendInt(l.out, int64(len(l.texts)), 10)
	l.out = append(l.out, 'z')
	l.texts = append(l.texts, rec)
}

// entry handles one entry: its end is sought first, so that nothing broken in
// it reaches beyond it, and so that its bytes can be told from yesterday's.
func (l *lean) entry(t tag, limit int, f frame) int {
	body, end, whole := l.entryEnd(t, limit)
	if !whole {
		l.cutoff = true
		l.ns = l.ns[:f.ns]
		return limit
	}
	if len(l.entries)+l.skipped >= maxEntries || l.total >= maxElements {
		l.faults.add("more than %d entries, the rest is left out", maxEntries)
		l.ns = l.ns[:f.ns]
		return end
	}
	hash := l.hash(l.b[t.start:end], f)
	if l.known != nil && l.known(hash) {
		l.skipped++
		l.ns = l.ns[:f.ns]
		return end
	}
	info := entryInfo{lang: f.lang, hash: hash}
	for _, a := range l.attr {
		if string(a.local) == "about" {
			info.about = strings.TrimSpace(decodeEntities(string(a.value)))
		}
	}
	l.entries = append(l.entries, info)
	outer := l.children
	l.children = 0
	l.attr = l.attr[:0]
	floor := len(l.stack)
	l.push(f)
	if !t.empty {
		l.region(t.end, body, floor+1)
	}
	for len(l.stack) > floor {
		l.pop()
	}
	l.children = outer
	return end
}

// entryEnd finds where an entry ends: at its end tag, or where that is missing
// before the next entry or the end of what holds it. An entry may hold another,
// deep in an extension, as long as all of them end.
func (l *lean) entryEnd(t tag, limit int) (body, end int, whole bool) {
	if t.empty {
		return t.end, t.end, true
	}
	nested, depth := 0, 0
	for i := t.end; ; {
		i = l.open(i, limit)
		if i < 0 {
			break
		}
		at := i
		i++
		closing := l.b[i] == '/'
		if closing {
			i++
		}
		from := i
		for i < limit && isName(l.b[i]) {
			i++
		}
		name := l.b[from:i]
		switch {
		case bytes.EqualFold(name, t.name) && closing:
			if depth--; depth < 0 {
				e := l.tagEnd(i, limit)
				if e < limit && l.b[e] == '>' {
					e++
				}
				return at, e, true
			}
		case bytes.EqualFold(name, t.name):
			if e := l.tagEnd(i, limit); e < limit && l.b[e-1] == '/' {
				continue
			}
			if nested == 0 {
				nested = at
			}
			depth++
			if l.flat {
				l.unbalanced = true
				return nested, nested, true
			}
		case closing && l.holds(name):
			if nested == 0 {
				nested = at
			}
			limit = at
		}
	}
	if nested == 0 {
		return 0, 0, false
	}
	l.flat, l.unbalanced = true, true
	return nested, nested, true
}

func (l *lean) holds(name []byte) bool {
	for _, f := range l.stack {
		if bytes.EqualFold(f.name, name) {
			return true
		}
	}
	return false
}

// hashVersion changes when the same bytes are to be read anew.
const hashVersion = 1

func hashSeed(base *url.URL) uint64 {
	if base == nil {
		return mix([]byte("watcher"), hashVersion)
	}
	dir := base.Path[:strings.LastIndexByte(base.Path, '/')+1]
	return mix([]byte(base.Host+dir), hashVersion)
}

// hash tells entries apart by their bytes and by what from outside changes
// their meaning. It is the same in every process.
func (l *lean) hash(b []byte, f frame) uint64 {
	seed := l.seed
	if f.base != nil {
		seed = mix([]byte(f.base.String()), seed)
	}
	if h := mix(b, mix([]byte(f.lang), seed)); h != 0 {
		return h
	}
	return 1
}

// mix is a fast 64-bit hash: eight bytes at a time through a wide product.
func mix(b []byte, seed uint64) uint64 {
	const k0, k1 = 0x9e3779b97f4a7c15, 0xd6e8feb86659fd93
	h := seed ^ k0 ^ uint64(len(b))*k1
	fold := func(v uint64) {
		hi, lo := bits.Mul64(h^v^k1, k0|1)
		h = bits.RotateLeft64(h, 23) ^ hi ^ lo ^ v*k1
	}
	for len(b) >= 8 {
		fold(binary.LittleEndian.Uint64(b))
		b = b[8:]
	}
	var last uint64
	for i, c := range b {
		last |= uint64(c) << (8 * i)
	}
	fold(last)
	fold(h >> 32)
	return h
}
