package parse

import (
	"strings"

	"watcher/feeds"
)

// person reads one line that names a person: "Name", "a@b.c", "Name (a@b.c)",
// "a@b.c (Name)", "Name <a@b.c>", "Name, a@b.c".
func person(s string) feeds.Author {
	s = strings.TrimSpace(strings.TrimPrefix(strings.TrimSpace(feeds.OneLine(s)), "mailto:"))
	for _, pair := range []string{"()", "<>", "[]"} {
		i := strings.IndexByte(s, pair[0])
		j := strings.LastIndexByte(s, pair[1])
		if i < 0 || j < i {
			continue
		}
		outer := strings.TrimSpace(s[:i] + " " + s[j+1:])
		inner := strings.TrimPrefix(strings.TrimSpace(s[i+1:j]), "mailto:")
		switch {
		case isEmail(inner):
			return feeds.Author{Name: unquote(outer), Email: inner}
		case isEmail(outer) && isWeb(inner):
			return feeds.Author{Email: outer}
		case isEmail(outer):
			return feeds.Author{Name: unquote(inner), Email: outer}
		}
	}
	if isEmail(s) {
		return feeds.Author{Email: s}
	}
	// "a@b.c Name"
	if first, rest, ok := strings.Cut(s, " "); ok && isEmail(first) {
		return feeds.Author{Name: unquote(strings.Trim(rest, "()<> -")), Email: first}
	}
	if i := strings.LastIndexByte(s, ' '); i > 0 && isEmail(s[i+1:]) {
		return feeds.Author{Name: unquote(strings.TrimRight(s[:i], " ,-:")), Email: s[i+1:]}
	}
	return feeds.Author{Name: unquote(s)}
}

func unquote(s string) string {
	s = strings.TrimSpace(s)
	if len(s) > 1 && s[0] == '"' && s[len(s)-1] == '"' {
		s = strings.TrimSpace(s[1 : len(s)-1])
	}
	return s
}

func isEmail(s string) bool {
	at := strings.IndexByte(s, '@')
	return at > 0 && at < len(s)-1 && !strings.ContainsAny(s, " \t()<>,;") && strings.Count(s, "@") == 1
}

// addPerson adds a person who is not there yet.
func addPerson(list []feeds.Author, p feeds.Author) []feeds.Author {
	if p == (feeds.Author{}) {
		return list
	}
	for i, have := range list {
		if have.Name == p.Name && (have.Email == "" || p.Email == "" || have.Email == p.Email) {
			if have.Email == "" {
				list[i].Email = p.Email
			}
			return list
		}
	}
	return append(list, p)
}

// addWord adds a category, link … that is not there yet.
func addWord(list []string, s string) []string {
	if s == "" {
		return list
	}
	for _, have := range list {
		if have == s {
			return list
		}
	}
	return append(list, s)
}
