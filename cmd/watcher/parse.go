package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"strconv"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"watcher/feeds"
	"watcher/feeds/parse"
)

func parseCommand(e *env) *cobra.Command {
	var opt parse.Options
	var items bool
	cmd := &cobra.Command{
		Use:   "parse [FILE...]",
		Short: "read feed documents: RSS, Atom, RDF or JSON Feed",
		Long: `Read feed documents from files, or from standard input, and print what they say.

With --json: one object a document. With --items: one item a line, as match,
group and explain read them. Nothing is fetched, and no configuration is read.`,
		Example: `  watcher parse --json --url https://example.org/feed.xml feed.xml
  watcher parse --items *.xml | watcher match -c config.yaml --json`,
		RunE: func(_ *cobra.Command, args []string) error {
			if len(args) == 0 {
				args = []string{"-"}
			}
			if items {
				return parseItems(e, args, opt)
			}
			return parseDocuments(e, args, opt)
		},
	}
	f := cmd.Flags()
	f.BoolVar(&items, "items", false, "write the items as JSON Lines")
	f.StringVar(&opt.URL, "url", "", "`ADDRESS` the document came from: the base of its links")
	f.StringVar(&opt.ContentType, "content-type", "", "HTTP `TYPE` it came with, for its charset")
	f.StringVar(&opt.Feed.ID, "feed", "", "`ID` of the feed that its items get")
	return cmd
}

func parseFile(e *env, name string, opt parse.Options) (parse.Document, error) {
	body, err := readInput(e, name)
	if err != nil {
		return parse.Document{}, err
	}
	return parse.Parse(body, opt)
}

// parseDocuments prints each document whole. It fails where one is no feed,
// and says so in the same form.
func parseDocuments(e *env, args []string, opt parse.Options) error {
	failed := 0
	for i, name := range args {
		doc, err := parseFile(e, name, opt)
		if err != nil {
			failed++
		}
		switch {
		case e.json:
			enc := json.NewEncoder(e.stdout)
			enc.SetEscapeHTML(false)
			if err := enc.Encode(documentForm(doc, err)); err != nil {
				return err
			}
		case err != nil:
			fmt.Fprintf(e.stderr, "watcher: %v\n", unread(name, err))
		default:
			if i > 0 {
				fmt.Fprintln(e.stdout)
			}
			if err := printDocument(e.stdout, doc); err != nil {
				return err
			}
		}
	}
	return partly(failed, len(args))
}

// partly gives the exit for work on several files of which some failed.
func partly(failed, all int) error {
	switch failed {
	case 0:
		return nil
	case all:
		return exit(exitFailed, nil)
	}
	return exit(exitPartly, nil)
}

func parseItems(e *env, args []string, opt parse.Options) error {
	out := bufio.NewWriter(e.stdout)
	failed := 0
	for _, name := range args {
		doc, err := parseFile(e, name, opt)
		if err != nil {
			failed++
			fmt.Fprintf(e.stderr, "watcher: %v\n", unread(name, err))
			continue
		}
		if doc.Malformed != "" {
			fmt.Fprintf(e.stderr, "watcher: %s: damaged: %s\n", name, doc.Malformed)
		}
		for _, it := range doc.Items {
			line, err := feeds.EncodeItem(it)
			if err != nil {
				return err
			}
			out.Write(line)
			out.WriteByte('\n')
		}
	}
	if err := out.Flush(); err != nil {
		return err
	}
	return partly(failed, len(args))
}

// The stable form of a parsed document.
type (
	linkForm struct {
		Href string `json:"href"`
	}
	mediaForm struct {
		URL string `json:"url"`
	}
	feedForm struct {
		Title       string         `json:"title"`
		Link        string         `json:"link"`
		SelfLink    string         `json:"self_link"`
		Description string         `json:"description"`
		Language    string         `json:"language"`
		Updated     string         `json:"updated"`
		Published   string         `json:"published"`
		Image       string         `json:"image"`
		Icon        string         `json:"icon,omitempty"`
		TTL         *int           `json:"ttl_minutes,omitempty"`
		Authors     []feeds.Author `json:"authors"`
		Categories  []string       `json:"categories"`
		Links       []linkForm     `json:"links"`
	}
	entryForm struct {
		ID         string            `json:"id"`
		Link       string            `json:"link"`
		Title      string            `json:"title"`
		Summary    string            `json:"summary"`
		Content    string            `json:"content"`
		Published  string            `json:"published"`
		Updated    string            `json:"updated"`
		Image      string            `json:"image"`
		Authors    []feeds.Author    `json:"authors"`
		Categories []string          `json:"categories"`
		Links      []linkForm        `json:"links"`
		Enclosures []feeds.Enclosure `json:"enclosures"`
		Media      []mediaForm       `json:"media"`
	}
	docForm struct {
		OK        bool        `json:"ok"`
		Error     string      `json:"error"`
		Encoding  string      `json:"encoding,omitempty"`
		Malformed string      `json:"malformed"`
		Feed      *feedForm   `json:"feed,omitempty"`
		Entries   []entryForm `json:"entries,omitempty"`
		Warnings  []string    `json:"warnings,omitempty"`
	}
)

func documentForm(d parse.Document, err error) docForm {
	if err != nil {
		return docForm{Error: err.Error()}
	}
	out := docForm{OK: true, Encoding: d.Encoding, Malformed: d.Malformed, Warnings: d.Warnings, Entries: []entryForm{}}
	out.Feed = &feedForm{Title: d.Title, Link: d.Link, SelfLink: d.SelfLink, Description: d.Description, Language: d.Language,
		Updated: feeds.FormatTime(d.Updated), Published: feeds.FormatTime(d.Published), Image: d.Image, Icon: d.Icon, Authors: d.Authors,
		Categories: d.Categories, Links: linkForms(d.Links)}
	if d.TTL > 0 {
		minutes := int(d.TTL / time.Minute)
		out.Feed.TTL = &minutes
	}
	for _, it := range d.Items {
		x := entryForm{ID: it.GUID, Link: it.Link, Title: it.Title, Summary: it.Summary, Content: it.Content,
			Published: feeds.FormatTime(it.Published), Updated: feeds.FormatTime(it.Updated), Image: it.Image, Authors: it.Authors,
			Categories: it.Categories, Links: linkForms(it.Links), Enclosures: it.Enclosures}
		for _, m := range it.Media {
			x.Media = append(x.Media, mediaForm{m})
		}
		out.Entries = append(out.Entries, x)
	}
	return out
}

func linkForms(links []string) []linkForm {
	var out []linkForm
	for _, l := range links {
		out = append(out, linkForm{l})
	}
	return out
}

// printDocument writes a document for a person: what the feed is, and a line
// an item.
func printDocument(w io.Writer, d parse.Document) error {
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	row := func(name, value string) {
		if value != "" {
			fmt.Fprintf(t, "%s\t%s\n", name, value)
		}
	}
	row("title", d.Title)
	row("link", d.Link)
	row("language", d.Language)
	row("updated", feeds.FormatTime(d.Updated))
	if d.TTL > 0 {
		row("ttl", d.TTL.String())
	}
	row("hub", d.Hub)
	row("encoding", d.Encoding)
	row("damaged", d.Malformed)
	row("warnings", strings.Join(d.Warnings, "; "))
	row("items", strconv.Itoa(len(d.Items)))
	if err := t.Flush(); err != nil {
		return err
	}
	for _, it := range d.Items {
		date := "-"
		if !it.Published.IsZero() {
			date = it.Published.Format("2006-01-02 15:04")
		}
		title := it.Title
		if title == "" {
			title = feeds.Clip(feeds.OneLine(feeds.PlainText(it.Summary+" "+it.Content)), 80)
		}
		if _, err := fmt.Fprintf(w, "  %-16s  %s\n", date, feeds.Clip(title, 160)); err != nil {
			return err
		}
	}
	return nil
}
