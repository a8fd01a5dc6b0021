package opml

import (
	"bufio"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"watcher/feeds"
)

// Write writes feeds as OPML 2.0, a folder for each first tag and the others
// as categories, so that reading it again gives the same feeds and tags.
// Removed feeds are left out, and credentials in addresses.
func Write(w io.Writer, title string, list []feeds.Feed, now time.Time) error {
	b := bufio.NewWriter(w)
	fmt.Fprintf(b, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<opml version=\"2.0\">\n  <head>\n    <title>%s</title>\n    <dateCreated>%s</dateCreated>\n  </head>\n  <body>\n",
		escape(title), now.UTC().Format(time.RFC1123Z))
	byFolder := map[string][]feeds.Feed{}
	var folders []string
	for _, f := range list {
		if f.Removed {
			continue
		}
		folder := ""
		if len(f.Tags) > 0 {
			folder = f.Tags[0]
		}
		if byFolder[folder] == nil {
			folders = append(folders, folder)
		}
		byFolder[folder] = append(byFolder[folder], f)
	}
	slices.Sort(folders)
	for _, folder := range folders {
		indent := "    "
		if folder != "" {
			fmt.Fprintf(b, "    <outline text=\"%s\" title=\"%[1]s\">\n", escape(folder))
			indent = "      "
		}
		for _, f := range byFolder[folder] {
			outline(b, indent, f)
		}
		if folder != "" {
			b.WriteString("    </outline>\n")
		}
	}
	b.WriteString("  </body>\n</opml>\n")
	return b.Flush()
}

func outline(b *bufio.Writer, indent string, f feeds.Feed) {
	name := f.Outlet("")
	fmt.Fprintf(b, "%s<outline type=\"rss\" text=\"%s\" title=\"%[2]s\" xmlUrl=\"%s\"", indent, escape(name), escape(withoutUser(f.URL)))
	if len(f.Tags) > 1 {
		fmt.Fprintf(b, " category=\"%s\"", escape(strings.Join(f.Tags[1:], ",")))
	}
	if f.Lang != "" {
		fmt.Fprintf(b, " language=\"%s\"", escape(f.Lang))
	}
	b.WriteString("/>\n")
}

func withoutUser(address string) string {
	scheme, rest, ok := strings.Cut(address, "://")
	if !ok {
		return address
	}
	host, path, slash := strings.Cut(rest, "/")
	if i := strings.LastIndexByte(host, '@'); i >= 0 {
		host = host[i+1:]
	}
	if slash {
		path = "/" + path
	}
	return scheme + "://" + host + path
}

var escaper = strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;", `"`, "&quot;", "'", "&apos;", "\n", " ", "\r", " ", "\t", " ")

// escape makes a text safe inside an attribute's quotes.
func escape(s string) string {
	return escaper.Replace(strings.Map(func(r rune) rune {
		if r < ' ' && r != '\n' && r != '\t' && r != '\r' || r == 0xfffe || r == 0xffff {
			return -1
		}
		return r
	}, s))
}
