package main

import "golang.org/x/sys/windows"

// diskFree is the space that this user may still fill.
func diskFree(dir string) (free uint64, ok bool) {
	p, err := windows.UTF16PtrFromString(dir)
	if err != nil {
		return 0, false
	}
	return free, windows.GetDiskFreeSpaceEx(p, &free, nil, nil) == nil
}
