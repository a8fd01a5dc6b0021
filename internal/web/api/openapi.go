package api

import (
	"encoding/json"
	"fmt"
	"maps"
	"reflect"
	"regexp"
	"slices"
	"strings"

	"github.com/google/jsonschema-go/jsonschema"
)

// The parts of an OpenAPI 3.1 document that the table fills.
type (
	document struct {
		OpenAPI    string                          `json:"openapi"`
		Info       map[string]string               `json:"info"`
		Servers    []map[string]string             `json:"servers"`
		Security   []map[string][]string           `json:"security"`
		Paths      map[string]map[string]operation `json:"paths"`
		Components components                      `json:"components"`
	}
	components struct {
		Schemas         map[string]*jsonschema.Schema `json:"schemas"`
		SecuritySchemes map[string]map[string]string  `json:"securitySchemes"`
	}
	operation struct {
		ID         string            `json:"operationId"`
		Summary    string            `json:"summary"`
		Parameters []parameter       `json:"parameters,omitempty"`
		Body       *content          `json:"requestBody,omitempty"`
		Responses  map[string]answer `json:"responses"`
	}
	parameter struct {
		Name        string            `json:"name"`
		In          string            `json:"in"`
		Description string            `json:"description,omitempty"`
		Required    bool              `json:"required"`
		Schema      map[string]string `json:"schema"`
	}
	content struct {
		Required bool             `json:"required,omitempty"`
		Content  map[string]media `json:"content"`
	}
	answer struct {
		Description string           `json:"description"`
		Content     map[string]media `json:"content"`
	}
	media struct {
		Schema map[string]string `json:"schema"`
	}
)

var inPath = regexp.MustCompile(`\{(\w+)\}`)

// openAPI draws the document from the table.
func openAPI(rs []route, version string) ([]byte, error) {
	doc := document{OpenAPI: "3.1.0", Info: map[string]string{"title": "watcher", "version": version, "description": "What watcher has found, told and been told, and what may be done about it. Text from feeds is plain text. Times are RFC 3339 in UTC."},
		Servers: []map[string]string{{"url": Base}}, Security: []map[string][]string{{"token": {}}, {"session": {}}, {}},
		Paths: map[string]map[string]operation{}, Components: components{Schemas: map[string]*jsonschema.Schema{}, SecuritySchemes: map[string]map[string]string{
			"token":   {"type": "http", "scheme": "bearer", "description": "server.auth.token_file, or the token of the run file on the same machine"},
			"session": {"type": "apiKey", "in": "cookie", "name": "watcher_session"},
		}}}
	names := map[reflect.Type]string{}
	schema := func(v any) (media, error) {
		t := reflect.TypeOf(v)
		if names[t] == "" {
			s, err := schemaOf(t)
			if err != nil {
				return media{}, fmt.Errorf("schema of %s: %w", t, err)
			}
			names[t] = t.Name()
			doc.Components.Schemas[t.Name()] = s
		}
		return media{map[string]string{"$ref": "#/components/schemas/" + names[t]}}, nil
	}
	problem, err := schema(Problem{})
	if err != nil {
		return nil, err
	}
	for _, r := range rs {
		op := operation{ID: operationID(r), Summary: r.summary, Responses: map[string]answer{"default": {"what went wrong", map[string]media{"application/json": problem}}}}
		for _, m := range inPath.FindAllStringSubmatch(r.path, -1) {
			op.Parameters = append(op.Parameters, parameter{m[1], "path", "", true, map[string]string{"type": "string"}})
		}
		for _, p := range r.params {
			op.Parameters = append(op.Parameters, parameter{p.name, "query", p.about, false, map[string]string{"type": "string"}})
		}
		reply, err := schema(r.reply)
		if err != nil {
			return nil, err
		}
		op.Responses["200"] = answer{r.summary, map[string]media{"application/json": reply}}
		if r.body != nil {
			body, err := schema(r.body)
			if err != nil {
				return nil, err
			}
			op.Body = &content{true, map[string]media{"application/json": body}}
		}
		if doc.Paths[r.path] == nil {
			doc.Paths[r.path] = map[string]operation{}
		}
		doc.Paths[r.path][strings.ToLower(r.method)] = op
	}
	return json.Marshal(doc)
}

// schemaOf infers a type's schema. Answers may grow, so unknown properties are
// allowed everywhere but in what is sent here.
func schemaOf(t reflect.Type) (*jsonschema.Schema, error) {
	s, err := jsonschema.ForType(t, &jsonschema.ForOptions{TypeSchemas: map[reflect.Type]*jsonschema.Schema{
		reflect.TypeFor[json.RawMessage](): {},
	}})
	if err == nil && !strings.HasSuffix(t.Name(), "Body") && !strings.HasPrefix(t.Name(), "New") {
		open(s)
	}
	return s, err
}

func open(s *jsonschema.Schema) {
	if s == nil {
		return
	}
	if len(s.Properties) > 0 {
		s.AdditionalProperties = nil
	}
	for _, k := range slices.Sorted(maps.Keys(s.Properties)) {
		open(s.Properties[k])
	}
	open(s.Items)
	open(s.AdditionalProperties)
}

// operationID names an operation after its method and path: get_feeds_id.
func operationID(r route) string {
	return strings.ToLower(r.method) + strings.NewReplacer("/", "_", "{", "", "}", "").Replace(r.path)
}
