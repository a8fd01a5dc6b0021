//go:build !linux

package app

// monotonic is not needed where there is no systemd.
func monotonic() (int64, bool) { return 0, false }
