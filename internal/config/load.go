package config

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"sort"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v4"
)

// Load reads a configuration file. It returns every problem at once, ordered
// by place; when none of them is an error the Config is sound as far as this
// package can tell. A file that is missing or empty is an error: there is no
// silent fall-back to defaults.
func Load(file string, getenv func(string) (string, bool)) (*Config, []Problem) {
	text, err := os.ReadFile(file)
	if err != nil {
		msg := err.Error()
		switch {
		case errors.Is(err, fs.ErrNotExist):
			msg = "no such file; `watcher init` writes one, or name yours with -c FILE"
		case errors.Is(err, fs.ErrPermission):
			msg = fmt.Sprintf("may not be read by uid %d", os.Getuid())
		}
		return nil, []Problem{{File: file, Msg: msg}}
	}
	return Parse(file, text, getenv)
}

// Parse is Load for text that is in memory; file gives its name and folder.
func Parse(file string, text []byte, getenv func(string) (string, bool)) (*Config, []Problem) {
	c := Default()
	c.File = file
	abs, err := filepath.Abs(file)
	if err != nil {
		abs = file
	}
	c.Dir = filepath.Dir(abs)
	sum := sha256.Sum256(text)
	c.Hash = hex.EncodeToString(sum[:4])
	text = bytes.TrimPrefix(text, []byte("\ufeff"))
	c.Lines = strings.Split(string(text), "\n")
	d := &decoder{file: file, dir: c.Dir, lines: c.Lines, getenv: getenv, places: map[string]Pos{}}
	if len(bytes.TrimSpace(text)) == 0 {
		return nil, []Problem{{File: file, Pos: Pos{1, 1}, Msg: "the file is empty; `watcher init` writes a first one"}}
	}
	var doc yaml.Node
	if err := yaml.Unmarshal(text, &doc); err != nil {
		return nil, []Problem{syntaxProblem(file, c.Lines, err)}
	}
	if doc.Kind == 0 || len(doc.Content) == 0 || isNull(doc.Content[0]) {
		return nil, []Problem{{File: file, Pos: Pos{1, 1}, Msg: "the file holds only comments; `watcher init` writes a first one"}}
	}
	d.value(doc.Content[0], reflect.ValueOf(&c).Elem(), "")
	c.Missing, c.places = d.missing, d.places
	if resolve(doc.Content[0]).Kind == yaml.MappingNode {
		d.validate(&c)
	}
	for _, m := range c.Missing {
		d.problems = append(d.problems, Problem{File: file, Pos: m.Pos, Path: m.Path, Msg: m.What, Warning: true})
	}
	Sort(d.problems)
	return &c, d.problems
}

// Sort orders problems by place, keeping those of one place in order.
func Sort(ps []Problem) {
	sort.SliceStable(ps, func(i, j int) bool {
		a, b := ps[i], ps[j]
		if a.Line != b.Line {
			return a.Line < b.Line
		}
		return a.Column < b.Column
	})
}

// Failed tells whether any problem is an error.
func Failed(ps []Problem) bool {
	for _, p := range ps {
		if !p.Warning {
			return true
		}
	}
	return false
}

var yamlPlace = regexp.MustCompile(`line (\d+)(?:, column (\d+))?:? ?`)

// syntaxProblem gives the YAML library's complaint a place, and says what to do where we know.
func syntaxProblem(file string, lines []string, err error) Problem {
	msg := strings.TrimPrefix(err.Error(), "yaml: ")
	p := Problem{File: file, Pos: Pos{1, 1}}
	if m := yamlPlace.FindStringSubmatch(msg); m != nil {
		p.Line, _ = strconv.Atoi(m[1])
		if m[2] != "" {
			p.Column, _ = strconv.Atoi(m[2])
		}
		msg = yamlPlace.ReplaceAllString(msg, "")
	}
	p.Msg = "not valid YAML: " + strings.TrimSpace(msg)
	for i := max(p.Line-2, 0); i < min(p.Line+1, len(lines)); i++ {
		if at := strings.Index(lines[i], ": @"); at >= 0 {
			p.Line, p.Column = i+1, len([]rune(lines[i][:at]))+3
			p.Msg = "a value that begins with @ has no meaning in YAML: put the rule in quotes, or on its own lines behind |"
			break
		}
		if strings.Contains(lines[i], "\t") && strings.TrimLeft(lines[i], " ")[0] == '\t' {
			p.Line, p.Column = i+1, strings.IndexByte(lines[i], '\t')+1
			p.Msg = "a tab cannot indent YAML: use blanks"
			break
		}
	}
	return p
}

// Find gives the configuration file to use: the one named, else
// $WATCHER_CONFIG, ./config.yaml, /etc/watcher/config.yaml.
func Find(named string, getenv func(string) string) (string, error) {
	if named != "" {
		return named, nil
	}
	if s := getenv("WATCHER_CONFIG"); s != "" {
		return s, nil
	}
	for _, f := range []string{"config.yaml", "/etc/watcher/config.yaml"} {
		if _, err := os.Stat(f); err == nil {
			return f, nil
		}
	}
	return "", errors.New("no configuration: neither ./config.yaml nor /etc/watcher/config.yaml is there; name one with -c FILE, or write one with `watcher init`")
}
