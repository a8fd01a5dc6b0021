package notify

import (
	"reflect"
	"time"

	"github.com/google/jsonschema-go/jsonschema"
)

// JSONSchema gives the JSON Schema of watcher.webhook.v1. Unknown fields are
// allowed everywhere: the form grows.
func JSONSchema() (*jsonschema.Schema, error) {
	text := func(s string) *jsonschema.Schema { return &jsonschema.Schema{Type: "string", Description: s} }
	s, err := jsonschema.For[Message](&jsonschema.ForOptions{TypeSchemas: map[reflect.Type]*jsonschema.Schema{
		reflect.TypeFor[Type]():      text("what the message is about, such as story.new"),
		reflect.TypeFor[Priority]():  {Type: "string", Enum: []any{"low", "normal", "high", "critical"}},
		reflect.TypeFor[time.Time](): {Type: "string", Format: "date-time"},
	}})
	if err != nil {
		return nil, err
	}
	grow(s)
	s.Schema, s.ID, s.Title = "https://json-schema.org/draft/2020-12/schema", "urn:"+Schema, Schema
	s.Description = "What watcher posts to a webhook. Fields are only added; ignore those you do not know."
	one := any(Schema)
	s.Properties["schema"] = &jsonschema.Schema{Const: &one}
	for name, what := range map[string]string{
		"id":        "the same on every try; a repeat has the same id",
		"sequence":  "number of the message about its story, from 1",
		"reason":    "why it was sent: new, publishers_reached_6, new_figures …",
		"held":      "what kept it back on purpose: quiet hours, a silence, a budget; absent where nothing did",
		"late":      "sent more than an hour after it was due",
		"test":      "a sample that somebody asked for; nothing happened",
		"replay_of": "id of the message that this one repeats on request, or null",
		"topics":    "ids of all topics that the story hit",
		"truncated": "how much was left out to stay under 20 KB",
	} {
		s.Properties[name].Description = what
	}
	return s, nil
}

// grow allows unknown fields in s and below it.
func grow(s *jsonschema.Schema) {
	if s == nil {
		return
	}
	if s.Properties != nil {
		s.AdditionalProperties = nil
	}
	for _, p := range s.Properties {
		grow(p)
	}
	grow(s.Items)
}
