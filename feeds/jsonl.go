package feeds

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"time"
)

// itemForm is the JSON form of an item on one line of a file.
type itemForm struct {
	ID         string          `json:"id,omitempty"`
	Feed       string          `json:"feed,omitempty"`
	Source     string          `json:"source,omitempty"`
	Lang       string          `json:"lang,omitempty"`
	Title      string          `json:"title,omitempty"`
	Summary    string          `json:"summary,omitempty"`
	Content    string          `json:"content,omitempty"`
	Body       string          `json:"body,omitempty"`
	Link       string          `json:"link,omitempty"`
	Published  string          `json:"published,omitempty"`
	Authors    json.RawMessage `json:"authors,omitempty"`
	Categories []string        `json:"categories,omitempty"`
}

// MaxLine is the longest line that ReadItems takes, in bytes.
const MaxLine = 16 << 20

// ReadItems reads JSON Lines and calls yield for each item with the number of
// its line, from 1. Unknown keys are passed over and missing ones allowed. An
// error names its line; the items before it have been yielded. An item's id is
// in GUID.
func ReadItems(r io.Reader, yield func(line int, it Item) error) error {
	br := bufio.NewScanner(r)
	br.Buffer(make([]byte, 64<<10), MaxLine)
	for n := 1; br.Scan(); n++ {
		text := bytes.TrimSpace(br.Bytes())
		if n == 1 {
			text = bytes.TrimPrefix(text, []byte("\ufeff"))
		}
		if len(text) == 0 {
			continue
		}
		it, err := DecodeItem(text)
		if err != nil {
			return fmt.Errorf("line %d: %w", n, err)
		}
		if err := yield(n, it); err != nil {
			return err
		}
	}
	return br.Err()
}

// DecodeItem reads one item in its JSON form.
func DecodeItem(text []byte) (Item, error) {
	var f itemForm
	if err := json.Unmarshal(text, &f); err != nil {
		return Item{}, fmt.Errorf("not an item in JSON: %w", err)
	}
	it := Item{GUID: f.ID, Feed: f.Feed, Source: f.Source, Lang: f.Lang, Title: PlainTitle(f.Title), Summary: f.Summary,
		Content: f.Content, Link: f.Link, Published: LenientTime(f.Published), Categories: f.Categories, Authors: decodeAuthors(f.Authors)}
	if it.Content == "" {
		it.Content = f.Body
	}
	Normalize(&it)
	return it, nil
}

// PlainTitle folds a title that is plain text already.
func PlainTitle(s string) string { return OneLine(s) }

// decodeAuthors takes [{"name","email"}], ["name"] and "name".
func decodeAuthors(raw json.RawMessage) []Author {
	if len(raw) == 0 {
		return nil
	}
	var full []Author
	if json.Unmarshal(raw, &full) == nil {
		return full
	}
	full = nil
	var names []string
	if json.Unmarshal(raw, &names) != nil {
		var one string
		if json.Unmarshal(raw, &one) != nil || one == "" {
			return nil
		}
		names = []string{one}
	}
	for _, n := range names {
		full = append(full, Author{Name: n})
	}
	return full
}

// EncodeItem writes the JSON form that ReadItems reads, without a line feed.
func EncodeItem(it Item) ([]byte, error) {
	f := itemForm{ID: it.GUID, Feed: it.Feed, Source: it.Source, Lang: it.Lang, Title: it.Title, Summary: it.Summary,
		Content: it.Content, Link: it.Link, Published: FormatTime(it.Published), Categories: it.Categories}
	if len(it.Authors) > 0 {
		f.Authors, _ = json.Marshal(it.Authors)
	}
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(f); err != nil {
		return nil, err
	}
	return bytes.TrimRight(b.Bytes(), "\n"), nil
}

// FormatTime gives RFC 3339 in UTC, and "" for a zero time.
func FormatTime(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format(time.RFC3339)
}

var lenientForms = []string{
	time.RFC3339Nano, "2006-01-02T15:04:05Z0700", "2006-01-02T15:04:05", "2006-01-02T15:04Z07:00", "2006-01-02T15:04", "2006-01-02",
	time.RFC1123Z, time.RFC1123, time.RFC822Z, time.RFC822, "Mon, 2 Jan 2006 15:04:05 -0700", "Mon, 2 Jan 2006 15:04:05 MST",
}

// LenientTime reads a date of an items file: RFC 3339 with a blank allowed for
// the T, without seconds, zone or clock time, or an RFC 1123 date. What it
// cannot read is zero.
func LenientTime(s string) time.Time {
	s = strings.TrimSpace(s)
	if s == "" {
		return time.Time{}
	}
	if len(s) > 10 && s[10] == ' ' && s[4] == '-' {
		s = s[:10] + "T" + strings.TrimSpace(s[11:])
	}
	s = strings.Replace(s, " UTC", "Z", 1)
	if i := strings.LastIndexByte(s, ' '); i > 10 && s[4] == '-' { // "... 12:00:00 +00:00"
		s = s[:i] + s[i+1:]
	}
	for _, form := range lenientForms {
		if t, err := time.Parse(form, s); err == nil {
			return t.UTC()
		}
	}
	return time.Time{}
}
