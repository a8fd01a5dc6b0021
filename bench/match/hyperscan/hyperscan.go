// Package hyperscan scans texts for literals with Hyperscan, which the
// benchmark beside it measures. It needs libhyperscan-dev and cgo.
package hyperscan

/*
#cgo pkg-config: libhs
#include <hs.h>
#include <stdlib.h>

static int found(unsigned int id, unsigned long long from, unsigned long long to, unsigned int flags, void *count) {
	(*(unsigned long long *)count)++;
	return 0;
}

static unsigned long long scan(hs_database_t *db, hs_scratch_t *scratch, const char *text, unsigned int n) {
	unsigned long long count = 0;
	hs_scan(db, text, n, 0, scratch, found, &count);
	return count;
}
*/
import "C"

import (
	"fmt"
	"unsafe"
)

// Scanner finds any of a set of literals, whatever their case.
type Scanner struct {
	db      *C.hs_database_t
	scratch *C.hs_scratch_t
}

// New compiles the literals.
func New(literals []string) (*Scanner, error) {
	n := len(literals)
	texts := make([]*C.char, n)
	flags, ids, sizes := make([]C.uint, n), make([]C.uint, n), make([]C.size_t, n)
	for i, l := range literals {
		texts[i] = C.CString(l)
		defer C.free(unsafe.Pointer(texts[i]))
		flags[i], ids[i], sizes[i] = C.HS_FLAG_CASELESS|C.HS_FLAG_SINGLEMATCH, C.uint(i), C.size_t(len(l))
	}
	s := &Scanner{}
	var bad *C.hs_compile_error_t
	if C.hs_compile_lit_multi(&texts[0], &flags[0], &ids[0], &sizes[0], C.uint(n), C.HS_MODE_BLOCK, nil, &s.db, &bad) != C.HS_SUCCESS {
		return nil, fmt.Errorf("hyperscan: %s", C.GoString(bad.message))
	}
	if C.hs_alloc_scratch(s.db, &s.scratch) != C.HS_SUCCESS {
		return nil, fmt.Errorf("hyperscan: no scratch")
	}
	return s, nil
}

// Scan counts the literals that stand in the text.
func (s *Scanner) Scan(text string) int {
	if text == "" {
		return 0
	}
	return int(C.scan(s.db, s.scratch, (*C.char)(unsafe.Pointer(unsafe.StringData(text))), C.uint(len(text))))
}
