package main

import (
	"bytes"
	"context"
	"net"
	"os"
	"strings"
	"testing"

	"watcher/internal/store/pgtest"
)

// TestMain lets the test binary stand in for the built program: with
// WATCHER_TEST_MAIN set it is watcher itself.
func TestMain(m *testing.M) {
	if os.Getenv("WATCHER_TEST_MAIN") != "" {
		if addr := os.Getenv(testNames); addr != "" {
			net.DefaultResolver = &net.Resolver{PreferGo: true, Dial: func(ctx context.Context, network, _ string) (net.Conn, error) {
				return new(net.Dialer).DialContext(ctx, network, addr)
			}}
		}
		main()
		os.Exit(0)
	}
	os.Exit(pgtest.Main(m))
}

// result is what a verb did.
type result struct {
	code           int
	stdout, stderr string
}

// call runs a verb in this process.
func call(t *testing.T, stdin string, args ...string) result {
	t.Helper()
	var out, errs bytes.Buffer
	e := &env{stdin: strings.NewReader(stdin), stdout: &out, stderr: &errs, getenv: os.Getenv}
	code := run(context.Background(), e, args)
	if strings.Contains(out.String(), `"0001-01-01T`) {
		t.Errorf("%v: a time that is not known stands as the year 1:\n%s", args, &out)
	}
	return result{code, out.String(), errs.String()}
}

func TestVersion(t *testing.T) {
	r := call(t, "", "version")
	if r.code != exitOK || !strings.HasPrefix(r.stdout, "watcher ") {
		t.Errorf("got %+v", r)
	}
}

func TestUsage(t *testing.T) {
	for _, c := range []struct {
		args []string
		want string
	}{
		{[]string{"nosuch"}, "unknown command"},
		{[]string{"version", "x"}, "unknown command"},
		{[]string{"version", "--nosuch"}, "unknown flag"},
		{[]string{"run", "-c", "/nonexistent/config.yaml"}, "no such file"},
		{[]string{"run", "--log-format", "xml", "-c", "x"}, "write text or json"},
		{[]string{"check", "-c", ""}, "no configuration"},
	} {
		r := call(t, "", c.args...)
		if r.code != exitUsage || !strings.Contains(r.stderr+r.stdout, c.want) {
			t.Errorf("%v: got %+v, want exit 2 and %q", c.args, r, c.want)
		}
	}
}
