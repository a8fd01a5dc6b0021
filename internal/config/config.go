// Package config owns config.yaml: its keys, their defaults, and every mistake
// in it, reported in one go with its place. It knows how a value is written,
// not what it does: rules, routes and receivers are checked by the packages
// that own them, at the places that this package remembers.
package config

import "time"

// Config is a configuration as written, defaults filled in.
type Config struct {
	Version    int        `yaml:"version" doc:"version of this form: 1"`
	Store      string     `yaml:"store" doc:"sqlite:PATH (relative to this file's folder) or postgres://user@host/database"`
	Timezone   string     `yaml:"timezone" doc:"IANA name, used where none is given below"`
	DataDir    string     `yaml:"data_dir" doc:"folder for backups; beside the store when empty"`
	Server     Server     `yaml:"server" doc:"the page and the API"`
	Polling    Polling    `yaml:"polling" doc:"how feeds are polled"`
	Retention  Retention  `yaml:"retention" doc:"how long things are kept"`
	Feeds      []Feed     `yaml:"feeds" doc:"the feeds to watch"`
	Entities   Entities   `yaml:"entities" doc:"people, places and things that rules name as @id"`
	Topics     []Topic    `yaml:"topics" doc:"what to watch for"`
	Receivers  []Receiver `yaml:"receivers" doc:"who can be told"`
	Routes     []Route    `yaml:"routes" doc:"who is told what; first match wins; none: every topic to every receiver"`
	QuietHours []Quiet    `yaml:"quiet_hours" doc:"when receivers are left in peace"`
	Silences   []Silence  `yaml:"silences" doc:"what is not told for a time"`
	Digests    []Digest   `yaml:"digests" doc:"daily digests"`
	Ops        Ops        `yaml:"ops" doc:"for the people who run it"`

	File    string   `yaml:"-"` // as given
	Dir     string   `yaml:"-"` // absolute folder of the file
	Lines   []string `yaml:"-"` // raw text, for carets
	Missing []Secret `yaml:"-"` // secrets that could not be read
	Hash    string   `yaml:"-"` // of the file's bytes, short

	places map[string]Pos // of values outside of lists, by path
}

// Pos is a place in the file: line and column from 1, columns in characters.
type Pos struct{ Line, Column int }

// Secret is a ${NAME} that is not set or a *_file that cannot be read.
type Secret struct {
	Pos
	Path string // where it stands: receivers[2].token
	What string // what is missing
}

// Server is the block of the page and the API.
type Server struct {
	Listen    string `yaml:"listen" doc:"address:port; port 0: any; empty: none"`
	PublicURL string `yaml:"public_url" doc:"address under which people reach it, for links in messages"`
	Auth      Auth   `yaml:"auth" doc:"who may look; none is accepted on loopback only"`

	Pos Pos `yaml:"-"`
}

// Auth says who may look.
type Auth struct {
	Mode         string    `yaml:"mode" enum:"none,token,password,oidc,proxy" doc:"none is for loopback only"`
	Token        string    `yaml:"token" secret:"yes" doc:"for mode token; better token_file"`
	PasswordHash string    `yaml:"password_hash" secret:"yes" doc:"from: watcher auth hash"`
	OIDC         OIDC      `yaml:"oidc" doc:"for mode oidc"`
	Proxy        ProxyAuth `yaml:"proxy" doc:"for mode proxy"`
}

// OIDC is OpenID Connect.
type OIDC struct {
	Issuer       string   `yaml:"issuer" doc:"address of the provider"`
	ClientID     string   `yaml:"client_id" doc:"as registered there"`
	ClientSecret string   `yaml:"client_secret" secret:"yes" doc:"better client_secret_file"`
	Allow        []string `yaml:"allow" doc:"mail addresses or @domains"`
}

// ProxyAuth trusts a header of a proxy, from its addresses and with its secret.
type ProxyAuth struct {
	Header       string   `yaml:"header" doc:"names the user"`
	CIDR         []string `yaml:"cidr" doc:"addresses of the proxy"`
	SecretHeader string   `yaml:"secret_header" doc:"proves that it is the proxy"`
	Secret       string   `yaml:"secret" secret:"yes" doc:"what that header says; better secret_file"`
}

// Polling is how feeds are polled; a feed may say otherwise for itself.
type Polling struct {
	Schedule     Text     `yaml:"schedule" doc:"cron text: when a poll is allowed, and how fine"`
	Adaptive     Adaptive `yaml:"adaptive" doc:"bounds of the adaptive gap, or off"`
	Timeout      Duration `yaml:"timeout" doc:"of one request"`
	PerHost      int      `yaml:"per_host" doc:"connections at once to one host"`
	HostGap      Duration `yaml:"host_gap" doc:"between two requests of one host"`
	Contact      string   `yaml:"contact" doc:"address or URL named in the User-Agent"`
	AllowPrivate bool     `yaml:"allow_private" doc:"feeds may live on private and loopback addresses"`
	Proxy        string   `yaml:"proxy" secret:"yes" doc:"http:// or socks5:// URL"`
	WebSub       bool     `yaml:"websub" doc:"subscribe where a feed names a hub (needs public_url)"`
}

// Retention is how long rows are kept.
type Retention struct {
	Items      Duration `yaml:"items" doc:"items and stories"`
	Deliveries Duration `yaml:"deliveries" doc:"delivered ones; dead ones 180d"`
	Digests    Duration `yaml:"digests" doc:"issues of digests"`
}

// Feed is one feed.
type Feed struct {
	URL       string            `yaml:"url" need:"yes" doc:"address of the document, http or https"`
	ID        string            `yaml:"id" doc:"slug of host and path when empty"`
	Name      string            `yaml:"name" doc:"shown as the outlet"`
	Publisher string            `yaml:"publisher" doc:"owner group: counts once"`
	Kind      string            `yaml:"kind" enum:"independent,public,state,state_funded,official,wire,exile,aggregator" doc:"who speaks"`
	Tags      []string          `yaml:"tags" doc:"topics may filter by them"`
	Lang      string            `yaml:"lang" doc:"language, when the feed does not say"`
	Schedule  Text              `yaml:"schedule" doc:"cron text of its own"`
	Adaptive  *Adaptive         `yaml:"adaptive" doc:"bounds of its own, or off"`
	Headers   map[string]string `yaml:"headers" secret:"yes" doc:"sent with each request"`
	UserAgent string            `yaml:"user_agent" doc:"in place of our own"`
	Auth      FeedAuth          `yaml:"auth" doc:"HTTP Basic"`
	Notify    bool              `yaml:"notify" doc:"false: stored, never told"`

	Pos Pos `yaml:"-"`
}

// FeedAuth is HTTP Basic authentication.
type FeedAuth struct {
	User     string `yaml:"user" doc:"name"`
	Password string `yaml:"password" secret:"yes" doc:"better password_file"`
}

// Entities are the entities in the order of the file.
type Entities []Entity

// Entity is a person, place or thing; a bare list is its aliases.
type Entity struct {
	ID       string `yaml:"-"`
	Name     string `yaml:"name" doc:"a person: every spelling, every script"`
	Country  string `yaml:"country" doc:"ISO 3166 code: its names in the languages of the press"`
	Alias    []Text `yaml:"alias" doc:"more words for it; \"case:US\" minds capitals, negotiat* is a prefix, \"@id\" takes in another"`
	Not      []Text `yaml:"not" doc:"spellings that are someone else"`
	Spelling string `yaml:"spelling" enum:"strict,normal,loose" doc:"how far spellings of a name may go"`
	Alone    bool   `yaml:"alone" doc:"the family name alone counts"`

	Pos Pos `yaml:"-"`
}

// Topic is a rule and what to do when it holds.
type Topic struct {
	ID        string     `yaml:"id" need:"yes" doc:"name that routes and addresses use"`
	Name      string     `yaml:"name" doc:"shown to people"`
	Priority  string     `yaml:"priority" enum:"low,normal,high,critical" doc:"how urgent"`
	Feeds     FeedFilter `yaml:"feeds" doc:"which feeds it reads; none: all"`
	Where     Where      `yaml:"where" doc:"narrows by what is known of an item"`
	Match     Text       `yaml:"match" need:"yes" doc:"the rule (rules.md)"`
	Unless    Text       `yaml:"unless" doc:"a rule that takes hits back"`
	Ignore    []Text     `yaml:"ignore" doc:"masked before matching"`
	Score     []Score    `yaml:"score" doc:"adds points"`
	Threshold float64    `yaml:"threshold" doc:"a lower score is a miss"`
	Alert     Alert      `yaml:"alert" doc:"when it alerts"`
	MaxPerDay int        `yaml:"max_per_day" doc:"check warns when history forecasts more"`
	Tests     []Test     `yaml:"tests" doc:"run by watcher check and at every start"`

	Pos Pos `yaml:"-"`
}

// FeedFilter says which feeds a topic reads; empty: all.
type FeedFilter struct {
	IDs  []string `yaml:"ids" doc:"feeds by id"`
	Tags []string `yaml:"tags" doc:"feeds by tag"`

	Pos Pos `yaml:"-"`
}

// Where narrows a topic by what is known about an item.
type Where struct {
	Lang   []string `yaml:"lang" doc:"languages"`
	Source []string `yaml:"source" doc:"outlets"`
	MaxAge Duration `yaml:"max_age" doc:"published not longer ago"`
}

// Score adds to a topic's score when its query holds.
type Score struct {
	Add float64 `yaml:"add" need:"yes" doc:"points, may be negative"`
	Q   Text    `yaml:"q" need:"yes" doc:"a rule"`
}

// Alert says when a topic alerts.
type Alert struct {
	On            string `yaml:"on" enum:"story,item,digest" doc:"story: once a story; item: every article; digest: only in digests"`
	Updates       string `yaml:"updates" enum:"developments,all,none" doc:"what is told of a story after its first message"`
	MinPublishers int    `yaml:"min_publishers" doc:"told when so many publishers carry it"`
}

// Test is an inline test of a topic.
type Test struct {
	Title   string `yaml:"title" doc:"title of the item"`
	Summary string `yaml:"summary" doc:"its summary"`
	Content string `yaml:"content" doc:"its text"`
	Lang    string `yaml:"lang" doc:"its language"`
	Feed    string `yaml:"feed" doc:"its feed"`
	Source  string `yaml:"source" doc:"its outlet"`
	Want    bool   `yaml:"want" doc:"should it hit?"`

	Pos Pos `yaml:"-"`
}

// Receiver is who can be told. Its kind's own keys stay in Settings.
type Receiver struct {
	ID         string   `yaml:"id" doc:"name that routes use; its type, where it is the only one of that type"`
	Type       string   `yaml:"type" need:"yes" doc:"kind of receiver"`
	OnUpdate   string   `yaml:"on_update" enum:"new,edit,thread,none" doc:"an update of a story: a new message, the old one edited, a thread, or none"`
	MaxPerHour int      `yaml:"max_per_hour" doc:"more are rolled up into one message"`
	Timeout    Duration `yaml:"timeout" doc:"of one send"`
	Settings   Block    `yaml:"-"`

	Pos Pos `yaml:"-"`
}

// Route says who is told what, and when.
type Route struct {
	Topics      []string   `yaml:"topics" doc:"which topics; none: all"`
	Events      []string   `yaml:"events" doc:"feed.*, receiver.disabled, story.quiet … or * for all but story.*; a route without them carries stories only"`
	MinPriority string     `yaml:"min_priority" enum:"low,normal,high,critical" doc:"topics of this priority or a higher one"`
	To          []string   `yaml:"to" need:"yes" doc:"receivers"`
	Wait        Duration   `yaml:"wait" doc:"let other outlets arrive first"`
	UpdateEvery Duration   `yaml:"update_every" doc:"updates of one story not more often"`
	UpdateWhen  UpdateWhen `yaml:"update_when" doc:"which growth of a story is told"`
	MaxPerHour  int        `yaml:"max_per_hour" doc:"more are rolled up into one message"`
	AtMost      Rate       `yaml:"at_most" doc:"for events: 1/d"`
	ExpireAfter Duration   `yaml:"expire_after" doc:"what could not be sent by then is not sent"`
	Continue    bool       `yaml:"continue" doc:"go on to the next route as well"`

	Pos Pos `yaml:"-"`
}

// Quiet is when receivers are left in peace.
type Quiet struct {
	Receivers    []string `yaml:"receivers" need:"yes" doc:"who is left in peace"`
	Timezone     string   `yaml:"timezone" doc:"IANA name; else the one above"`
	Days         []string `yaml:"days" doc:"mon … sun, of the start; none: all"`
	From         string   `yaml:"from" need:"yes" doc:"wall-clock time, \"22:30\""`
	To           string   `yaml:"to" need:"yes" doc:"wall-clock time; before from: the next day"`
	Then         string   `yaml:"then" enum:"hold,digest" doc:"hold: told at the end; digest: in the next digest"`
	BreakThrough string   `yaml:"break_through" enum:"low,normal,high,critical" doc:"from this priority on it is told all the same"`

	Pos Pos `yaml:"-"`
}

// Silence keeps what it meets from being told.
type Silence struct {
	ID         string   `yaml:"id" need:"yes" doc:"name of the silence"`
	Topics     []string `yaml:"topics" doc:"only these topics"`
	Feeds      []string `yaml:"feeds" doc:"only these feeds"`
	Publishers []string `yaml:"publishers" doc:"only these publishers"`
	Text       string   `yaml:"text" doc:"only titles with this text"`
	From       string   `yaml:"from" doc:"RFC 3339"`
	Until      string   `yaml:"until" doc:"RFC 3339"`
	Weekly     *Weekly  `yaml:"weekly" doc:"comes back every week"`
	Reason     string   `yaml:"reason" need:"yes" doc:"why; shown at its end"`

	Pos Pos `yaml:"-"`
}

// Weekly is a window that comes back every week.
type Weekly struct {
	Days     []string `yaml:"days" doc:"mon … sun; none: all"`
	From     string   `yaml:"from" need:"yes" doc:"wall-clock time"`
	To       string   `yaml:"to" need:"yes" doc:"wall-clock time"`
	Timezone string   `yaml:"timezone" doc:"IANA name; else the one above"`
}

// Digest is a daily digest.
type Digest struct {
	ID             string   `yaml:"id" need:"yes" doc:"name of the digest, in its address"`
	Topics         []string `yaml:"topics" doc:"which topics; none: all"`
	At             string   `yaml:"at" need:"yes" doc:"wall-clock time, \"07:00\""`
	Days           []string `yaml:"days" doc:"mon … sun; none: all"`
	Timezone       string   `yaml:"timezone" doc:"IANA name; else the one above"`
	To             []string `yaml:"to" doc:"receivers it is sent to"`
	Top            int      `yaml:"top" doc:"so many stories are told in full"`
	MinScore       float64  `yaml:"min_score" doc:"stories below this rank are only counted"`
	Empty          string   `yaml:"empty" enum:"short,skip" doc:"what to send when nothing happened"`
	AlarmAfterDays int      `yaml:"alarm_after_days" doc:"so many empty issues in a row are news themselves"`
	CatchUp        Duration `yaml:"catch_up" doc:"an issue missed by more than this folds into the next"`

	Pos Pos `yaml:"-"`
}

// Ops is for the people who run it.
type Ops struct {
	HeartbeatURL string  `yaml:"heartbeat_url" secret:"yes" doc:"called once a minute while all is well"`
	Metrics      Metrics `yaml:"metrics" doc:"what /metrics says"`
}

// Metrics narrows or widens what /metrics says.
type Metrics struct {
	PerFeed bool `yaml:"per_feed" doc:"series for each feed"`
}

// Place is where the value of a key outside of lists stands; the file's start
// where it is not written.
func (c *Config) Place(path string) Pos {
	if p, ok := c.places[path]; ok {
		return p
	}
	return Pos{1, 1}
}

// Zone is the location that Timezone names; UTC where it is none, which the
// problems of the file say.
func (c *Config) Zone() *time.Location {
	if z, err := time.LoadLocation(c.Timezone); err == nil && c.Timezone != "Local" {
		return z
	}
	return time.UTC
}

// Default is a configuration with nothing in it: what each key is when it is
// not written.
func Default() Config {
	return Config{
		Version:  1,
		Store:    "sqlite:./data/watcher.db",
		Timezone: "UTC",
		Server:   Server{Listen: "127.0.0.1:8377", Auth: Auth{Mode: "none"}},
		Polling: Polling{
			Schedule: Text{Value: "*/10 * * * *"},
			Adaptive: Adaptive{Min: Duration(5 * time.Minute), Max: Duration(time.Hour)},
			Timeout:  Duration(30 * time.Second), PerHost: 1, HostGap: Duration(2 * time.Second),
		},
		Retention: Retention{Items: Days(180), Deliveries: Days(30), Digests: Days(730)},
	}
}

// defaults gives the values of a list element before its keys are read.
func defaults(v any) {
	switch v := v.(type) {
	case *Feed:
		v.Kind, v.Notify = "independent", true
	case *Entity:
		v.Spelling, v.Alone = "normal", true
	case *Topic:
		v.Priority = "normal"
		v.Alert = Alert{On: "story", Updates: "developments", MinPublishers: 1}
	case *Receiver:
		v.OnUpdate, v.Timeout = "new", Duration(15*time.Second)
	case *Route:
		v.UpdateEvery, v.ExpireAfter = Duration(15*time.Minute), Days(1)
		v.UpdateWhen = UpdateWhen{Publishers: []int{3, 6, 12}, NewKind: true} // an edited headline is a revision, no news, unless asked for
	case *Quiet:
		v.Then = "hold"
	case *Digest:
		v.Top, v.Empty, v.CatchUp = 7, "short", Duration(6*time.Hour)
	}
}
