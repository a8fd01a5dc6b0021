// Command growth prints what polls, pages, digests and searches cost beside
// ever more stored items: it runs the benchmarks of internal/ingest and
// internal/web, which make the items, for each size and puts what they say
// beside each other. Processor time is what counts, on a shared machine too.
// 5,000,000 items take 15 minutes and 10 GB of disk.
package main

import (
	"flag"
	"fmt"
	"log"
	"os"
	"os/exec"
	"regexp"
	"strings"
	"text/tabwriter"
)

// rows are the lines of the table: a name, and where its figure stands in what
// the benchmarks print of one size (SIZE).
var rows = []struct{ name, pattern string }{
	{"a poll with 3 new items of 30", `Growth/SIZE/new\S*\s.*?([\d.]+) cpu-us`},
	{"… that meet a topic and are grouped", `Growth/SIZE/hits\S*\s.*?([\d.]+) cpu-us`},
	{"a poll with nothing new", `Growth/SIZE/known\S*\s.*?([\d.]+) cpu-us`},
	{"the file, bytes an item", `Growth/SIZE/new\S*\s.*?([\d.]+) file-B`},
	{"a day's digest is built", `built in ([\d.]+) ms`},
	{"its page", `Pages/_digests_\S+-\d\d(?:-\d+)?\s.*?([\d.]+) cpu-ms`},
	{"the live page", `Pages/_(?:-\d+)?\s.*?([\d.]+) cpu-ms`},
	{"a topic's page", `Pages/_topics_[a-z-]+?(?:-\d+)?\s.*?([\d.]+) cpu-ms`},
	{"a story's page", `Pages/_stories_\S+\s.*?([\d.]+) cpu-ms`},
	{"search: two words", `Pages/_search\?q=strait\S+\s.*?([\d.]+) cpu-ms`},
	{"search: a rare word", `Pages/_search\?q=rare\S+\s.*?([\d.]+) cpu-ms`},
	{"search: a phrase", `Pages/_search\?q=%22\S+\s.*?([\d.]+) cpu-ms`},
	{"a receiver's messages", `Pages/_deliveries\S*\s.*?([\d.]+) cpu-ms`},
}

func main() {
	log.SetFlags(0)
	sizes := flag.String("items", "10000,100000,1000000", "stored items, one table column each")
	root := flag.String("root", "../..", "the repository")
	flag.Parse()
	columns := strings.Split(*sizes, ",")
	said := make([]string, len(columns))
	for i, size := range columns {
		for _, run := range [][]string{{"-bench", "Growth", "-benchtime", "100x", "./internal/ingest"}, {"-bench", "Pages", "-benchtime", "20x", "-v", "./internal/web"}} {
			cmd := exec.Command("go", append([]string{"test", "-run", "^$", "-timeout", "5h"}, run...)...)
			cmd.Dir, cmd.Stderr = *root, os.Stderr
			cmd.Env = append(os.Environ(), "WATCHER_BENCH_ITEMS="+size)
			out, err := cmd.Output()
			if err != nil {
				log.Fatalf("%s: %v\n%s", strings.Join(cmd.Args, " "), err, out)
			}
			said[i] += string(out)
		}
		log.Printf("%s items: done", size)
	}
	w := tabwriter.NewWriter(os.Stdout, 0, 0, 1, ' ', 0)
	fmt.Fprintf(w, "| CPU: polls in µs, the rest in ms \t| %s \t|\n", strings.Join(columns, " \t| "))
	fmt.Fprintf(w, "| --- %s\t|\n", strings.Repeat("\t| --- ", len(columns)))
	for _, r := range rows {
		fmt.Fprintf(w, "| %s ", r.name)
		for i, size := range columns {
			m := regexp.MustCompile(strings.ReplaceAll(r.pattern, "SIZE", size)).FindStringSubmatch(said[i])
			if m == nil {
				log.Fatalf("%s: no benchmark says it\n%s", r.name, said[i])
			}
			fmt.Fprintf(w, "\t| %s ", m[1])
		}
		fmt.Fprintf(w, "\t|\n")
	}
	w.Flush()
}
