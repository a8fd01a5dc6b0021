package main

import (
	"os"
	"runtime/debug"
)

// How far the heap may grow before it is collected, in percent. A daemon rests
// most of the time and shares its machine; a single round is paid for in time.
const (
	daemonGrowth = 25
	roundGrowth  = 50
)

// staySmall has garbage collected sooner than usual, unless GOGC says otherwise.
func staySmall(growth int) {
	if os.Getenv("GOGC") == "" {
		debug.SetGCPercent(growth)
	}
}

// settle gives back what only the start needed: the garbage of reading the
// configuration, and the pages of the program itself. What is used again comes
// from the page cache as it is called.
func settle() {
	debug.FreeOSMemory()
	dropProgram()
}
