package main

import (
	"os"
	"runtime/debug"
)

// staySmall has garbage collected at half the usual growth, unless GOGC says
// otherwise: a daemon rests most of the time and shares its machine.
func staySmall() {
	if os.Getenv("GOGC") == "" {
		debug.SetGCPercent(50)
	}
}

// settle gives back what only the start needed: the garbage of reading the
// configuration, and the pages of the program itself. What is used again comes
// from the page cache as it is called.
func settle() {
	debug.FreeOSMemory()
	dropProgram()
}
