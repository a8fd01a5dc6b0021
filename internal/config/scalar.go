package config

import (
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"strings"

	"go.yaml.in/yaml/v4"

	"watcher/match/query"
)

// boolean takes null as true, so that {new_kind} and "new_kind:" say yes.
func (d *decoder) boolean(n *yaml.Node, v reflect.Value, path string) {
	if isNull(n) {
		v.SetBool(true)
		return
	}
	if s, ok := d.scalar(n, path, "yes or no"); ok {
		switch strings.ToLower(s) {
		case "true", "yes", "on":
			v.SetBool(true)
		case "false", "no", "off":
			v.SetBool(false)
		default:
			d.errorf(n, path, "%q: write true or false", s)
		}
	}
}

func (d *decoder) enum(n *yaml.Node, allowed string, v reflect.Value, path string) {
	if allowed == "" || v.Kind() != reflect.String || v.String() == "" && n.Kind != yaml.ScalarNode {
		return
	}
	names := strings.Split(allowed, ",")
	for _, a := range names {
		if a == v.String() {
			return
		}
	}
	d.errorf(n, path, "%q is none of %s%s", v.String(), strings.Join(names, ", "), query.DidYouMean(v.String(), names))
}

// fromFile reads a mounted secret. A file that cannot be read is noted, not an
// error: check runs where secrets are not.
func (d *decoder) fromFile(n *yaml.Node, v reflect.Value, path string) {
	name, ok := d.scalar(n, path, "a file's path")
	if !ok {
		return
	}
	if !filepath.IsAbs(name) {
		name = filepath.Join(d.dir, name)
	}
	text, err := os.ReadFile(name)
	if err != nil {
		if pe, ok := err.(*os.PathError); ok {
			err = pe.Err
		}
		d.missing = append(d.missing, Secret{Pos{n.Line, n.Column}, path, fmt.Sprintf("file %s: %v", name, err)})
		return
	}
	s := strings.TrimRight(string(text), "\r\n")
	if v.Kind() != reflect.String {
		d.errorf(n, path, "only a text can come from a file")
		return
	}
	v.SetString(s)
}

var envName = regexp.MustCompile(`\$\{([A-Za-z_][A-Za-z0-9_]*)\}`)

// scalar gives the text of a scalar with ${NAME} replaced.
func (d *decoder) scalar(n *yaml.Node, path, want string) (string, bool) {
	if n.Kind != yaml.ScalarNode {
		d.errorf(n, path, "write %s, not a list or a block", want)
		return "", false
	}
	if isNull(n) {
		return "", true
	}
	if !strings.Contains(n.Value, "${") {
		return n.Value, true
	}
	return envName.ReplaceAllStringFunc(n.Value, func(m string) string {
		name := m[2 : len(m)-1]
		val, ok := d.getenv(name)
		if !ok || val == "" {
			d.missing = append(d.missing, Secret{Pos{n.Line, n.Column}, path, fmt.Sprintf("${%s} is not set in the environment", name)})
		}
		return val
	}), true
}

// unset notes the ${NAME}s of a block that are not set: its owner decodes it
// later, and must be able to tell a mistake from a secret that is elsewhere.
func (d *decoder) unset(n *yaml.Node, path string) {
	n = resolve(n)
	if n.Kind == yaml.MappingNode {
		for _, e := range entries(n) {
			d.unset(e.value, path+"."+e.key.Value)
		}
		return
	}
	for i, c := range n.Content {
		d.unset(c, fmt.Sprintf("%s[%d]", path, i))
	}
	if n.Kind == yaml.ScalarNode {
		d.scalar(n, path, "text")
	}
}
