// Package storetest proves that a store does what store.Store promises: the
// same cases for every database.
package storetest

import (
	"errors"
	"fmt"
	"hash/crc32"
	"testing"
	"time"

	"watcher/feeds"
	"watcher/internal/store"
	"watcher/notify"
)

// Opener opens the store of a test; opening again gives the same data.
type Opener func(t *testing.T) store.Store

// Run proves a store. fresh gives, for one test, an opener of an empty store.
func Run(t *testing.T, fresh func(t *testing.T) Opener) {
	for name, test := range map[string]func(t *testing.T, open Opener){
		"feeds": testFeeds, "sync feeds": testSyncFeeds, "due feeds": testDueFeeds, "state": testState, "states": testStates, "hosts": testHosts, "owner": testOwner,
		"items": testItems, "known": testKnown, "stand": testStand, "placed": testPlaced, "revise": testRevise, "hits": testHits, "search": testSearch,
		"stories": testStories, "group records": testGroupRecords, "story hours": testStoryHours,
		"deliveries": testDeliveries, "due deliveries": testDueDeliveries, "sending": testSending, "claims": testClaims, "places": testPlaces, "receivers": testReceivers,
		"digests": testDigests, "marks": testMarks, "events": testEvents, "named": testNamed,
		"prune": testPrune, "rollback": testRollback, "reopen": testReopen, "writers": testWriters, "readers": testReaders,
		"one key twice": testOneKeyTwice, "cancel": testCancel, "stats": testStats, "odd texts": testOddTexts,
	} {
		t.Run(name, func(t *testing.T) { test(t, fresh(t)) })
	}
}

// T0 is when the tests play.
var T0 = time.Date(2026, 3, 2, 10, 30, 0, 0, time.UTC)

func update(t *testing.T, s store.Store, fn func(tx store.Tx) error) {
	t.Helper()
	if err := s.Update(t.Context(), fn); err != nil {
		t.Fatal(err)
	}
}

func view(t *testing.T, s store.Store, fn func(r store.Reader) error) {
	t.Helper()
	if err := s.View(t.Context(), fn); err != nil {
		t.Fatal(err)
	}
}

// Feed makes a feed that a file would configure.
func Feed(id string) feeds.Feed {
	return feeds.Feed{ID: id, URL: "https://" + id + ".example/rss", Name: "The " + id, Publisher: "pub-" + id, Kind: feeds.Independent, Tags: []string{"world", id},
		Schedule: "*/10 * * * *", AdaptiveMin: 5 * time.Minute, Headers: map[string]string{"X-A": "b"}, Notify: true}
}

// Item makes an item of a feed.
func Item(feed, guid, title string, seen time.Time) *store.Item {
	it := &store.Item{Item: feeds.Item{Feed: feed, GUID: guid, Link: "https://" + feed + ".example/" + guid + "?utm_source=rss", Title: title,
		Summary: "<p>What <b>happened</b> " + guid + "</p>", Lang: "en", Source: "The " + feed, Authors: []feeds.Author{{Name: "A. Writer"}},
		Categories: []string{"World"}, Published: seen.Add(-time.Minute), RawHash: 1<<63 | uint64(crc32.ChecksumIEEE([]byte(guid)))},
		FirstSeen: seen, Publisher: "pub-" + feed, FeedKind: feeds.Public}
	feeds.Normalize(&it.Item)
	it.ContentHash = it.Item.ContentHash()
	return it
}

// Delivery makes a pending delivery.
func Delivery(id, receiver, subject string, sequence int, next time.Time) notify.Delivery {
	return notify.Delivery{ID: id, Receiver: receiver, Type: notify.StoryNew, Subject: subject, Topic: "talks", Topics: []string{"talks", "oman"}, Sequence: sequence,
		Reason: "new", Priority: notify.High, State: notify.Pending, Created: T0, NextAt: next, Expires: T0.Add(24 * time.Hour)}
}

func insert(t *testing.T, s store.Store, its ...*store.Item) {
	t.Helper()
	update(t, s, func(tx store.Tx) error { return tx.InsertItems(t.Context(), its) })
}

func equal[T any](t *testing.T, what string, got, want T) {
	t.Helper()
	if g, w := fmt.Sprintf("%+v", got), fmt.Sprintf("%+v", want); g != w {
		t.Errorf("%s:\n got %s\nwant %s", what, g, w)
	}
}

func wantErr(t *testing.T, what string, err, want error) {
	t.Helper()
	if !errors.Is(err, want) {
		t.Errorf("%s: got error %v, want %v", what, err, want)
	}
}

func titles(its []store.Item) []string {
	out := []string{}
	for _, it := range its {
		out = append(out, it.Title)
	}
	return out
}
