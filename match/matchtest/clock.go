package matchtest

import (
	"os"
	"runtime"
	"strconv"
	"syscall"
	"testing"
	"time"
)

// rusageThread asks for the times of the calling thread (Linux).
const rusageThread = 1

// cpu gives the processor time that this thread has used; where the system
// cannot say, the time of day.
func cpu() time.Duration {
	var u syscall.Rusage
	if syscall.Getrusage(rusageThread, &u) != nil {
		return time.Duration(time.Now().UnixNano())
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// Limit bounds how many items a benchmark takes, by WATCHER_BENCH_ITEMS: fewer
// items are passed over more often, which a busy machine needs.
func Limit[T any](items []T) []T {
	if n, err := strconv.Atoi(os.Getenv("WATCHER_BENCH_ITEMS")); err == nil && n > 0 && n < len(items) {
		return items[:n]
	}
	return items
}

// Best runs work again and again and gives the least processor time it took.
func Best(b *testing.B, work func()) time.Duration {
	b.Helper()
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	best := time.Duration(0)
	for b.Loop() {
		start := cpu()
		work()
		if d := cpu() - start; best == 0 || d < best {
			best = d
		}
	}
	return best
}

// Measure runs work on every chunk of n items, pass after pass, and reports the
// processor time an item: the sum of each chunk's best pass, so that neighbours
// on the machine do not count. It gives that time.
func Measure(b *testing.B, n int, work func(i int)) time.Duration {
	b.Helper()
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	chunks := max(1, min(100, n/150))
	best := make([]time.Duration, chunks)
	for b.Loop() {
		for c := range chunks {
			start := cpu()
			for i := c * n / chunks; i < (c+1)*n/chunks; i++ {
				work(i)
			}
			if d := cpu() - start; best[c] == 0 || d < best[c] {
				best[c] = d
			}
		}
	}
	sum := time.Duration(0)
	for _, d := range best {
		sum += d
	}
	b.ReportMetric(0, "ns/op")
	b.ReportMetric(float64(sum.Nanoseconds())/1e3/float64(n), "us/item")
	return sum / time.Duration(n)
}
