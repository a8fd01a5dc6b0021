package demo

import (
	"context"
	"io"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// TestDay: every entry has its outlet, the day moves forward, and all of it is
// published by the evening.
func TestDay(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		for _, e := range slices.Concat(before, day) {
			if !slices.ContainsFunc(outlets, func(o outlet) bool { return o.id == e.outlet }) {
				t.Errorf("%q: no outlet %q", e.title, e.outlet)
			}
		}
		d := New()
		last := d.Now()
		n := 0
		if err := d.Play(context.Background(), time.Second, func() {
			n++
			if now := d.Now(); !now.After(last) {
				t.Errorf("the clock went from %s to %s", last, now)
			} else {
				last = now
			}
		}); err != nil {
			t.Fatal(err)
		}
		if n != len(day)+1 || last.In(muscat).Format("15:04") != Evening {
			t.Errorf("%d jumps, the last to %s", n, last.In(muscat))
		}
		items := 0
		for _, o := range outlets {
			items += strings.Count(get(t, d, "/"+o.id+"/feed.xml"), "<item>")
		}
		if want := len(before) + len(day); items != want {
			t.Errorf("%d items published, want %d", items, want)
		}
		if page := get(t, d, "/courier/6"); !strings.Contains(page, day[0].title) {
			t.Errorf("the first article reads %s", page)
		}
	})
}

func TestPlayEnds(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if err := New().Play(ctx, time.Hour, func() { t.Error("the clock jumped") }); err != context.Canceled {
		t.Errorf("got %v", err)
	}
}

func TestNotFound(t *testing.T) {
	for _, path := range []string{"/", "/nobody/feed.xml", "/courier/99", "/courier/x", "/ledger/0"} {
		w := httptest.NewRecorder()
		New().ServeHTTP(w, httptest.NewRequest("GET", path, nil))
		if w.Code != 404 {
			t.Errorf("%s: %d", path, w.Code)
		}
	}
}

func get(t *testing.T, d *Day, path string) string {
	t.Helper()
	w := httptest.NewRecorder()
	d.ServeHTTP(w, httptest.NewRequest("GET", path, nil))
	body, _ := io.ReadAll(w.Body)
	if w.Code != 200 {
		t.Fatalf("%s: %d %s", path, w.Code, body)
	}
	return string(body)
}
