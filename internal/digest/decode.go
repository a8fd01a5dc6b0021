package digest

import (
	"encoding/json"
	"fmt"
	"strings"
)

// Encode is the stored form of a document.
func (d *Document) Encode() ([]byte, error) { return json.Marshal(d) }

// Decode reads a stored document.
func Decode(data []byte) (Document, error) {
	var d Document
	if err := json.Unmarshal(data, &d); err != nil {
		return d, fmt.Errorf("stored digest: %w", err)
	}
	if !strings.HasPrefix(d.Schema, "watcher.digest.") {
		return d, fmt.Errorf("stored digest: schema %q is not one of watcher", d.Schema)
	}
	return d, nil
}
