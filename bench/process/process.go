// Package process reads from Linux' /proc what a running process costs.
package process

import (
	"fmt"
	"os"
	"strconv"
	"strings"
	"time"
)

// CPU is a process' user and system time so far, in steps of 10 ms. The error
// says that it ended.
func CPU(pid int) (time.Duration, error) {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return 0, fmt.Errorf("process %d ended: %w", pid, err)
	}
	// pid (name) state ppid …: the name may hold anything.
	fields := strings.Fields(string(text[strings.LastIndexByte(string(text), ')')+1:]))
	if len(fields) < 13 {
		return 0, fmt.Errorf("process %d: /proc/%d/stat has %d fields", pid, pid, len(fields))
	}
	user, _ := strconv.ParseInt(fields[11], 10, 64)
	system, _ := strconv.ParseInt(fields[12], 10, 64)
	return time.Duration(user+system) * 10 * time.Millisecond, nil // ticks of 1/100 s
}

// ForgetPeak starts the peak of a process' memory anew.
func ForgetPeak(pid int) {
	os.WriteFile(fmt.Sprintf("/proc/%d/clear_refs", pid), []byte("5"), 0)
}

// Memory is what a process has resident, in bytes.
type Memory struct {
	Peak int64 // highest since the start or ForgetPeak
	File int64 // now, of the program and other files: pages that the kernel may drop
}

// MemoryOf gives a process' memory; all zero when it ended.
func MemoryOf(pid int) (m Memory) {
	text, _ := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	for line := range strings.Lines(string(text)) {
		name, value, _ := strings.Cut(line, ":")
		fields := strings.Fields(value)
		if len(fields) != 2 { // N kB
			continue
		}
		kb, _ := strconv.ParseInt(fields[0], 10, 64)
		switch name {
		case "VmHWM":
			m.Peak = kb * 1024
		case "RssFile":
			m.File = kb * 1024
		}
	}
	return m
}
