package notify_test

import (
	"encoding/json"
	"testing"

	"watcher/notify"
	"watcher/notify/notifytest"
)

func TestSchema(t *testing.T) {
	s, err := notify.JSONSchema()
	if err != nil {
		t.Fatal(err)
	}
	r, err := s.Resolve(nil)
	if err != nil {
		t.Fatal(err)
	}
	all := notifytest.Hard()
	for _, m := range notify.Samples(notifytest.Now) {
		all[string(m.Type)] = m
	}
	for name, m := range all {
		data, err := m.EncodeWithin(20_000)
		if err != nil {
			t.Fatal(err)
		}
		var v map[string]any
		if err := json.Unmarshal(data, &v); err != nil {
			t.Fatal(err)
		}
		v["a_field_of_a_later_version"] = 1
		if err := r.Validate(v); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		v["sequence"] = "one"
		if r.Validate(v) == nil {
			t.Errorf("%s: a sequence that is no number is valid", name)
		}
	}
}
