package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/netip"
	"net/url"
	"os"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"watcher/feeds"
	"watcher/feeds/discover"
	"watcher/feeds/fetch"
	"watcher/feeds/pace"
	"watcher/feeds/parse"
)

func discoverCommand(e *env) *cobra.Command {
	d := discovery{e: e}
	cmd := &cobra.Command{
		Use:   "discover FILE|URL",
		Short: "find the feeds that a web page names",
		Long: `Find the feeds that a web page names. A FILE (or standard input) is only read;
a URL is fetched once. Exit 3 when there is none.

With --guess, links that look like feeds count too, and if there are none the
usual addresses of feeds are asked for, one after the other.`,
		Example: `  watcher discover https://example.org/
  watcher discover --json --url https://example.org/ page.html`,
		Args: cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			arg := "-"
			if len(args) > 0 {
				arg = args[0]
			}
			links, err := d.find(cmd.Context(), arg)
			if err != nil {
				return err
			}
			return d.print(links)
		},
	}
	cmd.Flags().StringVar(&d.url, "url", "", "`ADDRESS` the page came from: the base of its links")
	cmd.Flags().BoolVar(&d.guess, "guess", false, "also what looks like a feed, and the usual addresses")
	return cmd
}

// discovery is one run of the verb.
type discovery struct {
	e     *env
	url   string
	guess bool
}

func (d *discovery) find(ctx context.Context, arg string) ([]discover.Link, error) {
	if address, ok := siteAddress(arg); ok {
		return d.fetch(ctx, address)
	}
	page, err := readInput(d.e, arg)
	if err != nil {
		return nil, err
	}
	return feedsOf(page, d.url, "", d.guess), nil
}

// siteAddress tells an address from a file: with a scheme it is one, and
// without one a host's name that no file has.
func siteAddress(arg string) (string, bool) {
	for _, scheme := range []string{"http://", "https://", "feed:"} {
		if strings.HasPrefix(strings.ToLower(arg), scheme) {
			return arg, true
		}
	}
	if _, err := os.Stat(arg); err == nil || arg == "-" {
		return "", false
	}
	host, _, _ := strings.Cut(arg, "/")
	name, _, _ := strings.Cut(host, ":")
	if strings.Contains(name, ".") && !strings.HasPrefix(name, ".") && !strings.HasSuffix(name, ".html") && !strings.HasSuffix(name, ".htm") && !strings.HasSuffix(name, ".xml") {
		return "https://" + arg, true
	}
	return "", false
}

// feedsOf gives the feeds that a page names, or the document itself if it is
// one.
func feedsOf(page []byte, address, contentType string, guess bool) []discover.Link {
	if doc, err := parse.Parse(page, parse.Options{URL: address, ContentType: contentType}); err == nil {
		return []discover.Link{{URL: address, Title: doc.Title, Type: documentType(page, contentType)}}
	}
	return discover.Find(page, address, contentType, guess)
}

func documentType(page []byte, contentType string) string {
	text := string(page[:min(len(page), 2048)])
	switch {
	case strings.HasPrefix(strings.TrimSpace(text), "{"):
		return "application/feed+json"
	case strings.Contains(text, "<rss"):
		return "application/rss+xml"
	case strings.Contains(text, "<feed"):
		return "application/atom+xml"
	case strings.Contains(text, "RDF"):
		return "application/rdf+xml"
	}
	kind, _, _ := strings.Cut(contentType, ";")
	return strings.TrimSpace(kind)
}

// fetch asks for a page, and with --guess for the usual addresses of feeds.
func (d *discovery) fetch(ctx context.Context, address string) ([]discover.Link, error) {
	client := fetch.New(fetch.Options{Version: version})
	defer client.CloseIdle()
	r, err := get(ctx, client, address)
	if err != nil {
		return nil, err
	}
	base := r.FinalURL
	if d.url != "" {
		base = d.url
	}
	links := feedsOf(r.Body, base, r.ContentType, d.guess)
	if len(links) > 0 || !d.guess {
		return links, nil
	}
	for _, try := range discover.Guesses(base) {
		select {
		case <-ctx.Done():
			return nil, ctx.Err()
		case <-time.After(guessGap):
		}
		r, err := get(ctx, client, try)
		if err != nil {
			if ctx.Err() != nil {
				return nil, ctx.Err()
			}
			continue // not there: the next one
		}
		if doc, err := parse.Parse(r.Body, parse.Options{URL: r.FinalURL, ContentType: r.ContentType}); err == nil {
			return []discover.Link{{URL: r.FinalURL, Title: doc.Title, Type: documentType(r.Body, r.ContentType)}}, nil
		}
	}
	return nil, nil
}

const guessGap = time.Second // between two addresses tried on one host

func get(ctx context.Context, client *fetch.Client, address string) (fetch.Result, error) {
	f := feeds.Feed{ID: "discover", URL: address, AllowPrivate: typedPrivate(address)}
	r, err := client.Get(ctx, f, feeds.State{})
	if err != nil {
		return r, err
	}
	if r.Class != pace.OK {
		return r, errors.New(address + ": " + r.Message)
	}
	return r, nil
}

// typedPrivate tells whether the person asks for a machine of their own, by
// its address or as localhost. Where a name leads is not theirs to say.
func typedPrivate(address string) bool {
	u, err := url.Parse(address)
	if err != nil {
		return false
	}
	ip, err := netip.ParseAddr(u.Hostname())
	return err == nil && (ip.IsLoopback() || ip.IsPrivate()) || u.Hostname() == "localhost"
}

func (d *discovery) print(links []discover.Link) error {
	if d.e.json {
		if links == nil {
			links = []discover.Link{}
		}
		enc := json.NewEncoder(d.e.stdout)
		enc.SetEscapeHTML(false)
		if err := enc.Encode(map[string]any{"feeds": links}); err != nil {
			return err
		}
	} else {
		w := tabwriter.NewWriter(d.e.stdout, 0, 0, 2, ' ', 0)
		for _, l := range links {
			fmt.Fprintf(w, "%s\t%s\t%s\n", l.URL, l.Type, feeds.OneLine(l.Title))
		}
		if err := w.Flush(); err != nil {
			return err
		}
	}
	if len(links) == 0 {
		why := "the page names no feed; --guess tries the addresses that sites mostly use"
		if d.guess {
			why = "the page names no feed, and none is at the usual addresses; look on the site for a page about its feeds"
		}
		return exit(exitNothing, errors.New(why))
	}
	return nil
}
