package notify

import (
	"bytes"
	"encoding/json"
	"reflect"
	"strings"
	"unicode"
	"unicode/utf8"
)

const (
	maxArticles = 30
	maxSummary  = 400
	maxURL      = 4096
)

// complete fills what the delivery decides and cleans every text.
func (m Message) complete(d Delivery) Message {
	m.Schema, m.Type, m.ID = Schema, d.Type, d.ID
	m.Sequence, m.Reason = d.Sequence, d.Reason
	if m.Timestamp.IsZero() {
		m.Timestamp = d.Created
	}
	if d.ReplayOf != "" {
		m.ReplayOf = &d.ReplayOf
	}
	if held, ok := strings.CutPrefix(d.Note, WasHeld); ok {
		m.Held, _, _ = strings.Cut(held, " until ")
		m.Held, _, _ = strings.Cut(m.Held, ":")
	}
	if m.Topics == nil {
		m.Topics = d.Topics
	}
	if m.Event == nil {
		m.Event = d.Event
	}
	if m.Topic != nil && d.Priority != "" {
		t := *m.Topic // a copy: it is the caller's
		t.Priority = d.Priority
		m.Topic = &t
	}
	if n := len(m.Articles) - maxArticles; n > 0 {
		m.Articles = m.Articles[:maxArticles]
		m.Truncated.Articles += n
	}
	return m.Clean()
}

// Clean returns the message with plain text only: no control characters, no
// overrides of writing direction, summaries of at most 400 characters, times
// in UTC, and empty lists instead of null.
func (m Message) Clean() Message {
	if m.clean {
		return m
	}
	return m.copied()
}

// copied is Clean for a message whose parts are then changed: it shares none.
func (m Message) copied() Message {
	data, err := m.Encode() // a deep copy, so that nothing of the caller's is changed
	if err != nil {
		return m
	}
	attempt, previous := m.Attempt, m.Previous
	m = Message{}
	if json.Unmarshal(data, &m) != nil {
		return m
	}
	m.Attempt, m.Previous = attempt, previous
	m.Timestamp = m.Timestamp.UTC()
	cleanStrings(reflect.ValueOf(&m).Elem())
	for i := range m.Articles {
		m.Articles[i].Summary = Cut(m.Articles[i].Summary, maxSummary)
		if len(m.Articles[i].URL) > maxURL {
			m.Articles[i].URL = "" // cut, it would lead elsewhere
		}
	}
	for i := range m.Articles {
		if match := m.Articles[i].Match; match != nil && match.Hits == nil {
			match.Hits = []Hit{}
		}
	}
	if m.Topics == nil {
		m.Topics = []string{}
	}
	if s := m.Story; s != nil {
		if s.Languages == nil {
			s.Languages = []string{}
		}
		if s.MergedFrom == nil {
			s.MergedFrom = []string{}
		}
		if s.Kinds == nil {
			s.Kinds = map[string]int{}
		}
		if s.Dir == "" {
			s.Dir = "ltr"
		}
	}
	return m
}

// cleanStrings cleans every string that v holds. A digest's text and HTML, and
// an event's text, keep their line breaks.
func cleanStrings(v reflect.Value) {
	switch v.Kind() {
	case reflect.String:
		if v.CanSet() {
			v.SetString(CleanText(v.String()))
		}
	case reflect.Pointer:
		cleanStrings(v.Elem())
	case reflect.Slice:
		for i := range v.Len() {
			cleanStrings(v.Index(i))
		}
	case reflect.Struct:
		for i := range v.NumField() {
			cleanStrings(v.Field(i))
		}
	}
}

// CleanText drops control characters (but line breaks and tabs), overrides of
// writing direction, and what is no UTF-8.
func CleanText(s string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r == '\n' || r == '\t':
			return r
		case r == utf8.RuneError, unicode.IsControl(r):
			return -1
		case r >= 0x202a && r <= 0x202e, r >= 0x2066 && r <= 0x2069, r == 0x200e, r == 0x200f, r == 0x061c:
			return -1
		case r == 0x2028 || r == 0x2029:
			return '\n'
		}
		return r
	}, s)
}

// Cut shortens text to at most n characters, at a word where one is near, and
// says so with an ellipsis.
func Cut(s string, n int) string {
	if utf8.RuneCountInString(s) <= n {
		return s
	}
	rs := []rune(s)[:max(0, n-1)]
	for i := len(rs) - 1; i > len(rs)*4/5; i-- {
		if unicode.IsSpace(rs[i]) {
			rs = rs[:i]
			break
		}
	}
	return strings.TrimRightFunc(string(rs), unicode.IsSpace) + "…"
}

// Encode gives the whole message as JSON.
func (m Message) Encode() ([]byte, error) {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(m); err != nil {
		return nil, err
	}
	return bytes.TrimSuffix(b.Bytes(), []byte("\n")), nil
}

// EncodeWithin gives the message as JSON of at most limit bytes: the HTML of a
// digest goes first, then articles (counted in truncated), places of matches,
// rows of a roll-up, and long texts.
func (m Message) EncodeWithin(limit int) ([]byte, error) {
	m = m.Clean()
	if data, err := m.Encode(); err != nil || len(data) <= limit {
		return data, err
	}
	m = m.copied() // what is taken away is not taken from the caller
	for {
		data, err := m.Encode()
		if err != nil || len(data) <= limit {
			return data, err
		}
		smaller, ok := m.shrink(len(data) - limit)
		if !ok {
			return data, nil
		}
		m = smaller
	}
}

// shrink takes the least useful part away; it owns m's parts.
func (m Message) shrink(excess int) (Message, bool) {
	switch {
	case m.Digest != nil && m.Digest.HTML != "":
		m.Digest.HTML = ""
	case len(m.Articles) > 1:
		m.Articles = m.Articles[:len(m.Articles)-1]
		m.Truncated.Articles++
	case len(m.Rollup) > 1:
		m.Rollup = m.Rollup[:len(m.Rollup)-1]
		m.Truncated.Articles++
	case m.Digest != nil && m.Digest.Text != "":
		keep := utf8.RuneCountInString(m.Digest.Text) - excess/2 - 200
		m.Digest.Text = Cut(m.Digest.Text, max(0, keep))
		if keep <= 0 {
			m.Digest.Text = ""
		}
	case len(m.Articles) == 1 && m.Articles[0].Match != nil && len(m.Articles[0].Match.Hits) > 3:
		m.Articles[0].Match.Hits = m.Articles[0].Match.Hits[:3]
	default:
		return m, m.cutTexts()
	}
	return m, true
}

// cutTexts halves the longest text until none is longer than a line.
func (m Message) cutTexts() bool {
	var longest *string
	look := func(s *string) {
		if longest == nil || len(*s) > len(*longest) {
			longest = s
		}
	}
	if m.Story != nil {
		look(&m.Story.Title)
	}
	if m.Event != nil {
		look(&m.Event.Title)
		look(&m.Event.Text)
	}
	if m.Digest != nil {
		look(&m.Digest.Title)
	}
	for i := range m.Articles {
		look(&m.Articles[i].Title)
		look(&m.Articles[i].Summary)
	}
	if m.Changes != nil && m.Changes.PreviousTitle != nil {
		look(m.Changes.PreviousTitle)
	}
	if longest == nil || len(*longest) < 100 {
		return false
	}
	*longest = Cut(*longest, utf8.RuneCountInString(*longest)/2)
	return true
}

// shorten gives the message with one article; ok is false when it is that
// short already.
func (m Message) shorten() (Message, bool) {
	m = m.copied()
	switch {
	case len(m.Articles) > 1:
		m.Truncated.Articles += len(m.Articles) - 1
		m.Articles = m.Articles[:1]
	case m.Digest != nil && (m.Digest.HTML != "" || utf8.RuneCountInString(m.Digest.Text) > 1000):
		m.Digest.HTML, m.Digest.Text = "", Cut(m.Digest.Text, 1000)
	case len(m.Rollup) > 3:
		m.Truncated.Articles += len(m.Rollup) - 3
		m.Rollup = m.Rollup[:3]
	default:
		return m, false
	}
	return m, true
}
