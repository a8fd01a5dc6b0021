package config

import (
	"crypto/sha256"
	"encoding/hex"
	"reflect"

	"go.yaml.in/yaml/v4"
)

// Block is a mapping that its owner decodes later: a receiver's own keys.
type Block struct {
	d    *decoder
	node *yaml.Node
	path string
}

// Decode reads the block into a struct with yaml tags; unknown keys and wrong
// values are errors. All of them are in the returned error's Problems.
func (b Block) Decode(v any) error {
	if b.d == nil {
		return nil
	}
	d := *b.d
	d.problems, d.missing = nil, nil
	d.value(b.node, reflect.ValueOf(v).Elem(), b.path)
	if len(d.problems) > 0 {
		return Problems(d.problems)
	}
	return nil
}

// Has tells whether a key stands in the block and is not empty.
func (b Block) Has(key string) bool {
	if b.node == nil {
		return false
	}
	for _, e := range entries(b.node) {
		if v := resolve(e.value); e.key.Value == key {
			return v.Value != "" || len(v.Content) > 0
		}
	}
	return false
}

// Fingerprint changes when the block does; it holds no secret.
func (b Block) Fingerprint() string {
	if b.node == nil {
		return ""
	}
	text, err := yaml.Marshal(b.node)
	if err != nil {
		return ""
	}
	sum := sha256.Sum256(text)
	return hex.EncodeToString(sum[:8])
}
