// Package websub has feeds pushed by their hubs (WebSub): it asks a hub for a
// subscription, answers when the hub makes sure of it, renews it in time, and
// takes what the hub pushes after checking who signed it. Polling goes on
// beside it (feeds/pace): hubs die without a word. Where a feed is kept, and
// what becomes of a document, is the caller's part.
package websub

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"fmt"
	"net/url"
	"strconv"
	"strings"
	"time"

	"watcher/feeds"
)

const (
	// Path is where callbacks arrive, under the server's public address; the
	// feed's token follows.
	Path = "/websub/"

	maxLease   = 14 * 24 * time.Hour
	retryAfter = 6 * time.Hour // a hub that did not answer is asked again
	misses     = 3             // entries that polling found first: the hub is given up
)

// Poster sends a form: fetch.Client.
type Poster interface {
	Post(ctx context.Context, f feeds.Feed, address string, form url.Values) (status int, answer string, err error)
}

// Due tells whether a subscription should be asked for, or renewed: at four
// fifths of its lease.
func Due(f feeds.Feed, st feeds.State, now time.Time) bool {
	switch {
	case !f.WebSub || f.Paused || f.Removed || st.Hub == "" || st.Phase != feeds.Active || st.HubMisses >= misses:
		return false
	case !st.HubTried.IsZero() && now.Sub(st.HubTried) < retryAfter:
		return false
	case !st.LeaseUntil.After(now):
		return true
	}
	return now.Sub(st.LeaseFrom) >= st.LeaseUntil.Sub(st.LeaseFrom)*4/5
}

// Prepare gives the state to save before asking: a hub may call back before
// it has answered. Token and secret stay over renewals.
func Prepare(st feeds.State, now time.Time) feeds.State {
	if st.HubToken == "" || st.HubSecret == "" {
		st.HubToken, st.HubSecret = random(), random()
	}
	st.HubTried = now
	return st
}

func random() string {
	b := make([]byte, 20)
	_, _ = rand.Read(b) // never fails
	return hex.EncodeToString(b)
}

// Subscribe asks the hub of a prepared state for a subscription. public is the
// server's public address. No error means that the hub will call back.
func Subscribe(ctx context.Context, p Poster, f feeds.Feed, st feeds.State, public string) error {
	form := url.Values{
		"hub.mode":          {"subscribe"},
		"hub.topic":         {st.HubTopic},
		"hub.callback":      {strings.TrimRight(public, "/") + Path + st.HubToken},
		"hub.secret":        {st.HubSecret},
		"hub.lease_seconds": {strconv.Itoa(int(maxLease.Seconds()))},
	}
	status, answer, err := p.Post(ctx, f, st.Hub, form)
	if err != nil {
		return fmt.Errorf("subscribe feed %s: %w", f.ID, err)
	}
	if status < 200 || status > 299 {
		return fmt.Errorf("subscribe feed %s: its hub says HTTP %d: %s", f.ID, status, feeds.Clip(feeds.OneLine(answer), 200))
	}
	return nil
}

// Confirm gives the state of a feed whose hub asks whether it is really us who
// want topic for lease. ok is false for what we did not ask.
func Confirm(f feeds.Feed, st feeds.State, mode, topic string, lease time.Duration, now time.Time) (next feeds.State, ok bool) {
	wanted := f.WebSub && !f.Removed && !f.Paused
	switch {
	case topic != st.HubTopic || st.HubToken == "":
		return st, false
	case mode == "unsubscribe" && !wanted:
		st.LeaseFrom, st.LeaseUntil = time.Time{}, time.Time{}
		return st, true
	case mode != "subscribe" || !wanted || st.HubTried.IsZero():
		return st, false
	}
	if lease <= 0 || lease > maxLease {
		lease = maxLease
	}
	st.LeaseFrom, st.LeaseUntil, st.HubMisses = now, now.Add(lease), 0
	return st, true
}

// Deny gives the state of a feed whose hub will not, or will no longer, push.
func Deny(st feeds.State, now time.Time) feeds.State {
	st.LeaseFrom, st.LeaseUntil, st.HubTried = time.Time{}, time.Time{}, now
	return st
}
