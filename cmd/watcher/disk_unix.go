//go:build unix

package main

import "golang.org/x/sys/unix"

// diskFree is the space that this user may still fill.
func diskFree(dir string) (uint64, bool) {
	var s unix.Statfs_t
	if unix.Statfs(dir, &s) != nil {
		return 0, false
	}
	return uint64(s.Bavail) * uint64(s.Bsize), true
}
