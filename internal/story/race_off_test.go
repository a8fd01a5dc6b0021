//go:build !race

package story

const raced = false
