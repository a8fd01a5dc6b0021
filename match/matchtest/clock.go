package matchtest

import (
	"os"
	"runtime"
	"strconv"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// cpu gives the processor time that this thread has used, to the nanosecond;
// where the system cannot say, the time of day. What getrusage tells is counted
// up once a tick of the scheduler, which is longer than a chunk of work.
func cpu() time.Duration {
	var t unix.Timespec
	if unix.ClockGettime(unix.CLOCK_THREAD_CPUTIME_ID, &t) != nil {
		return time.Duration(time.Now().UnixNano())
	}
	return time.Duration(t.Nano())
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
	d := measure(b, n, work)[0]
	b.ReportMetric(0, "ns/op")
	b.ReportMetric(float64(d.Nanoseconds())/1e3/float64(n), "us/item")
	return d / time.Duration(n)
}

// Compare is Measure for work beside a base. They take turns, a chunk each, so
// that a busy time strikes both alike; us/NAME is the base's time and times-NAME
// what work takes of it.
func Compare(b *testing.B, n int, name string, base, work func(i int)) {
	b.Helper()
	d := measure(b, n, base, work)
	b.ReportMetric(0, "ns/op")
	b.ReportMetric(float64(d[1].Nanoseconds())/1e3/float64(n), "us/item")
	b.ReportMetric(float64(d[0].Nanoseconds())/1e3/float64(n), "us/"+name)
	b.ReportMetric(float64(d[1])/float64(d[0]), "times-"+name)
}

// measure gives for each work the sum of the best times of its chunks.
func measure(b *testing.B, n int, works ...func(i int)) []time.Duration {
	b.Helper()
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	chunks := max(1, min(100, n/150))
	best := make([][]time.Duration, len(works))
	for w := range best {
		best[w] = make([]time.Duration, chunks)
	}
	for b.Loop() {
		for c := range chunks {
			for w, work := range works {
				// Elsewhere in the items, so that no work finds them warm from the last.
				k := (c + w*chunks/len(works)) % chunks
				start := cpu()
				for i := k * n / chunks; i < (k+1)*n/chunks; i++ {
					work(i)
				}
				if d := cpu() - start; best[w][k] == 0 || d < best[w][k] {
					best[w][k] = d
				}
			}
		}
	}
	sums := make([]time.Duration, len(works))
	for w := range best {
		for _, d := range best[w] {
			sums[w] += d
		}
	}
	return sums
}
