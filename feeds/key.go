package feeds

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"strings"
	"time"

	"golang.org/x/text/unicode/norm"
)

// Key identifies an item within its feed: 16 bytes of a SHA-256.
type Key [16]byte

// String gives the key in hexadecimal.
func (k Key) String() string { return hex.EncodeToString(k[:]) }

// IsZero tells a key that was never set.
func (k Key) IsZero() bool { return k == Key{} }

func hashKey(parts ...string) Key {
	h := sha256.New()
	for _, p := range parts {
		fmt.Fprintf(h, "%d:%s", len(p), p)
	}
	var k Key
	copy(k[:], h.Sum(nil))
	return k
}

// Normalize gives an item its canonical form: trimmed fields in Unicode NFC,
// times in UTC, the canonical link and the keys. Doing it twice is the same as
// doing it once. Identity never rests on a date where the item has an id or a
// link: servers re-date their items.
func Normalize(it *Item) {
	it.GUID = strings.TrimSpace(it.GUID)
	it.Link = strings.TrimSpace(it.Link)
	it.Title = OneLine(norm.NFC.String(it.Title))
	it.Source = OneLine(norm.NFC.String(it.Source))
	it.Lang = strings.ToLower(strings.ReplaceAll(strings.TrimSpace(it.Lang), "_", "-"))
	it.Published = utc(it.Published)
	it.Updated = utc(it.Updated)
	it.Canonical = CanonicalLink(it.Link)
	switch {
	case it.GUID != "":
		it.Key = hashKey("guid", it.GUID)
		if c := CanonicalLink(it.GUID); c != "" {
			// A fragment stays: some publishers count the editions of an article there.
			_, edition, _ := strings.Cut(it.GUID, "#")
			it.AltKey = hashKey("link", c, edition)
		} else {
			it.AltKey = hashKey("guid", it.GUID)
		}
	case it.Link != "":
		it.Key = hashKey("link", it.Link)
		it.AltKey = hashKey("link", it.Canonical, "")
	default:
		it.Key = hashKey("text", it.Title, it.Published.Format(time.RFC3339))
		it.AltKey = it.Key
	}
}

// TrustLink keys an item by link and title in place of its id, for feeds whose
// ids name several articles or change from poll to poll.
func TrustLink(it *Item) {
	it.Key = hashKey("link+title", it.Canonical, it.Title)
	it.AltKey = it.Key
}

func utc(t time.Time) time.Time {
	if t.IsZero() {
		return time.Time{}
	}
	return t.UTC()
}

// ContentHash identifies what an item says, whatever its address and dates:
// the same hash means that nothing a reader sees was edited.
func (it Item) ContentHash() Key {
	return hashKey(it.Title, PlainText(it.Summary), PlainText(it.Content))
}
