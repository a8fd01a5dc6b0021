package parse

import (
	"bytes"
	"strings"
)

// namespaces gives the prefix under which a namespace's elements stand in the
// lean document. Addresses are compared in lower case, without the scheme and
// the slash or sharp at their end; "" is the feed's own vocabulary.
var namespaces = map[string]string{
	"":                                             "",
	"www.w3.org/1999/02/22-rdf-syntax-ns":          "rdf",
	"purl.org/rss/1.0":                             "",
	"purl.org/net/rss1.1":                          "",
	"channel.netscape.com/rdf/simple/0.9":          "",
	"my.netscape.com/rdf/simple/0.9":               "",
	"my.netscape.com/publish/formats/rss-0.91":     "",
	"backend.userland.com/rss":                     "",
	"backend.userland.com/rss2":                    "",
	"blogs.law.harvard.edu/tech/rss":               "",
	"www.rssboard.org/rss-specification":           "",
	"www.w3.org/2005/atom":                         "atom",
	"purl.org/atom/ns":                             "atom",
	"purl.org/atom":                                "atom",
	"example.com/newformat":                        "atom",
	"necho":                                        "atom",
	"purl.org/echo":                                "atom",
	"uri/of/echo/namespace":                        "atom",
	"purl.org/pie":                                 "atom",
	"purl.org/dc/elements/1.1":                     "dc",
	"purl.org/dc/elements/1.0":                     "dc",
	"purl.org/dc/terms":                            "dcterms",
	"purl.org/metadata/dublin_core":                "dc",
	"purl.org/rss/1.0/modules/content":             "content",
	"purl.org/rss/1.0/modules/syndication":         "sy",
	"rssnamespace.org/feedburner/ext/1.0":          "feedburner",
	"search.yahoo.com/mrss":                        "media",
	"www.itunes.com/dtds/podcast-1.0.dtd":          "itunes",
	"example.com/dtds/podcast-1.0.dtd":             "itunes",
	"www.google.com/schemas/play-podcasts/1.0":     "googleplay",
	"www.google.com/schemas/play-podcasts/1.0.xsd": "googleplay",
	"prismstandard.org/namespaces/basic/2.0":       "prism",
	"prismstandard.org/namespaces/1.2/basic":       "prism",
	"www.w3.org/1999/xhtml":                        "xhtml",
	"www.pheedo.com/namespace/pheedo":              "pheedo",
	"purl.oclc.org/net/rss_2.0/enc":                "", // enclosures in RSS 1.0
}

// wellKnown are prefixes that mean what they say even where they are not
// declared.
var wellKnown = map[string]string{
	"": "", "rss": "", "rdf": "rdf", "atom": "atom", "a10": "atom", "atom10": "atom", "atom03": "atom", "dc": "dc", "dcterms": "dcterms",
	"content": "content", "sy": "sy", "feedburner": "feedburner", "media": "media", "itunes": "itunes", "googleplay": "googleplay",
	"prism": "prism", "xhtml": "xhtml", "pheedo": "pheedo",
}

const foreign = "?" // a namespace that says nothing to us

func namespacePrefix(uri []byte) string {
	s := strings.ToLower(string(bytes.TrimSpace(uri)))
	s = strings.TrimPrefix(strings.TrimPrefix(s, "https://"), "http://")
	if i := strings.IndexByte(s, '#'); i > 0 && !strings.HasPrefix(s, "www.w3.org/1999/02") && i < len(s)-1 {
		s = s[:i] // purl.org/atom/ns#draft-ietf-atompub-format-05
	}
	s = strings.TrimRight(s, "/#")
	if p, ok := namespaces[s]; ok {
		return p
	}
	return foreign
}

// use says what the lean document does with an element.
type use uint8

const (
	skip   use = iota // with all it holds
	text              // its content is text, perhaps with markup in it
	word              // a short text: a number, a language …
	place             // its text is an address, or the same in its href
	date              // rewritten in the one form
	attrs             // only its attributes say anything
	nest              // holds elements of its own
	clear             // holds entries, and stands for nothing itself
	entry             // item, entry
	either            // text, or a holder of elements where it starts with one
)

// native are the elements of RSS, RDF and Atom themselves.
var native = map[string]use{
	"channel": clear, "items": clear, "item": entry, "entry": entry,
	"title": text, "description": text, "summary": text, "subtitle": text, "tagline": text, "content": text, "encoded": text, "body": text,
	"abstract": text, "fullitem": text,
	"info": skip, "rights": skip, "copyright": skip, "generator": skip, "docs": skip, "comments": skip, "cloud": skip, "textinput": skip,
	"link": place, "url": place, "guid": text, "id": text, "icon": place, "logo": place, "uri": place,
	"language": word, "ttl": word, "category": text, "managingeditor": text, "webmaster": text,
	"skiphours": nest, "hour": word, "skipdays": nest, "day": word,
	"pubdate": date, "lastbuilddate": date, "updated": date, "modified": date, "published": date, "issued": date, "created": date,
	"date": date, "author": either, "contributor": skip, "name": text, "email": word,
	"source": either, "image": either, "enclosure": attrs,
}

// extensions are the elements of other vocabularies that a feed may use.
var extensions = map[string]map[string]use{
	"dc": {"title": text, "creator": text, "author": text, "subject": text, "description": text, "date": date, "language": word,
		"identifier": text, "publisher": text, "source": text},
	"dcterms": {"created": date, "issued": date, "modified": date, "available": date, "date": date, "submitted": date, "valid": date,
		"title": text, "creator": text, "subject": text, "description": text, "abstract": text},
	"content": {"encoded": text},
	"itunes": {"author": text, "subtitle": text, "summary": text, "image": attrs, "keywords": text, "category": nest, "owner": nest,
		"name": text, "email": word, "title": text},
	"googleplay": {"author": text, "description": text, "image": attrs, "category": attrs},
	"media": {"group": nest, "content": nest, "thumbnail": attrs, "title": text, "description": text, "keywords": text,
		"category": text, "credit": text, "player": attrs, "peerlink": attrs},
	"atom": {"link": attrs, "title": text, "id": text, "summary": text, "content": text, "subtitle": text, "author": nest, "name": text,
		"email": word, "uri": skip, "updated": date, "published": date, "modified": date, "issued": date, "category": attrs, "logo": text, "icon": text},
	"feedburner": {"origlink": text, "origenclosurelink": text},
	"pheedo":     {"origlink": text},
	"sy":         {"updateperiod": word, "updatefrequency": word},
	"prism":      {"publicationdate": date, "coverdate": date, "creationdate": date, "modificationdate": date},
	"xhtml":      {"body": text, "div": text},
	"rdf":        {"seq": skip, "li": skip},
}

// keptAttrs are the attributes that the lean document keeps, and whether they
// hold an address.
var keptAttrs = map[string]bool{
	"href": true, "url": true, "src": true, "rel": false, "type": false, "title": false, "hreflang": false, "length": false,
	"term": false, "label": false, "text": false, "ispermalink": false, "medium": false, "filesize": false, "domain": false,
	"role": false, "resource": true,
}
