package main

import (
	"bufio"
	"io"
	"os"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"
)

// dropProgram takes the pages of code and constants out of our memory: half of
// them are the start's (every package's init, flags, the schema), and the
// kernel keeps all that were read once. They are the file's, so that nothing is
// lost.
func dropProgram() {
	exe, err := os.Readlink("/proc/self/exe")
	if err != nil {
		return
	}
	maps, err := os.Open("/proc/self/smaps")
	if err != nil {
		return
	}
	defer maps.Close()
	for _, m := range asInFile(maps, exe) {
		unix.Syscall(unix.SYS_MADVISE, m[0], m[1]-m[0], unix.MADV_DONTNEED)
	}
}

// asInFile reads smaps and gives from where to where a file is mapped for
// reading, and stands in memory as it stands there. What the dynamic linker
// puts right at the start of a position-independent program is for reading only
// from then on, but it is not: dropped, the addresses in it would be lost.
func asInFile(smaps io.Reader, file string) (out [][2]uintptr) {
	var from, to uint64
	ours := false
	for lines := bufio.NewScanner(smaps); lines.Scan(); {
		first, rest, _ := strings.Cut(lines.Text(), " ")
		if !strings.HasSuffix(first, ":") { // from-to mode offset device inode path
			a, b, _ := strings.Cut(first, "-")
			var err1, err2 error
			from, err1 = strconv.ParseUint(a, 16, 64)
			to, err2 = strconv.ParseUint(b, 16, 64)
			ours = err1 == nil && err2 == nil && strings.HasPrefix(rest, "r-") && strings.HasSuffix(rest, " "+file)
			continue
		}
		if ours && first == "Anonymous:" && strings.TrimSpace(rest) == "0 kB" { // no page is a copy that was written
			out = append(out, [2]uintptr{uintptr(from), uintptr(to)})
		}
	}
	return out
}
