package all

import (
	"bytes"
	"errors"
	"reflect"
	"strings"
	"testing"

	"github.com/google/jsonschema-go/jsonschema"
	"go.yaml.in/yaml/v4"

	"watcher/notify"
	"watcher/notify/notifytest"
)

func decode(text string) func(any) error {
	return func(v any) error {
		d := yaml.NewDecoder(bytes.NewReader([]byte(text)))
		d.KnownFields(true)
		return d.Decode(v)
	}
}

func TestNew(t *testing.T) {
	n, err := New("webhook", "hook", decode("url: https://hooks.example/x\nsecrets: [whsec_MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3]\n"), notifytest.Env())
	if err != nil || n == nil {
		t.Errorf("%v, %v", n, err)
	}
	if _, err := New("webhook", "hook", decode("uri: https://hooks.example/x\n"), notifytest.Env()); err == nil || !strings.Contains(err.Error(), "uri") {
		t.Errorf("an unknown key gave %v", err)
	}
	n, err = New("webhook", "hook", decode("url: \"\"\n"), notifytest.Env())
	var missing *notify.MissingSecret
	if n != nil || !errors.As(err, &missing) {
		t.Errorf("an unset address gave %v, %v", n, err)
	}
	if _, err := New("pigeon", "p", decode("{}"), notifytest.Env()); err == nil || !strings.Contains(err.Error(), "use log, webhook") {
		t.Errorf("an unknown kind gave %v", err)
	}
}

// TestSchemas: each kind's settings have a JSON Schema, for `schema config`,
// and each key says what it is.
func TestSchemas(t *testing.T) {
	for _, k := range Kinds() {
		if _, err := jsonschema.ForType(reflect.TypeOf(k.Settings), nil); err != nil {
			t.Errorf("%s: %v", k.Name, err)
		}
	}
}
