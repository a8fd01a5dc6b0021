package parse

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"

	jsonfeed "github.com/mmcdole/gofeed/json"

	"watcher/feeds"
)

// json reads a JSON Feed, of any version or none. Fields of another type than
// they should have are brought to the right one first, as gofeed would refuse
// the whole document.
func (r *reader) json(text []byte) error {
	top, err := splitJSON(text)
	if err != nil && !errors.Is(err, io.ErrUnexpectedEOF) && !errors.Is(err, io.EOF) {
		if again, err2 := splitJSON(mendJSON(text)); len(again.items) > len(top.items) || err2 == nil {
			top, err = again, fmt.Errorf("JSON that breaks its rules")
		}
	}
	if !top.isFeed() {
		return newNotFeed(NotFeedJSON, top.detail(), text)
	}
	if err != nil {
		r.faults.add("the JSON is damaged or cut off")
	}
	feed := map[string]any{"items": []any{}}
	for key, raw := range top.fields {
		feed[key] = anyJSON(raw)
	}
	var hashes []uint64
	items := []any{}
	seed := hashSeed(r.base)
	for n, raw := range top.items {
		if len(items) >= maxEntries {
			r.faults.add("more than %d entries, the rest is left out", maxEntries)
			break
		}
		hash := mix(raw, seed) | 1
		if r.opt.Known != nil && r.opt.Known(hash) {
			r.doc.Skipped++
			continue
		}
		fields, ok := anyJSON(raw).(map[string]any)
		if !ok {
			r.warn("entry %d: not an object", n+1)
			continue
		}
		items = append(items, mendItem(fields))
		hashes = append(hashes, hash)
	}
	hubs := feed["hubs"]
	feed = mendFeed(feed)
	feed["items"] = items
	lean, err := json.Marshal(feed)
	if err != nil {
		return fmt.Errorf("parse json feed: %w", err)
	}
	f, err := (&jsonfeed.Parser{}).Parse(bytes.NewReader(lean))
	if err != nil {
		return fmt.Errorf("parse json feed: %w", err)
	}
	r.jsonFeed(f, hashes)
	for _, hub := range list(hubs) {
		if o, ok := hub.(map[string]any); ok && isWeb(str(o["url"])) && r.doc.Hub == "" {
			r.doc.Hub, r.doc.HubTopic = str(o["url"]), r.doc.SelfLink
		}
	}
	return nil
}

// jsonTop is the outermost object, its items apart.
type jsonTop struct {
	fields   map[string]json.RawMessage
	items    []json.RawMessage
	hasItems bool
}

func splitJSON(text []byte) (jsonTop, error) {
	top := jsonTop{fields: map[string]json.RawMessage{}}
	d := json.NewDecoder(bytes.NewReader(text))
	if tok, err := d.Token(); err != nil || tok != json.Delim('{') {
		return top, err
	}
	for d.More() {
		key, err := d.Token()
		if err != nil {
			return top, err
		}
		if key == "items" && !top.hasItems {
			if err := top.readItems(d); err != nil || len(top.items) > maxEntries {
				return top, err
			}
			continue
		}
		var raw json.RawMessage
		if err := d.Decode(&raw); err != nil {
			return top, err
		}
		if top.fields[key.(string)] = raw; len(top.fields) > 200 {
			return top, nil
		}
	}
	_, err := d.Token()
	return top, err
}

func (t *jsonTop) readItems(d *json.Decoder) error {
	tok, err := d.Token()
	if err != nil || tok != json.Delim('[') {
		return err
	}
	t.hasItems = true
	for d.More() {
		var raw json.RawMessage
		if err := d.Decode(&raw); err != nil {
			return err
		}
		if t.items = append(t.items, raw); len(t.items) > maxEntries {
			return nil // enough, whatever follows
		}
	}
	_, err = d.Token()
	return err
}

// isFeed asks for the version of JSON Feed, or for items and a title.
func (t *jsonTop) isFeed() bool {
	if strings.Contains(str(anyJSON(t.fields["version"])), "jsonfeed.org/version/") {
		return true
	}
	return t.hasItems && (len(t.fields["title"]) > 0 || len(t.fields["feed_url"]) > 0 || len(t.fields["home_page_url"]) > 0)
}

func (t *jsonTop) detail() string {
	for _, key := range []string{"error", "message", "detail", "errors"} {
		if s := str(anyJSON(t.fields[key])); s != "" {
			return feeds.Clip(feeds.OneLine(s), 120)
		}
	}
	return ""
}

// mendJSON makes JSON of what is nearly so: control characters in strings,
// commas before a closing bracket, escapes that there are not.
func mendJSON(b []byte) []byte {
	out := make([]byte, 0, len(b)+64)
	inString := false
	for i := 0; i < len(b); i++ {
		c := b[i]
		switch {
		case inString && c == '\\' && i+1 < len(b):
			i++
			if bytes.IndexByte([]byte(`"\/bfnrtu`), b[i]) >= 0 {
				out = append(out, c)
			}
			out = append(out, b[i])
		case inString && c < ' ':
			out = fmt.Appendf(out, "\\u%04x", c)
		case c == '"':
			inString = !inString
			out = append(out, c)
		case !inString && (c == ']' || c == '}'):
			k := lastNonSpace(out, len(out))
			if k >= 0 && out[k] == ',' {
				out = append(out[:k], out[k+1:]...)
			}
			out = append(out, c)
		default:
			out = append(out, c)
		}
	}
	return out
}

func anyJSON(raw json.RawMessage) any {
	if len(raw) == 0 {
		return nil
	}
	d := json.NewDecoder(bytes.NewReader(raw))
	d.UseNumber()
	var v any
	if d.Decode(&v) != nil {
		return nil
	}
	return v
}

// str takes a string, a number, or the first of a list of them.
func str(v any) string {
	switch v := v.(type) {
	case string:
		return v
	case json.Number:
		return v.String()
	case []any:
		if len(v) > 0 {
			if _, nested := v[0].([]any); !nested {
				return str(v[0])
			}
		}
	}
	return ""
}

func list(v any) []any {
	switch v := v.(type) {
	case nil:
		return nil
	case []any:
		return v[:min(len(v), maxChildren)]
	}
	return []any{v}
}

func mendFeed(o map[string]any) map[string]any {
	out := map[string]any{}
	for _, key := range []string{"version", "title", "home_page_url", "feed_url", "description", "icon", "favicon", "language"} {
		out[key] = str(o[key])
	}
	out["authors"] = mendAuthors(o)
	return out
}

func mendItem(o map[string]any) map[string]any {
	out := map[string]any{}
	for _, key := range []string{"id", "url", "external_url", "title", "content_html", "content_text", "summary", "image", "banner_image",
		"date_published", "date_modified", "language"} {
		out[key] = str(o[key])
	}
	if out["title"] == "" {
		out["title"] = str(o["name"])
	}
	out["authors"] = mendAuthors(o)
	var tags []string
	for _, t := range list(o["tags"]) {
		if s := str(t); s != "" {
			tags = append(tags, s)
		}
	}
	if len(tags) == 1 {
		tags = strings.Split(tags[0], ",")
	}
	out["tags"] = tags
	var files []any
	for _, a := range list(o["attachments"]) {
		if a, ok := a.(map[string]any); ok {
			size, _ := strconv.ParseFloat(str(a["size_in_bytes"]), 64)
			if size < 0 || size > 1e15 {
				size = 0
			}
			files = append(files, map[string]any{"url": str(a["url"]), "mime_type": str(a["mime_type"]), "size_in_bytes": int64(size)})
		}
	}
	out["attachments"] = files
	return out
}

// mendAuthors takes authors and author, each an object, a name, or a list.
func mendAuthors(o map[string]any) []any {
	var out []any
	for _, key := range []string{"authors", "author"} {
		for _, a := range list(o[key]) {
			name := str(a)
			if a, ok := a.(map[string]any); ok {
				if name = str(a["name"]); name == "" {
					name = str(a["email"])
				}
				if name == "" {
					name = str(a["url"])
				}
			}
			if name != "" {
				out = append(out, map[string]any{"name": name})
			}
		}
	}
	return out
}

func (r *reader) jsonFeed(f *jsonfeed.Feed, hashes []uint64) {
	d := &r.doc
	d.Title = titleText(f.Title, false)
	d.Link = webLink(r.base, f.HomePageURL)
	d.SelfLink = webLink(r.base, f.FeedURL)
	d.Description = r.safeHTML(f.Description, kindPlain, nil)
	d.Language = strings.TrimSpace(f.Language)
	d.Image, d.Icon = resolve(r.base, firstOf(f.Icon, f.Favicon)), resolve(r.base, firstOf(f.Favicon, f.Icon))
	d.Links = addWord(addWord(nil, d.Link), d.SelfLink)
	d.Authors = jsonPersons(f.Authors)
	for i, x := range f.Items {
		it := r.jsonItem(x)
		it.RawHash = hashes[i]
		d.Items = append(d.Items, it)
	}
}

func jsonPersons(authors []*jsonfeed.Author) []feeds.Author {
	var out []feeds.Author
	for _, a := range authors {
		out = addPerson(out, person(a.Name))
	}
	return out
}

func (r *reader) jsonItem(x *jsonfeed.Item) feeds.Item {
	it := feeds.Item{GUID: strings.TrimSpace(x.ID), Title: titleText(x.Title, false), Lang: strings.TrimSpace(x.Language)}
	it.Summary = r.safeHTML(x.Summary, kindPlain, nil)
	if it.Content = r.safeHTML(x.ContentHTML, kindHTML, nil); it.Content == "" {
		it.Content = r.safeHTML(x.ContentText, kindPlain, nil)
	}
	for _, u := range []string{x.URL, x.ExternalURL} {
		if u = webLink(r.base, u); u != "" {
			it.Link = firstOf(it.Link, u)
			it.Links = addWord(it.Links, u)
		}
	}
	if it.Link == "" && isWeb(it.GUID) {
		it.Link = it.GUID
	}
	if it.GUID == "" {
		it.GUID = it.Link
	}
	it.Image = resolve(r.base, firstOf(x.Image, x.BannerImage))
	it.Published, it.Updated = r.jsonDate(x.DatePublished), r.jsonDate(x.DateModified)
	if it.Published.IsZero() {
		it.Published = it.Updated
	}
	it.Authors = jsonPersons(x.Authors)
	for _, tag := range x.Tags {
		it.Categories = addWord(it.Categories, titleText(tag, false))
	}
	if x.Attachments != nil {
		for _, a := range *x.Attachments {
			if u := resolve(r.base, a.URL); u != "" {
				e := feeds.Enclosure{URL: u, Type: a.MimeType}
				if a.SizeInBytes > 0 {
					e.Length = strconv.FormatInt(a.SizeInBytes, 10)
				}
				it.Enclosures = append(it.Enclosures, e)
			}
		}
	}
	return it
}

func (r *reader) jsonDate(s string) (t time.Time) {
	if s = strings.TrimSpace(s); s == "" {
		return t
	}
	if t = parseDate(s); t.IsZero() {
		r.warn("the date %q cannot be read", feeds.Clip(s, 60))
	}
	return t
}
