package main

import (
	"encoding/json"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"

	"github.com/prometheus/client_golang/prometheus"
	"go.yaml.in/yaml/v4"

	"watcher/internal/metrics"
)

// deployed reads a file of deploy/ or docs/.
func deployed(t *testing.T, path ...string) string {
	t.Helper()
	data, err := os.ReadFile(filepath.Join(append([]string{"..", ".."}, path...)...))
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

// metricNames are the names that the code registers.
func metricNames(t *testing.T) []string {
	t.Helper()
	var names []string
	m := reflect.ValueOf(metrics.New("v1", true)).Elem()
	for i := range m.NumField() {
		if !m.Type().Field(i).IsExported() {
			continue
		}
		c, ok := m.Field(i).Interface().(prometheus.Collector)
		if !ok || m.Type().Field(i).Name == "Registry" {
			continue
		}
		ds := make(chan *prometheus.Desc, 10)
		c.Describe(ds)
		close(ds)
		for d := range ds {
			names = append(names, regexp.MustCompile(`fqName: "([^"]+)"`).FindStringSubmatch(d.String())[1])
		}
	}
	return names
}

// TestMetricNames: code, docs, dashboard and alert rules speak of the same
// metrics; what an operator may look up, the docs and the dashboard have.
func TestMetricNames(t *testing.T) {
	names := metricNames(t)
	if len(names) < 20 {
		t.Fatalf("only %d metrics", len(names))
	}
	word := regexp.MustCompile(`\bwatcher_[a-z_]+`)
	for _, f := range [][]string{{"docs", "operations.md"}, {"deploy", "dashboard.json"}, {"deploy", "alerts.yaml"}} {
		text := deployed(t, f...)
		for _, w := range word.FindAllString(text, -1) {
			if !slices.Contains(names, regexp.MustCompile(`_(bucket|sum|count)$`).ReplaceAllString(w, "")) {
				t.Errorf("%s names %s, which nothing registers", f[1], w)
			}
		}
		for _, n := range names {
			if f[1] != "alerts.yaml" && !strings.Contains(text, n) && !(f[1] == "dashboard.json" && strings.HasPrefix(n, "watcher_feed_")) {
				t.Errorf("%s does not name %s", f[1], n)
			}
		}
	}
	if !json.Valid([]byte(deployed(t, "deploy", "dashboard.json"))) {
		t.Error("dashboard.json is no JSON")
	}
}

func TestAlertRules(t *testing.T) {
	text := deployed(t, "deploy", "alerts.yaml")
	if n := strings.Count(text, "- alert:"); n != 8 {
		t.Errorf("%d rules, want 8", n)
	}
	promtool, err := exec.LookPath("promtool")
	if err != nil {
		t.Skip("no promtool here: install prometheus to check the rules")
	}
	for _, args := range [][]string{{"check", "rules", "alerts.yaml"}, {"test", "rules", "alerts_test.yaml"}} {
		cmd := exec.Command(promtool, args...)
		cmd.Dir = filepath.Join("..", "..", "deploy")
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Errorf("promtool %v: %v\n%s", args, err, out)
		}
	}
}

// TestUnit: systemd takes the unit, and finds it tight.
func TestUnit(t *testing.T) {
	analyze, err := exec.LookPath("systemd-analyze")
	if err != nil {
		t.Skip("no systemd-analyze here: install systemd to check the unit")
	}
	text := strings.Replace(deployed(t, "deploy", "watcher.service"), "ExecStart=/usr/bin/watcher", "ExecStart=/bin/true", 1)
	text = strings.Replace(text, "Documentation=man:watcher(1)\n", "", 1)
	file := filepath.Join(t.TempDir(), "watcher.service")
	if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	out, err := exec.Command(analyze, "verify", "--man=no", file).CombinedOutput()
	for line := range strings.Lines(string(out)) {
		// systemd before 253 knows Type=notify but not notify-reload.
		if strings.Contains(line, "watcher.service") && !strings.Contains(line, "notify-reload") {
			t.Errorf("verify (%v): %s", err, line)
		}
	}
	if out, err := exec.Command(analyze, "security", "--offline=true", "--threshold=20", file).CombinedOutput(); err != nil {
		t.Errorf("security: more than 2.0 of 10 (%v):\n%s", err, out)
	}
}

// socket listens as systemd does and collects what it is told.
func socket(t *testing.T) (path string, told func() string) {
	t.Helper()
	dir, err := os.MkdirTemp("", "sd") // short: such paths are bounded
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	path = filepath.Join(dir, "n")
	c, err := net.ListenUnixgram("unixgram", &net.UnixAddr{Name: path, Net: "unixgram"})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	log := &safeBuffer{}
	go func() {
		buf := make([]byte, 4096)
		for {
			n, err := c.Read(buf)
			if err != nil {
				return
			}
			fmt.Fprintf(log, "%s\n--\n", buf[:n])
		}
	}()
	return path, log.String
}

// TestNotify: systemd hears READY, a reload from its beginning to its end, the
// watchdog with a status, and STOPPING.
func TestNotify(t *testing.T) {
	d := newDesk(t)
	file := d.config("@every 1m", "/one", "/two")
	path, told := socket(t)
	t.Setenv("NOTIFY_SOCKET", path)
	t.Setenv("WATCHDOG_USEC", strconv.Itoa(900_000))
	p := start(t, "run", "-c", file)
	wait(t, "READY", waitLong, func() bool { return strings.Contains(told(), "READY=1") })
	wait(t, "WATCHDOG and STATUS", waitLong, func() bool {
		return strings.Contains(told(), "STATUS=2 feeds, 0 failing, 0 queued\nWATCHDOG=1")
	})
	p.cmd.Process.Signal(syscall.SIGHUP)
	wait(t, "the reload", waitLong, func() bool {
		s := told()
		i := strings.Index(s, "RELOADING=1\nMONOTONIC_USEC=")
		return i > 0 && strings.Contains(s[i:], "READY=1")
	})
	if code, _ := p.stop(); code != exitOK {
		t.Errorf("exit %d", code)
	}
	wait(t, "STOPPING", waitLong, func() bool { return strings.Contains(told(), "STOPPING=1") })
}

// TestPackaging: what no engine here can run is at least what it should be.
func TestPackaging(t *testing.T) {
	service := func(file, name string) map[string]any {
		var doc struct{ Services map[string]map[string]any }
		if err := yaml.Unmarshal([]byte(deployed(t, "deploy", file)), &doc); err != nil {
			t.Fatalf("%s: %v", file, err)
		}
		s := doc.Services[name]
		if s == nil {
			t.Fatalf("%s has no service %s", file, name)
		}
		return s
	}
	for _, file := range []string{"compose.yaml", "compose.postgres.yaml"} {
		s := service(file, "watcher")
		if s["read_only"] != true || fmt.Sprint(s["cap_drop"]) != "[ALL]" || fmt.Sprint(s["security_opt"]) != "[no-new-privileges:true]" {
			t.Errorf("%s: watcher is not locked in: %v", file, s)
		}
	}
	if s := service("compose.postgres.yaml", "watcher"); fmt.Sprint(s["deploy"]) != "map[replicas:2]" {
		t.Errorf("replicas: %v", s["deploy"])
	}
	docker := deployed(t, "Dockerfile")
	for _, want := range []string{"USER 65532:65532", "HEALTHCHECK", `"health"`, "CGO_ENABLED=0", "-trimpath"} {
		if !strings.Contains(docker, want) {
			t.Errorf("Dockerfile has no %s", want)
		}
	}
	var release struct {
		Version  int
		Builds   []struct{ Goos, Goarch, Env, Flags []string }
		Checksum map[string]any
		Sboms    []map[string]any
		Nfpms    []struct {
			Formats  []string
			Contents []struct{ Src, Dst string }
			Scripts  map[string]string
		}
	}
	if err := yaml.Unmarshal([]byte(deployed(t, ".goreleaser.yaml")), &release); err != nil {
		t.Fatal(err)
	}
	b := release.Builds
	if len(b) != 1 || !slices.Contains(b[0].Goos, "darwin") || !slices.Contains(b[0].Goos, "windows") || !slices.Contains(b[0].Goarch, "arm64") || !slices.Contains(b[0].Env, "CGO_ENABLED=0") || !slices.Contains(b[0].Flags, "-trimpath") {
		t.Errorf("builds: %+v", b)
	}
	if len(release.Sboms) == 0 || release.Checksum == nil || len(release.Nfpms) != 1 || !slices.Contains(release.Nfpms[0].Formats, "deb") {
		t.Errorf("sbom, checksums, packages: %+v", release)
	}
	for _, c := range release.Nfpms[0].Contents {
		if c.Src == "" || strings.HasPrefix(c.Src, "dist/") {
			continue
		}
		if _, err := os.Stat(filepath.Join("..", "..", c.Src)); err != nil {
			t.Errorf("the package wants %s: %v", c.Src, err)
		}
	}
}
