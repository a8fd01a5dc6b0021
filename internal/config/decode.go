package config

import (
	"fmt"
	"reflect"
	"strconv"
	"strings"
	"time"

	"go.yaml.in/yaml/v4"

	"watcher/match/query"
)

// decoder walks YAML nodes into Go values and collects every mistake.
type decoder struct {
	file     string
	dir      string
	lines    []string
	getenv   func(string) (string, bool)
	problems []Problem
	missing  []Secret
	places   map[string]Pos          // of values outside of lists, by path
	shapes   map[reflect.Type]*shape // read once: a list may have 100,000 entries
}

// shape is what a struct type says of its keys.
type shape struct {
	fields        map[string]field
	need          []string // keys that must stand
	pos, settings []int    // where these fields are; nil: it has none
}

// field is where a key's value goes, and its tags.
type field struct {
	index  []int
	enum   string
	secret bool
}

func (d *decoder) shapeOf(t reflect.Type) *shape {
	if s, ok := d.shapes[t]; ok {
		return s
	}
	s := &shape{fields: map[string]field{}}
	for name, f := range fieldsOf(t) {
		s.fields[name] = field{f.Index, f.Tag.Get("enum"), f.Tag.Get("secret") != ""}
		if f.Tag.Get("need") != "" {
			s.need = append(s.need, name)
		}
	}
	if f, ok := t.FieldByName("Pos"); ok && f.Type == reflect.TypeFor[Pos]() {
		s.pos = f.Index
	}
	if f, ok := t.FieldByName("Settings"); ok && f.Type == reflect.TypeFor[Block]() {
		s.settings = f.Index
	}
	if d.shapes == nil {
		d.shapes = map[reflect.Type]*shape{}
	}
	d.shapes[t] = s
	return s
}

func (d *decoder) errorf(n *yaml.Node, path, format string, args ...any) {
	d.problems = append(d.problems, Problem{File: d.file, Pos: Pos{n.Line, n.Column}, Path: path, Msg: fmt.Sprintf(format, args...)})
}

func resolve(n *yaml.Node) *yaml.Node {
	for n.Kind == yaml.AliasNode && n.Alias != nil {
		n = n.Alias
	}
	return n
}

func isNull(n *yaml.Node) bool {
	return n.Kind == yaml.ScalarNode && n.Tag == "!!null"
}

// custom are the types that have a form of their own.
func (d *decoder) custom(n *yaml.Node, v reflect.Value, path string) bool {
	switch p := v.Addr().Interface().(type) {
	case *Text:
		if s, ok := d.scalar(n, path, "text"); ok {
			n2 := *n
			n2.Value = s
			*p = newText(&n2, d.lines, path)
			if n.Tag == "!!bool" || n.Tag == "!!null" {
				p.Value = n.Value
			}
		}
	case *Duration:
		if s, ok := d.scalar(n, path, "a duration"); ok {
			got, err := ParseDuration(s)
			if err != nil {
				d.errorf(n, path, "%v", err)
			}
			*p = got
		}
	case *time.Duration:
		if s, ok := d.scalar(n, path, "a duration"); ok {
			got, err := ParseDuration(s)
			if err != nil {
				d.errorf(n, path, "%v", err)
			}
			*p = got.D()
		}
	case *Rate:
		if s, ok := d.scalar(n, path, "a rate"); ok {
			got, err := parseRate(s)
			if err != nil {
				d.errorf(n, path, "%v", err)
			}
			*p = got
		}
	case *Adaptive:
		if n.Kind == yaml.ScalarNode {
			if s := strings.ToLower(n.Value); s == "off" || s == "false" || s == "no" {
				p.Off = true
			} else {
				d.errorf(n, path, "%q: write off, or {min: 5m, max: 1h}", n.Value)
			}
			return true
		}
		return false
	case *UpdateWhen:
		*p = UpdateWhen{}
		if n.Kind != yaml.SequenceNode {
			return false
		}
		for _, e := range n.Content { // the list form: [publishers: [3, 6], new_kind]
			if e = resolve(e); e.Kind == yaml.ScalarNode {
				e = &yaml.Node{Kind: yaml.MappingNode, Line: e.Line, Column: e.Column, Content: []*yaml.Node{e, {Kind: yaml.ScalarNode, Tag: "!!null"}}}
			}
			d.mapping(e, v, path)
		}
	case *Entities:
		d.entities(n, p, path)
	default:
		return false
	}
	return true
}

func (d *decoder) entities(n *yaml.Node, out *Entities, path string) {
	if n.Kind != yaml.MappingNode {
		d.errorf(n, path, "write entities as id: {alias: [...]}, or id: [word, word]")
		return
	}
	for i := 0; i+1 < len(n.Content); i += 2 {
		k, v := n.Content[i], resolve(n.Content[i+1])
		e := Entity{}
		defaults(&e)
		e.ID, e.Pos = k.Value, Pos{k.Line, k.Column}
		at := path + "." + k.Value
		if !idForm.MatchString(e.ID) {
			d.errorf(k, path, "%q: rules name an entity as @id, of letters, digits, - _ and . only", e.ID)
		}
		switch v.Kind {
		case yaml.SequenceNode:
			d.value(v, reflect.ValueOf(&e.Alias).Elem(), at)
		case yaml.ScalarNode:
			d.errorf(v, at, "write a list of words, [%s], or {name: …}, {country: …}, {alias: […]}", v.Value)
		default:
			d.mapping(v, reflect.ValueOf(&e).Elem(), at)
		}
		for _, o := range *out {
			if o.ID == e.ID {
				d.errorf(k, path, "entity %q stands twice (first in line %d)", e.ID, o.Pos.Line)
			}
		}
		*out = append(*out, e)
	}
}

// value decodes one node.
func (d *decoder) value(n *yaml.Node, v reflect.Value, path string) {
	n = resolve(n)
	if v.Kind() == reflect.Pointer {
		if isNull(n) {
			return
		}
		v.Set(reflect.New(v.Type().Elem()))
		defaults(v.Interface())
		d.value(n, v.Elem(), path)
		return
	}
	if d.custom(n, v, path) {
		return
	}
	switch v.Kind() {
	case reflect.Struct:
		d.mapping(n, v, path)
	case reflect.Slice:
		d.sequence(n, v, path)
	case reflect.Map:
		d.stringMap(n, v, path)
	case reflect.Bool:
		d.boolean(n, v, path)
	case reflect.Interface:
		var a any
		if err := n.Decode(&a); err == nil && a != nil {
			v.Set(reflect.ValueOf(a))
		}
	case reflect.String:
		if s, ok := d.scalar(n, path, "text"); ok {
			v.SetString(s)
		}
	case reflect.Int, reflect.Int64:
		if s, ok := d.scalar(n, path, "a whole number"); ok {
			i, err := strconv.ParseInt(s, 10, 64)
			if err != nil {
				d.errorf(n, path, "%q is no whole number", s)
				return
			}
			v.SetInt(i)
		}
	case reflect.Float64:
		if s, ok := d.scalar(n, path, "a number"); ok {
			f, err := strconv.ParseFloat(s, 64)
			if err != nil {
				d.errorf(n, path, "%q is no number", s)
				return
			}
			v.SetFloat(f)
		}
	default:
		d.errorf(n, path, "cannot read a %s", v.Type())
	}
}

func (d *decoder) sequence(n *yaml.Node, v reflect.Value, path string) {
	list := n.Content
	switch {
	case isNull(n):
		return
	case n.Kind == yaml.ScalarNode && v.Type().Elem().Kind() != reflect.Struct, n.Kind == yaml.ScalarNode && v.Type().Elem() == reflect.TypeFor[Text]():
		list = []*yaml.Node{n} // one value stands for a list of one
	case n.Kind != yaml.SequenceNode:
		d.errorf(n, path, "write a list: one line for each, with - in front")
		return
	}
	out := reflect.MakeSlice(v.Type(), len(list), len(list))
	for i, e := range list {
		at := fmt.Sprintf("%s[%d]", path, i)
		defaults(out.Index(i).Addr().Interface())
		d.value(e, out.Index(i), at)
	}
	v.Set(out)
}

func (d *decoder) stringMap(n *yaml.Node, v reflect.Value, path string) {
	if n.Kind != yaml.MappingNode {
		d.errorf(n, path, "write key: value pairs")
		return
	}
	out := reflect.MakeMap(v.Type())
	for i := 0; i+1 < len(n.Content); i += 2 {
		e := reflect.New(v.Type().Elem()).Elem()
		d.value(n.Content[i+1], e, path+"."+n.Content[i].Value)
		out.SetMapIndex(reflect.ValueOf(n.Content[i].Value), e)
	}
	v.Set(out)
}

// entry is one key of a mapping, merges ("<<") resolved.
type entry struct{ key, value *yaml.Node }

func entries(n *yaml.Node) []entry {
	var own, merged []entry
	for i := 0; i+1 < len(n.Content); i += 2 {
		k, v := n.Content[i], n.Content[i+1]
		if k.Value != "<<" || k.Style != 0 {
			own = append(own, entry{k, v})
			continue
		}
		v = resolve(v)
		from := []*yaml.Node{v}
		if v.Kind == yaml.SequenceNode {
			from = v.Content
		}
		for _, m := range from {
			merged = append(merged, entries(resolve(m))...)
		}
	}
	for _, m := range merged {
		taken := false
		for _, o := range own {
			taken = taken || o.key.Value == m.key.Value
		}
		if !taken {
			own = append(own, m)
		}
	}
	return own
}

// mapping decodes a struct. A key K_file reads the file that it names into K.
func (d *decoder) mapping(n *yaml.Node, v reflect.Value, path string) {
	if isNull(n) {
		return
	}
	if n.Kind != yaml.MappingNode {
		what := fmt.Sprintf("%q", n.Value)
		if n.Kind == yaml.SequenceNode {
			what = "a list"
		}
		d.errorf(n, path, "write key: value pairs, not %s", what)
		return
	}
	s := d.shapeOf(v.Type())
	if s.pos != nil {
		*v.FieldByIndex(s.pos).Addr().Interface().(*Pos) = Pos{n.Line, n.Column}
	}
	var rest []*yaml.Node
	seen := map[string]int{}
	for _, e := range entries(n) {
		key := e.key.Value
		if first := seen[key]; first > 0 {
			d.errorf(e.key, path, "key %q stands twice (first in line %d)", key, first)
			continue
		}
		seen[key] = e.key.Line
		at := strings.TrimPrefix(path+"."+key, ".")
		if d.places != nil && !strings.Contains(at, "[") {
			d.places[at] = Pos{e.value.Line, e.value.Column}
		}
		if f, ok := s.fields[key]; ok {
			fv := v.FieldByIndex(f.index)
			d.value(e.value, fv, at)
			d.enum(e.value, f.enum, fv, at)
			continue
		}
		if base, ok := strings.CutSuffix(key, "_file"); ok {
			if f := s.fields[base]; f.secret {
				d.fromFile(e.value, v.FieldByIndex(f.index), at)
				seen[base] = e.key.Line
				continue
			}
		}
		if s.settings != nil {
			rest = append(rest, e.key, e.value)
			continue
		}
		names := make([]string, 0, len(s.fields))
		for name, f := range s.fields {
			names = append(names, name)
			if f.secret {
				names = append(names, name+"_file")
			}
		}
		d.errorf(e.key, path, "unknown key %q%s", key, query.DidYouMean(key, names))
	}
	if s.settings != nil {
		rest := &yaml.Node{Kind: yaml.MappingNode, Tag: "!!map", Line: n.Line, Column: n.Column, Content: rest}
		v.FieldByIndex(s.settings).Set(reflect.ValueOf(Block{d, rest, path}))
		d.unset(rest, path)
	}
	for _, name := range s.need {
		if seen[name] == 0 {
			d.errorf(n, path, "key %q is missing", name)
		} else if fv := v.FieldByIndex(s.fields[name].index); blank(fv) && !d.complained(strings.TrimPrefix(path+"."+name, ".")) {
			d.errorf(n, path, "key %q is empty", name)
		}
	}
}

// blank tells whether a text or a list holds nothing. What has a form of its
// own, as a rule has, is judged by who reads it.
func blank(v reflect.Value) bool {
	return (v.Kind() == reflect.String || v.Kind() == reflect.Slice) && v.Len() == 0
}

// fieldsOf gives the keys of a struct type, those of embedded structs included.
func fieldsOf(t reflect.Type) map[string]reflect.StructField {
	out := map[string]reflect.StructField{}
	for _, f := range reflect.VisibleFields(t) {
		name, _, _ := strings.Cut(f.Tag.Get("yaml"), ",")
		if f.IsExported() && name != "" && name != "-" {
			out[name] = f
		}
	}
	return out
}
