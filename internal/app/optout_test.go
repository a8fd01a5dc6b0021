package app

import (
	"errors"
	"strings"
	"testing"
	"time"

	"watcher/internal/store"
)

// TestOptOut: a link leaves for its own receiver and address alone, whatever is
// done to it, and only in the store that made it.
func TestOptOut(t *testing.T) {
	s, ctx := outboxStore(t), t.Context()
	public := "https://w.example/"
	of := func(s store.Store) optOuts {
		return optOuts{s: s, public: func() string { return public }, now: time.Now}
	}
	o := of(s)
	link, err := o.link(ctx, "mail", "desk+news@example.org")
	if err != nil {
		t.Fatal(err)
	}
	token, ok := strings.CutPrefix(link, "https://w.example/unsubscribe/")
	if !ok {
		t.Fatal(link)
	}
	if again, err := of(s).link(ctx, "mail", "desk+news@example.org"); err != nil || again != link {
		t.Errorf("a link of another process: %s, %v", again, err)
	}
	for i := range token {
		bad := token[:i] + string(token[i]^1) + token[i+1:]
		if r, a, err := o.Who(ctx, bad); err == nil && (r != "mail" || a != "desk+news@example.org") {
			t.Errorf("%s is of %s, %s", bad, r, a)
		}
	}
	if err := of(outboxStore(t)).Leave(ctx, token); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("another store takes it: %v", err)
	}
	for range 2 {
		if err := o.Leave(ctx, token); err != nil {
			t.Fatal(err)
		}
	}
	left, err := o.left(ctx, "mail")
	if err != nil || strings.Join(left, " ") != "desk+news@example.org" {
		t.Errorf("left %v, %v", left, err)
	}
	if left, _ := o.left(ctx, "other"); len(left) != 0 {
		t.Errorf("left another receiver: %v", left)
	}
	if err := TakeBack(ctx, s, "mail", "nobody@example.org"); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("taken back without having left: %v", err)
	}
	if err := TakeBack(ctx, s, "mail", "Desk+News@example.org"); err != nil {
		t.Error(err)
	}
	if left, _ := o.left(ctx, "mail"); len(left) != 0 {
		t.Errorf("still left: %v", left)
	}
	err = s.View(ctx, func(r store.Reader) error {
		rs, err := r.Receivers(ctx)
		if len(rs) != 1 || rs[0].ID != "mail" {
			t.Errorf("receivers %+v, want mail alone", rs)
		}
		return err
	})
	if err != nil {
		t.Error(err)
	}
	public = ""
	if link, err := o.link(ctx, "mail", "desk@example.org"); link != "" || err != nil {
		t.Errorf("a link without pages: %q, %v", link, err)
	}
}
