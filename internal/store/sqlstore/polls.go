package sqlstore

import (
	"encoding/binary"
	"slices"
	"time"

	"watcher/internal/store"
)

// A feed's newest polls stand in its row, packed: a table of them would be
// written far more often than it is read. One poll is
// 6 bytes ms since 1970 | 2 ms elapsed | 2 status | 1 outcome | 2 new | 3 bytes read.
const (
	pollSize = 16
	maxPolls = 50
)

// outcomes gives each word its number; append only.
var outcomes = []string{"", "other", "ok", "unchanged", "damaged", "page", "not_feed", "odd_status", "refused", "not_found", "denied",
	"forbidden", "gone", "precondition", "too_many", "server_error", "network", "too_large", "held", "baseline", "new", "failed", "error"}

func packPoll(p store.Poll) []byte {
	if p.At.IsZero() {
		return []byte{}
	}
	word := slices.Index(outcomes, p.Outcome)
	if word < 0 {
		word = 1
	}
	b := make([]byte, 0, 24)
	b = append(b, binary.BigEndian.AppendUint64(nil, uint64(p.At.UnixMilli()))[2:]...)
	b = binary.BigEndian.AppendUint16(b, uint16(between(p.Elapsed.Milliseconds(), 1<<16-1)))
	b = binary.BigEndian.AppendUint16(b, uint16(p.Status))
	b = append(b, byte(word))
	b = binary.BigEndian.AppendUint16(b, uint16(between(int64(p.New), 1<<16-1)))
	return append(b, binary.BigEndian.AppendUint32(nil, uint32(between(int64(p.Bytes), 1<<24-1)))[1:]...)
}

func between(n, most int64) int64 { return min(max(n, 0), most) }

func unpackPolls(b []byte) []store.Poll {
	var out []store.Poll
	for ; len(b) >= pollSize; b = b[pollSize:] {
		p := store.Poll{
			At:      time.UnixMilli(int64(binary.BigEndian.Uint64(append([]byte{0, 0}, b[:6]...)))).UTC(),
			Elapsed: time.Duration(binary.BigEndian.Uint16(b[6:])) * time.Millisecond,
			Status:  int(binary.BigEndian.Uint16(b[8:])),
			New:     int(binary.BigEndian.Uint16(b[11:])),
			Bytes:   int(b[13])<<16 | int(b[14])<<8 | int(b[15]),
		}
		if n := int(b[10]); n < len(outcomes) {
			p.Outcome = outcomes[n]
		}
		out = append(out, p)
	}
	return out
}
