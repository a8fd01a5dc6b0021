package story

import (
	"crypto/sha256"
	"encoding/base32"
	"encoding/binary"
)

// A story's id starts with the hour of the item that started it, so that the
// stories of a day stand together in every index of the store, however many
// came before: a random id has each of them touch pages of its own.

const (
	idHead  = "st_"
	idHours = 4 // characters of five bits: until the year 2089
)

// inOrder has the letters of Base32 in the order of their bytes.
var inOrder = base32.NewEncoding("234567abcdefghijklmnopqrstuvwxyz").WithPadding(base32.NoPadding)

// hourOf writes the hour of a time, in seconds since 1970.
func hourOf(at int64) string {
	var b [4]byte
	binary.BigEndian.PutUint32(b[:], uint32(max(0, at)/3600)<<(32-5*idHours))
	return inOrder.EncodeToString(b[:])[:idHours]
}

// storyID makes an id of an hour and of what tells the story from all others.
func storyID(hour, key string) string {
	h := sha256.Sum256([]byte(key))
	return idHead + hour + inOrder.EncodeToString(h[:])[:16-idHours]
}

// idWithin makes one for a part of a story, which starts in the same hour.
func idWithin(story, key string) string {
	hour := hourOf(0)
	if from := len(idHead); len(story) >= from+idHours {
		hour = story[from : from+idHours]
	}
	return storyID(hour, key)
}
