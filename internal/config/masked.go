package config

import (
	"fmt"
	"reflect"
	"strings"

	"go.yaml.in/yaml/v4"

	"watcher/feeds"
)

// Masked writes the effective configuration as YAML, defaults filled in and
// secrets as ***.
func (c *Config) Masked() string {
	node := mask(reflect.ValueOf(*c), false)
	text, err := yaml.Marshal(node)
	if err != nil {
		return fmt.Sprintf("# cannot be shown: %v\n", err)
	}
	return string(text)
}

// TopicText is a topic's block as it stands in the file.
func (c *Config) TopicText(i int) string {
	t := c.Topics[i]
	if t.Pos.Line < 1 || t.Pos.Line > len(c.Lines) {
		return ""
	}
	first := c.Lines[t.Pos.Line-1]
	indent := t.Pos.Column - 1
	out := []string{fromColumn(first, t.Pos.Column)}
	for _, line := range c.Lines[t.Pos.Line:] {
		if strings.TrimSpace(line) == "" {
			out = append(out, "")
			continue
		}
		if len(line)-len(strings.TrimLeft(line, " ")) < indent {
			break
		}
		out = append(out, line[indent:])
	}
	return strings.TrimRight(strings.Join(out, "\n"), "\n") + "\n"
}

func scalar(s string) *yaml.Node {
	n := &yaml.Node{Kind: yaml.ScalarNode, Value: s}
	if strings.Contains(s, "\n") {
		n.Style = yaml.LiteralStyle
	}
	return n
}

// mask turns a value into YAML; nil for what says nothing.
func mask(v reflect.Value, secret bool) *yaml.Node {
	switch x := v.Interface().(type) {
	case Text:
		if x.Value == "" {
			return nil
		}
		return scalar(x.Value)
	case Duration:
		return scalar(x.String())
	case Rate:
		if x.N == 0 {
			return nil
		}
		return scalar(x.String())
	case Adaptive:
		if x.Off {
			return scalar("off")
		}
	case Entities:
		n := &yaml.Node{Kind: yaml.MappingNode}
		for _, e := range x {
			n.Content = append(n.Content, scalar(e.ID), mask(reflect.ValueOf(e), false))
		}
		return n
	case Block:
		return nil
	}
	switch v.Kind() {
	case reflect.Pointer:
		if v.IsNil() {
			return nil
		}
		return mask(v.Elem(), secret)
	case reflect.Struct:
		return maskStruct(v)
	case reflect.Slice:
		if v.Len() == 0 {
			return nil
		}
		n := &yaml.Node{Kind: yaml.SequenceNode}
		for i := range v.Len() {
			if e := mask(v.Index(i), secret); e != nil {
				n.Content = append(n.Content, e)
			}
		}
		return n
	case reflect.Map:
		if v.Len() == 0 {
			return nil
		}
		n := &yaml.Node{Kind: yaml.MappingNode}
		for it := v.MapRange(); it.Next(); {
			n.Content = append(n.Content, scalar(it.Key().String()), mask(it.Value(), secret))
		}
		return n
	case reflect.String:
		switch {
		case v.String() == "":
			return nil
		case secret:
			return scalar("***")
		}
		if s := v.String(); strings.HasPrefix(s, "http://") || strings.HasPrefix(s, "https://") {
			return scalar(feeds.SafeURL(s))
		}
		return scalar(v.String())
	}
	return &yaml.Node{Kind: yaml.ScalarNode, Value: fmt.Sprint(v.Interface())}
}

func maskStruct(v reflect.Value) *yaml.Node {
	n := &yaml.Node{Kind: yaml.MappingNode}
	for _, f := range reflect.VisibleFields(v.Type()) {
		name, _, _ := strings.Cut(f.Tag.Get("yaml"), ",")
		if name == "" || name == "-" || len(f.Index) > 1 {
			continue
		}
		if c := mask(v.FieldByIndex(f.Index), f.Tag.Get("secret") != ""); c != nil && (c.Kind == yaml.ScalarNode || len(c.Content) > 0) {
			n.Content = append(n.Content, scalar(name), c)
		}
	}
	if b, ok := v.FieldByName("Settings"), true; ok && b.IsValid() {
		n.Content = append(n.Content, b.Interface().(Block).masked()...)
	}
	return n
}

// public are the keys of receivers' own blocks that hold nothing secret; all
// others are masked, as a kind may be newer than this list.
var public = map[string]bool{"channel": true, "from": true, "to": true, "subject": true, "format": true, "host": true, "port": true, "user": true, "priority": true,
	"tags": true, "path": true, "args": true, "chat": true, "chat_id": true, "topic": true, "tls": true, "list_id": true, "title": true}

// masked gives the keys of a block with what may be secret as ***.
func (b Block) masked() []*yaml.Node {
	if b.node == nil {
		return nil
	}
	var out []*yaml.Node
	for _, e := range entries(b.node) {
		out = append(out, scalar(e.key.Value), maskNode(resolve(e.value), public[e.key.Value] || strings.HasSuffix(e.key.Value, "_file")))
	}
	return out
}

func maskNode(n *yaml.Node, open bool) *yaml.Node {
	switch n.Kind {
	case yaml.MappingNode:
		out := &yaml.Node{Kind: yaml.MappingNode}
		for _, e := range entries(n) {
			out.Content = append(out.Content, scalar(e.key.Value), maskNode(resolve(e.value), public[e.key.Value] || strings.HasSuffix(e.key.Value, "_file")))
		}
		return out
	case yaml.SequenceNode:
		out := &yaml.Node{Kind: yaml.SequenceNode}
		for _, c := range n.Content {
			out.Content = append(out.Content, maskNode(resolve(c), open))
		}
		return out
	}
	switch {
	case open:
		return scalar(n.Value)
	case strings.HasPrefix(n.Value, "http://") || strings.HasPrefix(n.Value, "https://"):
		return scalar(hostOnly(n.Value))
	}
	return scalar("***")
}

// hostOnly keeps scheme and host of an address: the path of a webhook is often
// its secret.
func hostOnly(raw string) string {
	scheme, rest, _ := strings.Cut(raw, "://")
	host, _, _ := strings.Cut(rest, "/")
	if i := strings.LastIndexByte(host, '@'); i >= 0 {
		host = host[i+1:]
	}
	return scheme + "://" + host + "/***"
}
