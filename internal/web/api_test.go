package web

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/google/jsonschema-go/jsonschema"
)

// call asks the API and gives the answer as the standard decoder sees it.
func call(t *testing.T, s *httptest.Server, method, path, body string, header ...string) (int, any) {
	t.Helper()
	req, err := http.NewRequest(method, s.URL+path, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	for i := 0; i+1 < len(header); i += 2 {
		req.Header.Set(header[i], header[i+1])
	}
	res, err := s.Client().Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	data, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	if ct := res.Header.Get("Content-Type"); ct != "application/json" || res.Header.Get("Content-Security-Policy") != csp {
		t.Errorf("%s %s: %s, policy %q", method, path, ct, res.Header.Get("Content-Security-Policy"))
	}
	if strings.Contains(string(data), `"0001-01-01T`) {
		t.Errorf("%s %s: a time that is not known stands as the year 1:\n%s", method, path, data)
	}
	var out any
	if err := json.Unmarshal(data, &out); err != nil {
		t.Fatalf("%s %s: %v\n%s", method, path, err, data)
	}
	return res.StatusCode, out
}

// examples holds one call of every operation, with what fills its path and body.
var examples = map[string]struct{ path, body string }{
	"GET /status":                       {},
	"POST /reload":                      {},
	"GET /topics":                       {},
	"POST /topics/{id}/explain":         {"/topics/strait-talks/explain", `{"item":"a_1"}`},
	"POST /try":                         {"", `{"rule":"strait","title":"The strait is calm"}`},
	"POST /backtest":                    {"", `{"topic":"strait-talks"}`},
	"GET /stories":                      {"/stories?topic=strait-talks&limit=2", ""},
	"GET /stories/{id}":                 {"/stories/st_talks", ""},
	"POST /stories/{id}/split":          {"/stories/st_ferry/split", `{"items":["a_8"]}`},
	"POST /stories/{id}/merge":          {"/stories/st_talks/merge", `{"from":"st_rtl"}`},
	"POST /stories/{id}/mute":           {"/stories/st_talks/mute", ""},
	"POST /stories/{id}/unmute":         {"/stories/st_talks/unmute", ""},
	"POST /stories/{id}/marks":          {"/stories/st_talks/marks", `{"kind":"note","text":"ring the port"}`},
	"DELETE /stories/{id}/marks/{kind}": {"/stories/st_ferry/marks/starred", ""},
	"GET /marks":                        {},
	"GET /search":                       {"/search?q=strait", ""},
	"GET /items":                        {"/items?story=st_talks", ""},
	"GET /items/{id}":                   {"/items/a_1", ""},
	"GET /feeds":                        {"/feeds?limit=3", ""},
	"POST /feeds":                       {"", `{"url":"https://new.example/rss","name":"New"}`},
	"GET /feeds/{id}":                   {"/feeds/state", ""},
	"DELETE /feeds/{id}":                {"/feeds/added", ""},
	"POST /feeds/{id}/poll":             {"/feeds/tide/poll", ""},
	"POST /feeds/{id}/pause":            {"/feeds/beacon/pause", ""},
	"POST /feeds/{id}/resume":           {"/feeds/beacon/resume", ""},
	"GET /deliveries":                   {"/deliveries?state=dead,held", ""},
	"GET /deliveries/{id}":              {"/deliveries/msg_dead", ""},
	"POST /deliveries/{id}/resend":      {"/deliveries/msg_dead/resend", ""},
	"POST /deliveries/{id}/replay":      {"/deliveries/msg_ok/replay", ""},
	"POST /deliveries/{id}/drop":        {"/deliveries/msg_held/drop", ""},
	"GET /receivers":                    {},
	"POST /receivers/{id}/enable":       {"/receivers/mail/enable", ""},
	"POST /receivers/{id}/pause":        {"/receivers/desk/pause", ""},
	"POST /receivers/{id}/resume":       {"/receivers/desk/resume", ""},
	"GET /silences":                     {"/silences?ended=1", ""},
	"POST /silences":                    {"", `{"topics":["strait-talks"],"for":"3d","reason":"summit"}`},
	"POST /silences/{id}/end":           {"/silences/1/end", ""},
	"GET /digests":                      {"/digests?id=morning", ""},
	"GET /digests/{id}/{date}":          {"/digests/morning/2026-02-07", ""},
	"POST /digests/{id}/{date}/send":    {"/digests/morning/2026-02-07/send", ""},
	"GET /events":                       {},
}

// Every operation that the OpenAPI document names answers, and with what the
// document promises; none answers that it does not name.
func TestOpenAPI(t *testing.T) {
	s := newWorld(t).serve(t)
	code, raw := call(t, s, "GET", "/api/v1/openapi.json", "")
	spec := raw.(map[string]any)
	if code != 200 || spec["openapi"] != "3.1.0" {
		t.Fatalf("%d %v", code, spec["openapi"])
	}
	schemas := spec["components"].(map[string]any)["schemas"].(map[string]any)
	left := map[string]bool{}
	for k := range examples {
		left[k] = true
	}
	for _, methods := range [][]string{{"GET", "POST"}, {"DELETE"}} { // what is deleted must have been made
		for path, ops := range spec["paths"].(map[string]any) {
			for _, m := range methods {
				op, ok := ops.(map[string]any)[strings.ToLower(m)]
				if !ok {
					continue
				}
				key := m + " " + path
				ex, ok := examples[key]
				if !ok {
					t.Errorf("%s is in the document and has no example here", key)
					continue
				}
				delete(left, key)
				if ex.path == "" {
					ex.path = path
				}
				code, out := call(t, s, m, "/api/v1"+ex.path, ex.body)
				if code != 200 {
					t.Errorf("%s: %d %v", key, code, out)
					continue
				}
				ref := op.(map[string]any)["responses"].(map[string]any)["200"].(map[string]any)["content"].(map[string]any)["application/json"].(map[string]any)["schema"].(map[string]any)["$ref"].(string)
				validate(t, key, schemas[strings.TrimPrefix(ref, "#/components/schemas/")], out)
			}
		}
	}
	for k := range left {
		t.Errorf("%s answers and is not in the document", k)
	}
}

func validate(t *testing.T, key string, schema, value any) {
	t.Helper()
	data, err := json.Marshal(schema)
	if err != nil {
		t.Fatal(err)
	}
	var s jsonschema.Schema
	if err := json.NewDecoder(bytes.NewReader(data)).Decode(&s); err != nil {
		t.Fatalf("%s: %v", key, err)
	}
	r, err := s.Resolve(nil)
	if err != nil {
		t.Fatalf("%s: %v", key, err)
	}
	if err := r.Validate(value); err != nil {
		t.Errorf("%s: %v", key, err)
	}
}

func TestAPIMistakes(t *testing.T) {
	s := newWorld(t).serve(t)
	for _, c := range []struct {
		method, path, body string
		code               int
		want               string
	}{
		{"GET", "/stories/st_nowhere", "", 404, "not found"},
		{"GET", "/nowhere", "", 404, "no such operation"},
		{"PUT", "/feeds", "", 404, "no such operation"},
		{"GET", "/stories?limit=many", "", 422, "limit"},
		{"GET", "/stories?from=yesterday", "", 422, "no time"},
		{"GET", "/items?before=7", "", 422, "no item id"},
		{"GET", "/search", "", 422, "q is empty"},
		{"GET", "/stories?limt=3", "", 422, `unknown parameter "limt": this operation takes topic, from, to, before, limit`},
		{"GET", "/stories?before=lately", "", 422, "no time"},
		{"GET", "/status?verbose=1", "", 422, "takes none"},
		{"GET", "/feeds/nowhere", "", 404, "GET /api/v1/feeds lists what there is"},
		{"POST", "/silences", `{"topics":["x"],"reason":"y"}`, 422, "needs an end"},
		{"POST", "/silences", `{"topics":["x"],"reason":"y","for":"soon"}`, 422, "no length of time"},
		{"POST", "/silences", `{"topic":"x"}`, 422, "unknown field"},
		{"POST", "/silences", `{`, 422, "not what this operation takes"},
		{"POST", "/stories/st_talks/split", `{"items":["1"]}`, 422, "no item id"},
		{"POST", "/stories/st_talks/split", `{"items":["a_zzz"]}`, 422, "none of these"},
		{"POST", "/stories/st_talks/merge", `{"from":"st_talks"}`, 422, "one story already"},
		{"POST", "/silences/99/end", "", 404, "not found"},
		{"GET", "/digests/morning/1999-01-01", "", 404, "not found"},
	} {
		code, out := call(t, s, c.method, "/api/v1"+c.path, c.body)
		text, _ := out.(map[string]any)["error"].(string)
		if code != c.code || !strings.Contains(text, c.want) {
			t.Errorf("%s %s: %d %q, want %d with %q", c.method, c.path, code, text, c.code, c.want)
		}
	}
}

func TestStatusAsJSON(t *testing.T) {
	s := newWorld(t).serve(t)
	for _, c := range [][]string{{"/status?format=json"}, {"/status", "Accept", "application/json"}} {
		code, out := call(t, s, "GET", c[0], "", c[1:]...)
		if code != 200 || out.(map[string]any)["state"] != "degraded" {
			t.Errorf("%v: %d %v", c, code, out)
		}
	}
}
