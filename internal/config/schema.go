package config

import (
	"encoding/json"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"time"

	"github.com/google/jsonschema-go/jsonschema"
)

// Kind is a kind of receiver, for the schema: its name and its settings.
type Kind struct {
	Name     string
	Settings any
}

// Schema gives the JSON Schema of the file, for editors that complete and
// check while one writes. It is drawn from the same structs, tags and defaults
// that the file is read with.
func Schema(kinds []Kind) *jsonschema.Schema {
	root := reflect.ValueOf(Default())
	s := object(root)
	s.Schema, s.Title = "https://json-schema.org/draft/2020-12/schema", "watcher config.yaml"
	receivers := s.Properties["receivers"].Items
	one := &jsonschema.Schema{Description: receivers.Description}
	for _, k := range kinds {
		r := receivers.CloneSchemas()
		for name, p := range object(reflect.New(reflect.TypeOf(k.Settings)).Elem()).Properties {
			r.Properties[name] = p
		}
		kind := any(k.Name)
		r.Properties["type"] = &jsonschema.Schema{Const: &kind}
		one.OneOf = append(one.OneOf, r)
	}
	s.Properties["receivers"].Items = one
	return s
}

// object is the schema of a struct whose value holds the defaults.
func object(v reflect.Value) *jsonschema.Schema {
	s := &jsonschema.Schema{Type: "object", Properties: map[string]*jsonschema.Schema{}, AdditionalProperties: &jsonschema.Schema{Not: &jsonschema.Schema{}}}
	for name, f := range fieldsOf(v.Type()) {
		p := schemaOf(v.FieldByIndex(f.Index))
		p.Description = f.Tag.Get("doc")
		if p.Description == "" {
			p.Description = f.Tag.Get("jsonschema") // of a receiver's own keys
		}
		if enum := f.Tag.Get("enum"); enum != "" {
			p.Types, p.Type = nil, "string"
			for _, e := range strings.Split(enum, ",") {
				p.Enum = append(p.Enum, e)
			}
		}
		s.Properties[name] = p
		if f.Tag.Get("secret") != "" && p.Type != "object" {
			s.Properties[name+"_file"] = &jsonschema.Schema{Type: "string", Description: "a file that holds " + name}
		}
		if f.Tag.Get("need") != "" {
			s.Required = append(s.Required, name)
		}
	}
	slices.Sort(s.Required)
	return s
}

// schemaOf is the schema of a value of the file; a scalar that is set is the default.
func schemaOf(v reflect.Value) *jsonschema.Schema {
	duration := func(d string) *jsonschema.Schema {
		return withDefault(&jsonschema.Schema{Types: []string{"string", "integer"}, Pattern: `^\$\{|^[0-9.]+([dwy]|(ns|us|ms|s|m|h)([0-9.]+(ns|us|ms|s|m|h))*)?$`}, d)
	}
	switch x := v.Interface().(type) {
	case Text:
		return withDefault(scalarSchema(), x.Value)
	case Duration:
		if x == 0 {
			return duration("")
		}
		return duration(x.String())
	case time.Duration:
		return duration("")
	case Rate:
		return &jsonschema.Schema{Type: "string", Pattern: "^[0-9]+ */ *[mhd]$"}
	case Entities:
		words := &jsonschema.Schema{Type: "array", Items: scalarSchema()}
		e := Entity{}
		defaults(&e)
		return &jsonschema.Schema{Type: "object", AdditionalProperties: &jsonschema.Schema{AnyOf: []*jsonschema.Schema{words, object(reflect.ValueOf(&e).Elem())}}}
	case Adaptive:
		off := object(v)
		return &jsonschema.Schema{AnyOf: []*jsonschema.Schema{off, {Enum: []any{"off", false}}}}
	case UpdateWhen:
		o := object(reflect.New(v.Type()).Elem())
		for _, p := range o.Properties { // {new_kind} alone says yes
			if p.Type == "boolean" {
				p.Type, p.Types = "", []string{"boolean", "null"}
			}
		}
		return &jsonschema.Schema{AnyOf: []*jsonschema.Schema{o, {Type: "array", Items: &jsonschema.Schema{AnyOf: []*jsonschema.Schema{{Type: "string"}, o.CloneSchemas()}}}}}
	}
	switch v.Kind() {
	case reflect.Pointer:
		e := reflect.New(v.Type().Elem())
		defaults(e.Interface())
		return schemaOf(e.Elem())
	case reflect.Struct:
		return object(v)
	case reflect.Slice:
		e := reflect.New(v.Type().Elem())
		defaults(e.Interface())
		items := schemaOf(e.Elem())
		list := &jsonschema.Schema{Type: "array", Items: items}
		if items.Type == "object" || len(items.OneOf) > 0 {
			return list
		}
		return &jsonschema.Schema{AnyOf: []*jsonschema.Schema{list, items.CloneSchemas()}} // one value stands for a list of one
	case reflect.Map:
		return &jsonschema.Schema{Type: "object", AdditionalProperties: schemaOf(reflect.New(v.Type().Elem()).Elem())}
	case reflect.Bool:
		return &jsonschema.Schema{Type: "boolean", Default: raw(v.Bool())}
	case reflect.Int, reflect.Int64:
		s := &jsonschema.Schema{Type: "integer"}
		if v.Int() != 0 {
			s.Default = raw(v.Int())
		}
		return s
	case reflect.Float64:
		return &jsonschema.Schema{Type: "number"}
	case reflect.String:
		return withDefault(scalarSchema(), v.String())
	}
	return &jsonschema.Schema{}
}

// scalarSchema is any scalar: YAML reads 5 and yes as no text, the file's reader does.
func scalarSchema() *jsonschema.Schema {
	return &jsonschema.Schema{Types: []string{"string", "number", "boolean"}}
}

func withDefault(s *jsonschema.Schema, text string) *jsonschema.Schema {
	if text != "" {
		s.Default = raw(text)
	}
	return s
}

func raw(v any) json.RawMessage {
	data, err := json.Marshal(v)
	if err != nil {
		panic(fmt.Sprintf("a scalar that JSON cannot hold: %v", err)) // numbers, strings and booleans only
	}
	return data
}
