package sqlstore

import (
	"context"
	"slices"
	"strings"
	"unicode"

	"watcher/internal/store"
)

// Terms is a parsed search.
type Terms struct{ All, None []Term }

// Term is words that stand together; the last may be a prefix.
type Term struct {
	Words  []string
	Prefix bool
}

// ParseTerms reads a store.SearchQuery's text.
func ParseTerms(s string) Terms {
	var q Terms
	for s = strings.TrimSpace(s); s != ""; s = strings.TrimSpace(s) {
		not := false
		if len(s) > 1 && s[0] == '-' {
			not, s = true, s[1:]
		}
		var text string
		if s[0] == '"' {
			text, s, _ = strings.Cut(s[1:], `"`)
		} else if i := strings.IndexFunc(s, unicode.IsSpace); i >= 0 {
			text, s = s[:i], s[i:]
		} else {
			text, s = s, ""
		}
		prefix := strings.HasSuffix(text, "*")
		if rest, ok := strings.CutPrefix(s, "*"); ok {
			prefix, s = true, rest
		}
		t := Term{Words: Tokens(text), Prefix: prefix}
		switch {
		case len(t.Words) == 0:
		case not:
			q.None = append(q.None, t)
		default:
			q.All = append(q.All, t)
		}
	}
	return q
}

// defaultSearch is a page of search results where no limit is given.
const defaultSearch = 50

// Search implements store.ItemReader.
func (t *Tx) Search(ctx context.Context, s store.SearchQuery) (store.SearchResult, error) {
	terms := ParseTerms(s.Text)
	if len(terms.All) == 0 {
		return store.SearchResult{}, nil
	}
	limit := s.Limit
	if limit <= 0 {
		limit = defaultSearch
	}
	its, err := t.searchWaiting(ctx, s, terms, limit+1)
	if err != nil {
		return store.SearchResult{}, err
	}
	if len(its) <= limit {
		var q query
		q.WriteString(`SELECT ` + itemColumns + ` FROM ` + t.d.SearchFrom)
		q.and(t.d.SearchMatch, t.d.Query(terms))
		narrow(&q, s, t.d.SearchID)
		q.limit(limit + 1 - len(its))
		more, err := t.items(ctx, &q)
		if err != nil {
			return store.SearchResult{}, err
		}
		its = append(its, more...)
	}
	if len(its) > limit {
		return store.SearchResult{Items: its[:limit], More: true}, nil
	}
	return store.SearchResult{Items: its}, nil
}

// narrow adds a search's other conditions, and its order.
func narrow(q *query, s store.SearchQuery, id string) {
	if s.Feed != "" {
		q.and(`i.feed = ?`, s.Feed)
	}
	q.window("i.seen_at", s.From, s.To)
	if s.Before > 0 {
		q.and(id+` < ?`, s.Before)
	}
	q.WriteString(` ORDER BY ` + id + ` DESC`)
}

// searchWaiting looks through the newest items, whose words are not written
// yet, newest first.
func (t *Tx) searchWaiting(ctx context.Context, s store.SearchQuery, terms Terms, limit int) ([]store.Item, error) {
	if t.d.WordsInItems {
		return nil, nil
	}
	from, err := t.indexed(ctx)
	if err != nil {
		return nil, err
	}
	var q query
	q.WriteString(`SELECT ` + itemColumns + ` FROM items i`)
	q.and(`i.id > ?`, from)
	narrow(&q, s, "i.id")
	var out []store.Item
	err = t.each(ctx, q.String(), q.args, func(rows Rows) error {
		it, err := scanItem(rows)
		if err == nil && len(out) < limit && terms.in(strings.Fields(itemWords(it.Item))) {
			out = append(out, it)
		}
		return err
	})
	return out, err
}

// in tells whether words hold all of the terms and none of those that must not be there.
func (q Terms) in(words []string) bool {
	meets := func(t Term) bool { return t.in(words) }
	return !slices.ContainsFunc(q.All, func(t Term) bool { return !meets(t) }) && !slices.ContainsFunc(q.None, meets)
}

func (t Term) in(words []string) bool {
	last := len(t.Words) - 1
	for ; len(words) > last; words = words[1:] {
		if slices.Equal(words[:last], t.Words[:last]) && (words[last] == t.Words[last] || t.Prefix && strings.HasPrefix(words[last], t.Words[last])) {
			return true
		}
	}
	return false
}
