package config

import (
	"fmt"
	"net"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"watcher/feeds"
	"watcher/match/query"
)

var idForm = regexp.MustCompile(`^[\p{L}\p{N}][\p{L}\p{N}_.-]*$`)

// at is where a whole block's problem is shown.
func (d *decoder) at(p Pos, path string, warning bool, format string, args ...any) {
	d.problems = append(d.problems, Problem{File: d.file, Pos: p, Path: path, Msg: fmt.Sprintf(format, args...), Warning: warning})
}

// validate checks what one key cannot know of another: ids, references, forms.
func (d *decoder) validate(c *Config) {
	if c.Version != 1 {
		d.at(d.place("version"), "version", false, "version %d is not known to this watcher: write version: 1", c.Version)
	}
	if !strings.HasPrefix(c.Store, "sqlite:") && !strings.HasPrefix(c.Store, "postgres://") && !strings.HasPrefix(c.Store, "postgresql://") {
		d.at(d.place("store"), "store", false, "%q: write sqlite:PATH or postgres://user@host/database", c.Store)
	}
	d.zone(d.place("timezone"), "timezone", c.Timezone)
	d.listen(c.Server.Listen)
	d.publicURL(c.Server.PublicURL)
	d.address("ops.heartbeat_url", c.Ops.HeartbeatURL, "http", "https")
	d.polling(c)
	d.feeds(c)
	known := d.ids(c)
	d.topics(c, known)
	d.routes(c, known)
	d.quiet(c, known)
	d.digests(c, known)
}

// place is where the value of a key stands, for keys outside of lists; the
// file's start where it is not written.
func (d *decoder) place(path string) Pos {
	if p, ok := d.places[path]; ok {
		return p
	}
	return Pos{1, 1}
}

// complained tells whether a value was refused already.
func (d *decoder) complained(path string) bool {
	return slices.ContainsFunc(d.problems, func(p Problem) bool { return p.Path == path })
}

// listen refuses what no server can listen at; "" is no page.
func (d *decoder) listen(v string) {
	if v == "" {
		return
	}
	_, port, err := net.SplitHostPort(v)
	if n, no := strconv.Atoi(port); err != nil || no != nil || n < 0 || n > 65535 {
		d.at(d.place("server.listen"), "server.listen", false, `%q: write ADDRESS:PORT, such as 127.0.0.1:8377; "" for no page`, v)
	}
}

// address refuses what is no address of one of the schemes; none is fine. The
// value may hold a password and is not shown.
func (d *decoder) address(path, v string, schemes ...string) {
	if v == "" {
		return
	}
	if u, err := url.Parse(v); err != nil || u.Host == "" || !slices.Contains(schemes, u.Scheme) {
		d.at(d.place(path), path, false, "this is no address: write %s://HOST…", strings.Join(schemes, ":// or "))
	} else if what := feeds.BadHost(u); what != "" {
		d.at(d.place(path), path, false, "this is no address: %s", what)
	}
}

// publicURL refuses what other addresses could not be made of; none is fine.
func (d *decoder) publicURL(v string) {
	const path = "server.public_url"
	if v == "" {
		return
	}
	u, err := url.Parse(v)
	switch {
	case err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https":
		d.at(d.place(path), path, false, "%q is no address: write https://watcher.example.org", v)
	case u.RawQuery != "" || u.Fragment != "" || u.User != nil:
		d.at(d.place(path), path, false, "it is a scheme, a host and perhaps a path, nothing more: https://watcher.example.org")
	default:
		if what := feeds.BadHost(u); what != "" {
			d.at(d.place(path), path, false, "%q is no address: %s", v, what)
		}
	}
}

func (d *decoder) zone(p Pos, path, name string) {
	if name == "" {
		return
	}
	if _, err := time.LoadLocation(name); err != nil || name == "Local" {
		d.at(p, path, false, "%q is no time zone: write an IANA name such as Europe/Berlin or Asia/Muscat", name)
	}
}

func (d *decoder) polling(c *Config) {
	p := &c.Polling
	if p.PerHost < 1 || p.PerHost > 16 {
		d.at(d.place("polling.per_host"), "polling.per_host", false, "%d: write 1 to 16", p.PerHost)
	}
	if !p.Adaptive.Off && p.Adaptive.Min > p.Adaptive.Max {
		d.at(d.place("polling.adaptive"), "polling.adaptive", false, "min %s is longer than max %s", p.Adaptive.Min, p.Adaptive.Max)
	}
	d.address("polling.proxy", p.Proxy, "http", "https", "socks5", "socks5h")
	if p.WebSub && c.Server.PublicURL == "" {
		d.at(d.place("polling.websub"), "polling.websub", false, "needs server.public_url: hubs must reach us")
	}
	if p.Timeout <= 0 && !d.complained("polling.timeout") {
		d.at(d.place("polling.timeout"), "polling.timeout", false, "must be longer than 0")
	}
}

func (d *decoder) feeds(c *Config) {
	byID, byURL := map[string]Pos{}, map[string]Pos{}
	for i := range c.Feeds {
		f := &c.Feeds[i]
		path := fmt.Sprintf("feeds[%d]", i)
		u, err := url.Parse(f.URL)
		switch {
		case f.URL == "": // reported already
			continue
		case err != nil || u.Host == "":
			d.at(f.Pos, path+".url", false, "%q is no address: write https://host/path", f.URL)
			continue
		case u.Scheme != "http" && u.Scheme != "https":
			d.at(f.Pos, path+".url", false, "%q: feeds are fetched by http and https only", f.URL)
		case u.User != nil:
			d.at(f.Pos, path+".url", false, "a password in an address ends up in logs: use auth: {user, password_file}")
		}
		if what := feeds.BadHost(u); what != "" {
			d.at(f.Pos, path+".url", false, "%q is no address: %s", f.URL, what)
		}
		for _, tag := range f.Tags {
			if tag != strings.TrimSpace(tag) || tag == "" || strings.ContainsAny(tag, ",\n") {
				d.at(f.Pos, path+".tags", false, "%q: a tag has no comma, and no blank at its ends", tag)
			}
		}
		if a := f.Adaptive; a != nil && !a.Off && a.Max > 0 && a.Min > a.Max {
			d.at(f.Pos, path+".adaptive", false, "min %s is longer than max %s", a.Min, a.Max)
		}
		if f.ID == "" {
			f.ID = Slug(f.URL)
		}
		d.id(f.Pos, path, f.ID)
		if p, ok := byID[f.ID]; ok {
			d.at(f.Pos, path, false, "feed id %q stands twice (first in line %d)", f.ID, p.Line)
		}
		if p, ok := byURL[f.URL]; ok {
			d.at(f.Pos, path, false, "this url stands twice (first in line %d)", p.Line)
		}
		byID[f.ID], byURL[f.URL] = f.Pos, f.Pos
		if f.Publisher == "" {
			f.Publisher = f.ID
		}
	}
	if len(c.Feeds) == 0 {
		d.at(d.place("feeds"), "feeds", true, "no feeds here: only those in the store are watched (`watcher feeds add URL`)")
	}
}

func (d *decoder) id(p Pos, path, id string) {
	if id != "" && !idForm.MatchString(id) {
		d.at(p, path+".id", false, "%q: an id is letters, digits, - _ and . only", id)
	}
}

// ids collects what others may refer to.
type ids struct{ topics, receivers, feeds, tags map[string]bool }

func (d *decoder) ids(c *Config) ids {
	k := ids{map[string]bool{}, map[string]bool{}, map[string]bool{}, map[string]bool{}}
	for _, f := range c.Feeds {
		k.feeds[f.ID] = true
		for _, t := range f.Tags {
			k.tags[t] = true
		}
	}
	for i := range c.Topics {
		t := &c.Topics[i]
		path := fmt.Sprintf("topics[%d]", i)
		d.id(t.Pos, path, t.ID)
		if k.topics[t.ID] && t.ID != "" {
			d.at(t.Pos, path, false, "topic id %q stands twice", t.ID)
		}
		k.topics[t.ID] = true
		if t.Name == "" {
			t.Name = t.ID
		}
	}
	types := map[string]int{}
	for _, r := range c.Receivers {
		types[r.Type]++
	}
	for i := range c.Receivers {
		r := &c.Receivers[i]
		path := fmt.Sprintf("receivers[%d]", i)
		if r.ID == "" && r.Type != "" {
			if r.ID = r.Type; types[r.Type] > 1 {
				r.ID = fmt.Sprintf("%s-%d", r.Type, i+1)
				d.at(r.Pos, path, false, `key "id" is missing: there are %d receivers of type %s, so each needs a name: id: %s`, types[r.Type], r.Type, r.ID)
			}
		}
		d.id(r.Pos, path, r.ID)
		if r.Timeout <= 0 && !d.complained(path+".timeout") {
			d.at(r.Pos, path+".timeout", false, "must be longer than 0")
		}
		d.budget(r.Pos, path, r.MaxPerHour)
		if k.receivers[r.ID] && r.ID != "" {
			d.at(r.Pos, path, false, "receiver id %q stands twice", r.ID)
		}
		k.receivers[r.ID] = true
	}
	return k
}

func (d *decoder) refer(p Pos, path, what string, names []string, known map[string]bool) {
	for _, n := range names {
		if !known[n] {
			var all []string
			for k := range known {
				all = append(all, k)
			}
			d.at(p, path, false, "unknown %s %q%s", what, n, query.DidYouMean(n, all))
		}
	}
}

func (d *decoder) topics(c *Config, k ids) {
	for i, t := range c.Topics {
		path := fmt.Sprintf("topics[%d]", i)
		// A feed or tag may also live in the store, so this is only a warning.
		for _, id := range t.Feeds.IDs {
			if !k.feeds[id] {
				d.at(t.Pos, path+".feeds.ids", true, "no feed %q in this file%s", id, query.DidYouMean(id, keys(k.feeds)))
			}
		}
		for _, tag := range t.Feeds.Tags {
			if !k.tags[tag] {
				d.at(t.Pos, path+".feeds.tags", true, "no feed in this file has the tag %q%s", tag, query.DidYouMean(tag, keys(k.tags)))
			}
		}
		if t.Alert.MinPublishers < 1 {
			d.at(t.Pos, path+".alert.min_publishers", false, "%d: write 1 or more", t.Alert.MinPublishers)
		}
		if t.MaxPerDay < 0 {
			d.at(t.Pos, path+".max_per_day", false, "%d: write 1 or more; without it check forecasts nothing", t.MaxPerDay)
		}
	}
}

func keys(m map[string]bool) []string {
	var out []string
	for k := range m {
		out = append(out, k)
	}
	return out
}

// budget refuses less than nothing; 0 is no budget.
func (d *decoder) budget(p Pos, path string, perHour int) {
	if perHour < 0 {
		d.at(p, path+".max_per_hour", false, "%d: write 1 or more; without it there is no limit", perHour)
	}
}

// Slug makes an id of an address: host and path, without www and the words
// that every feed's path holds.
func Slug(raw string) string {
	u, err := url.Parse(raw)
	if err != nil {
		return ""
	}
	host := strings.TrimPrefix(strings.ToLower(u.Host), "www.")
	host = strings.TrimPrefix(host, "feeds.")
	words := strings.FieldsFunc(host+"/"+u.Path+"?"+u.RawQuery, func(r rune) bool {
		return !(r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9')
	})
	var out []string
	for _, w := range words {
		switch w = strings.ToLower(w); w {
		case "rss", "feed", "feeds", "xml", "atom", "index", "com", "org", "net":
		default:
			out = append(out, w)
		}
	}
	if len(out) == 0 {
		return "feed"
	}
	s := strings.Join(out, "-")
	if len(s) > 60 {
		s = strings.TrimRight(s[:60], "-")
	}
	return s
}
