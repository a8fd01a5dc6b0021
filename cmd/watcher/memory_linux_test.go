package main

import (
	"os"
	"path/filepath"
	"slices"
	"testing"
	"unsafe"

	"golang.org/x/sys/unix"
)

// TestAsInFile maps a file twice for reading: as it is, and as a dynamic linker
// leaves what it has put right, whose pages are the process's own.
func TestAsInFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "program")
	size := os.Getpagesize()
	if err := os.WriteFile(path, make([]byte, size), 0o600); err != nil {
		t.Fatal(err)
	}
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	mapped := func(write bool) uintptr {
		b, err := unix.Mmap(int(f.Fd()), 0, size, unix.PROT_READ|unix.PROT_WRITE, unix.MAP_PRIVATE)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { unix.Munmap(b) })
		if write {
			b[0] = 1
		}
		if err := unix.Mprotect(b, unix.PROT_READ); err != nil {
			t.Fatal(err)
		}
		if (b[0] != 0) != write { // read, it is in memory
			t.Fatalf("the first byte is %d", b[0])
		}
		return uintptr(unsafe.Pointer(&b[0]))
	}
	clean, written := mapped(false), mapped(true)
	smaps, err := os.Open("/proc/self/smaps")
	if err != nil {
		t.Skip("left out: this needs /proc/self/smaps, which the kernel or the sandbox lacks: ", err)
	}
	defer smaps.Close()
	got := asInFile(smaps, path)
	if want := [][2]uintptr{{clean, clean + uintptr(size)}}; !slices.Equal(got, want) {
		t.Errorf("as in the file are %x, want %x; written was %x", got, want, written)
	}
}
