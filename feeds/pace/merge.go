package pace

import (
	"strings"
	"time"

	"watcher/feeds"
)

const (
	polledThere = "; it is polled there from now on, put the new address into the configuration"
	mergedCheck = time.Hour
)

// Merge puts a feed to rest whose learnt address is polled as the feed holder
// already. What it brought stays. Each hour it is to be asked whether the holder
// is still there: until then nobody polls the address of one that was removed.
func Merge(st feeds.State, holder string, now time.Time) feeds.State {
	st.Merged, st.Health, st.HealthAt = holder, "merged", now
	st.Phase, st.Fails, st.FirstFail, st.Doubt = feeds.Active, 0, time.Time{}, false
	st.LastError = "not polled itself: it has moved to " + feeds.SafeURL(st.URL) + ", the address of feed " + holder + "; remove one of the two"
	st.NextPoll, st.Slot = now.Add(mergedCheck), time.Time{}
	st.Hub, st.HubTopic, st.HubSecret, st.HubToken = "", "", "", ""
	st.LeaseFrom, st.LeaseUntil = time.Time{}, time.Time{}
	return st
}

// Part ends a merge: the feed is polled itself again, at its learnt address.
func Part(st feeds.State) feeds.State {
	st.Merged, st.Health, st.LastError = "", "", ""
	return st
}

// MergedInto is the event of a move whose target is the address of the feed
// holder.
func MergedInto(e Event, holder string) Event {
	e.Text = strings.TrimSuffix(e.Text, polledThere) + ", the address of feed " + holder + ": only that one is polled from now on, and what this one brought stays; remove it from the configuration"
	return e
}
