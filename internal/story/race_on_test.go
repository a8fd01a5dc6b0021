//go:build race

package story

// raced makes the measured tests take a part of their sets: the race detector
// makes them ten times slower, and there is one goroutine.
const raced = true
