package store

import (
	"fmt"
	"strconv"
	"strings"
)

// ItemID is the public form of an item's number: a_ and base 36.
func ItemID(id int64) string { return "a_" + strconv.FormatInt(id, 36) }

// ParseItemID reads the public form of an item's number.
func ParseItemID(s string) (int64, error) {
	digits, ok := strings.CutPrefix(s, "a_")
	id, err := strconv.ParseInt(digits, 36, 64)
	if !ok || err != nil || id <= 0 {
		return 0, fmt.Errorf("%q is no item id (they look like a_1f3k)", s)
	}
	return id, nil
}
