package parse

import (
	"bytes"
	"net/url"
	"strconv"
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
	l.mark = freeMark(text)
	l.seed = hashSeed(r.base)
	open, end := "<rss version=\"2.0\"><channel>", "</channel></rss>"
	if l.atom {
		open, end = "<feed>", "</feed>"
	}
	l.out = append(l.out, open...)
	switch {
	case root.name == "channel" || root.name == "entry": // the root stands for nothing itself
		l.region(root.start, len(text), 0)
	case !root.tag.empty:
		l.readAttrs(root.tag)
		l.bogusRoot(root.tag.name)
		base, lang := l.context(frame{})
		l.lang = lang
		l.push(frame{name: root.tag.name, use: clear, base: base, lang: lang})
		l.region(root.tag.end, len(text), 0)
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

// freeMark gives letters that the document does not hold. Where it holds the
// usual ones, they are made of its own hash, which it cannot well hold too.
func freeMark(text []byte) string {
	mark := "wLx"
	for i := uint64(0); bytes.Contains(text, []byte(mark)); i++ {
		mark = "w" + strconv.FormatUint(mix(text, i), 36) + "x"
	}
	return mark
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
	if u == either && l.holdsElements(t) { // a person in the manner of Atom
		u = nest
		if !l.atom {
			prefix, emit = "atom", "atom:"+string(local)
		}
	}
	switch u {
	case clear, nest:
		f := frame{name: t.name, emit: emit, use: u, ext: prefix, base: base, lang: lang, ns: outside}
		if u == clear {
			f.emit = ""
			if l.lang == "" {
				l.lang = lang // of the channel
			}
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
